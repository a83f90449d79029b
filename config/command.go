package config

import (
	"errors"
	"fmt"
	"strings"
)

// splitCommand splits a command into words at its blanks. Quotes of both kinds
// keep blanks in a word; a backslash does it for a blank, a quote or itself and
// is an ordinary character before anything else, so that Windows paths survive.
//
// What only a shell would understand is an error rather than a strange argument
// of the command: operators, variables, substitutions, patterns, and variables
// set in front.
func splitCommand(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	var quote rune
	shell := func(what string) ([]string, error) {
		return nil, fmt.Errorf("`%s` needs a shell, and there is none: quote it with '…', or write [\"sh\", \"-c\", \"…\"]", what)
	}
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case quote == '\'' && r != '\'':
			word.WriteRune(r)
		case r == '\\' && i+1 < len(runes) && strings.ContainsRune(" \"'\\", runes[i+1]):
			i++
			word.WriteRune(runes[i])
			inWord = true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case r == '$' || r == '`':
			return shell(string(r))
		case quote != 0:
			word.WriteRune(r)
		case strings.ContainsRune("&|;<>()*?\n", r):
			end := i + 1
			for end < len(runes) && runes[end] == r {
				end++
			}
			return shell(strings.ReplaceAll(string(runes[i:end]), "\n", "a second line"))
		case r == ' ' || r == '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if inWord {
		words = append(words, word.String())
	}
	if len(words) == 0 || words[0] == "" {
		return nil, errors.New("is an empty command")
	}
	return words, nil
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
