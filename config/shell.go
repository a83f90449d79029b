package config

import (
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// A step is one simple command of a shell's command line.
type step struct {
	words    []argv.Token
	from, to int // in the line
	// more begins at an operator ("|", ">", "||") that its words end at; empty if
	// there is none.
	more string
}

// splitShell splits the line that a .air.toml has a shell run at && and ;, into
// steps and their words.
func splitShell(line string) ([]step, error) {
	tokens, err := argv.Scan(line, argv.Script)
	if err != nil {
		return nil, err
	}
	var steps []step
	var now step
	finish := func(at int) {
		if now.to = at; len(now.words) > 0 || now.more != "" {
			steps = append(steps, now)
		}
		now = step{}
	}
	for _, t := range tokens {
		switch {
		case t.Operator && (t.Text == "&&" || t.Text == ";" || t.Text == "\n"):
			finish(t.From)
		case now.more != "":
		case t.Operator:
			now.more = line[t.From:]
			if n := len(now.words); n > 0 && now.words[n-1].To == t.From {
				if last := now.words[n-1]; strings.Trim(line[last.From:last.To], "0123456789") == "" { // 2>
					now.words = now.words[:n-1]
				}
			}
		default:
			if len(now.words) == 0 {
				now.from = t.From
			}
			now.words = append(now.words, t)
		}
	}
	finish(len(line))
	return steps, nil
}

// texts are the words; ok reports whether no shell is needed for them.
func (s step) texts() (texts []string, ok bool) {
	ok = s.more == ""
	for _, w := range s.words {
		texts = append(texts, w.Text)
		ok = ok && len(w.Special) == 0
	}
	return texts, ok
}
