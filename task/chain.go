package task

import (
	"path/filepath"
	"strings"
)

// A Chain is how one run led to the next.
type Chain []Link

// A Link: the task By wrote File, which triggers the task To.
type Link struct {
	By, File, To string
}

// runs counts how often a task is run before the last link.
func (c Chain) runs(name string) (n int) {
	for _, l := range c {
		if l.By == name {
			n++
		}
	}
	return n
}

// Words is the chain as a sentence, with files relative to dir: "templ wrote
// a_templ.go, which triggers sqlc, which wrote b.go, which triggers templ".
func (c Chain) Words(dir string) string {
	var b strings.Builder
	for i, l := range c {
		if i == 0 {
			b.WriteString(l.By)
		} else {
			b.WriteString(", which")
		}
		file := l.File
		if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
			file = filepath.ToSlash(rel)
		}
		b.WriteString(" wrote " + file + ", which triggers " + l.To)
	}
	return b.String()
}
