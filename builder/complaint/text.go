package complaint

import (
	"strings"
	"unicode/utf8"

	"github.com/hotdev/hotdev/internal/safe"
)

// maxText limits a message: longer than any line that a person reads, and short enough
// for a screen that wraps it (a linker prints its whole command line).
const maxText = 1000

// Clean makes a line safe to print, as [safe.Text] does, removes its carriage return,
// and cuts it at maxText.
func Clean(s string) string {
	s = safe.Text(strings.TrimRight(s, "\r"))
	if len(s) > maxText {
		cut := maxText
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}

var noCache = lazy(`(?:initialize build cache at|build cache is (?:disabled|required)[^:]*:) *([^:]*)(?:: (.*))?`)

// NoCache parses a line in which the go command says that its build cache cannot be
// used: the cache's folder, and the reason.
func NoCache(line string) (file, reason string, ok bool) {
	m := noCache().FindStringSubmatch(line)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}
