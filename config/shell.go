package config

import (
	"errors"
	"strings"
)

// A step is one simple command of a shell's command line.
type step struct {
	words    []word
	from, to int // in the line
	// more begins at an operator ("|", ">", "||") that its words end at; empty if
	// there is none.
	more string
}

// A word is one word of a step.
type word struct {
	text     string // without quotes
	from, to int    // in the line
	// shell: only a shell can tell what it stands for.
	shell bool
}

// splitShell splits the line that a .air.toml has a shell run at && and ;, into
// steps and their words. It reads quotes and backslashes as [splitCommand] does.
func splitShell(line string) ([]step, error) {
	var steps []step
	var now step
	var text strings.Builder
	begun, shell := -1, false // the word that is being read
	at := 0
	end := func(operator bool) {
		if begun >= 0 && now.more == "" && !(operator && strings.Trim(line[begun:at], "0123456789") == "") { // 2>
			now.words = append(now.words, word{text.String(), begun, at, shell})
		}
		text.Reset()
		begun, shell = -1, false
	}
	finish := func() {
		end(false)
		if now.to = at; len(now.words) > 0 || now.more != "" {
			steps = append(steps, now)
		}
		now = step{}
	}
	var quote byte
	for ; at < len(line); at++ {
		c, rest := line[at], line[at:]
		if strings.IndexByte(" \t\r\n&|;<>()", c) < 0 && quote == 0 && begun < 0 {
			if begun = at; len(now.words) == 0 && now.more == "" {
				now.from = at
			}
		}
		switch {
		case quote == '\'' && c != quote:
			text.WriteByte(c)
		case c == '\\' && len(rest) > 1 && strings.IndexByte(" \"'\\", rest[1]) >= 0:
			at++
			text.WriteByte(rest[1])
		case c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == '$' || c == '`':
			n := substitution(rest)
			if n == 0 {
				return nil, errors.New("what begins with $( or ` has no end")
			}
			shell = true
			text.WriteString(rest[:n])
			at += n - 1
		case quote != 0:
			text.WriteByte(c)
		case strings.HasPrefix(rest, "&&"):
			finish()
			at++
		case c == ';' || c == '\n':
			finish()
		case strings.IndexByte("&|<>()", c) >= 0:
			if end(true); now.more == "" {
				now.more = rest
			}
		case strings.IndexByte(" \t\r", c) >= 0:
			end(false)
		default:
			shell = shell || strings.IndexByte("*?[", c) >= 0 || c == '~' && begun == at
			text.WriteByte(c)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	finish()
	return steps, nil
}

// substitution is how long what a shell would replace at the beginning of s is;
// 0 if it has no end.
func substitution(s string) int {
	switch {
	case s[0] == '`':
		return strings.IndexByte(s[1:], '`') + 1 + min(1, strings.Count(s[1:], "`"))
	case !strings.HasPrefix(s, "$("):
		return 1
	}
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// texts are the words; ok reports whether no shell is needed for them.
func (s step) texts() (texts []string, ok bool) {
	ok = s.more == ""
	for _, w := range s.words {
		texts = append(texts, w.text)
		ok = ok && !w.shell
	}
	return texts, ok
}
