package mutate

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Diff returns the lines that the change removed from and added to each file, with those
// between them. Two places that change in a file, as in a moved declaration, are far
// apart at times; what is between them is left out then.
func (e Edit) Diff() string {
	var b strings.Builder
	for _, name := range e.Files() {
		fmt.Fprintln(&b, name)
		was, is := slices.Collect(bytes.Lines(e.before[name])), slices.Collect(bytes.Lines(e.after[name]))
		for len(was) > 0 && len(is) > 0 && bytes.Equal(was[0], is[0]) {
			was, is = was[1:], is[1:]
		}
		for len(was) > 0 && len(is) > 0 && bytes.Equal(was[len(was)-1], is[len(is)-1]) {
			was, is = was[:len(was)-1], is[:len(is)-1]
		}
		show(&b, "-", was)
		show(&b, "+", is)
	}
	return b.String()
}

// mostShown is how many lines are shown at the beginning and at the end of a piece.
const mostShown = 12

func show(b *strings.Builder, sign string, lines [][]byte) {
	for i, l := range lines {
		switch {
		case i < mostShown || i >= len(lines)-mostShown:
			fmt.Fprintf(b, "%s %s\n", sign, bytes.TrimSuffix(l, []byte("\n")))
		case i == mostShown:
			fmt.Fprintf(b, "%s … %d lines\n", sign, len(lines)-2*mostShown)
		}
	}
}
