package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// splitCommand splits a command into words as [argv.Script] has it. What only a
// shell would understand is an error rather than a strange argument of the
// command: operators, variables, substitutions, patterns, and variables set in
// front.
func splitCommand(s string) ([]string, error) {
	tokens, err := argv.Scan(s, argv.Script)
	var words []string
	for _, t := range tokens {
		if t.Operator {
			return nil, needsShell(s[t.From:])
		}
		for _, at := range t.Special {
			if strings.IndexByte("$`*?", s[at]) >= 0 { // [ and ~ stay what they are
				return nil, needsShell(s[at:])
			}
		}
		words = append(words, t.Text)
	}
	var mistake *argv.Error
	switch {
	case errors.As(err, &mistake): // the error that this becomes has a place of its own
		return nil, errors.New(mistake.Reason)
	case len(words) == 0 || words[0] == "":
		return nil, errors.New("is an empty command")
	}
	return words, nil
}

// needsShell is the error about what rest begins with.
func needsShell(rest string) error {
	what := rest[:1]
	if what != "$" && what != "`" {
		what = rest[:len(rest)-len(strings.TrimLeft(rest, what))]
	}
	return fmt.Errorf("`%s` needs a shell, and there is none: quote it with '…', or write [\"sh\", \"-c\", \"…\"]",
		strings.ReplaceAll(what, "\n", "a second line"))
}

// assignments splits leading NAME=value words off a command.
func assignments(words []string) (env map[string]string, rest []string) {
	for i, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || !isIdentifier(name) {
			return env, words[i:]
		}
		if env == nil {
			env = map[string]string{}
		}
		env[name] = value
	}
	return env, nil
}

// isIdentifier reports whether a shell would take name for a variable's.
func isIdentifier(name string) bool {
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
