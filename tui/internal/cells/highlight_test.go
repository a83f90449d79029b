package cells

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// colours names the inks of a line's words by letters: k keyword, s string, n
// number or constant, c comment, . all else.
func colours(l Look, r Row) string {
	var b strings.Builder
	for _, s := range r {
		c := "."
		switch s.Ink {
		case l.Accent:
			c = "k"
		case l.Good:
			c = "s"
		case l.Warn:
			c = "n"
		case l.Dim:
			c = "c"
		}
		b.WriteString(strings.Repeat(c, len(s.Text)))
	}
	return b.String()
}

func TestHighlightGo(t *testing.T) {
	l := NewLook("auto", true, colorprofile.TrueColor, false, ansi.WcWidth)
	for _, c := range []struct {
		what, file  string
		lines, want []string
	}{
		{"words", "a.go", []string{`return f("x", 10) // c`}, []string{`kkkkkk...sss..nn..cccc`}},
		{"constants, but not fields of that name", "a.go", []string{`x := nil`, `if !true {`}, []string{`.....nnn`, `kk..nnnn..`}},
		{"a comment over two lines", "a.go", []string{`a /* b`, `c */ d`}, []string{`..cccc`, `cccc..`}},
		{"a raw string that does not end", "a.go", []string{"x := `a", "b"}, []string{".....ss", "s"}},
		{"a string that does not end", "a.go", []string{`x := "a`, "if"}, []string{".....ss", "kk"}},
		{"no Go", "go.mod", []string{"module x // y"}, []string{"............."}},
	} {
		got := l.Highlight(c.file, c.lines, false)
		for i := range c.lines {
			if colours(l, got[i]) != c.want[i] || got[i].Text() != c.lines[i] {
				t.Errorf("%s: %q is coloured\n%s, want\n%s", c.what, c.lines[i], colours(l, got[i]), c.want[i])
			}
		}
	}
}

// TestHighlightAny: whatever stands in a file, the text is the same, and cut as
// if it had no colours.
func TestHighlightAny(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	parts := []string{"x", "func", " ", "    ", "世", "é", "\"", "'", "`", "/*", "*/", "//", "0x", "1e", ".", ":=", "\\", "#", "\ufffd", "\ufeff", ";", "{", "e\u0301"}
	l := NewLook("auto", true, colorprofile.TrueColor, false, ansi.WcWidth)
	for range 20_000 {
		var lines []string
		for range 1 + r.IntN(2) {
			var b strings.Builder
			for range r.IntN(14) {
				b.WriteString(parts[r.IntN(len(parts))])
			}
			lines = append(lines, b.String())
		}
		code := l.Highlight("a.go", lines, false)
		for i, line := range lines {
			if got := code[i].Text(); got != line {
				t.Fatalf("%q became %q", line, got)
			}
			shift, room := r.IntN(8)*r.IntN(2), 1+r.IntN(20)
			want := line
			if shift > 0 {
				want = l.Method.TruncateLeft(line, shift+l.Width(l.Ellipsis), l.Ellipsis)
			}
			want = l.Cut(want, room)
			if got := l.Clip(code[i], line, shift, room).Text(); got != want {
				t.Fatalf("clip(%q, %d, %d) = %q, want %q", line, shift, room, got, want)
			}
		}
	}
}
