package cells

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// monochrome is a look without colours.
func monochrome() Look { return NewLook("", true, colorprofile.ASCII, false, ansi.WcWidth) }

func TestWrapOutput(t *testing.T) {
	l := monochrome()
	for _, c := range []struct {
		what, in string
		w        int
		want     []string
	}{
		{"empty", "", 5, []string{""}},
		{"short", "abc", 5, []string{"abc"}},
		{"exactly as wide", "abcde", 5, []string{"abcde"}},
		{"one more", "abcdef", 5, []string{"abcde", "f"}},
		{"a colour goes on, and ends with each piece", "\x1b[31mabcdef", 3, []string{"\x1b[31mabc\x1b[m", "\x1b[31mdef\x1b[m"}},
		{"a colour that was reset does not", "\x1b[31mab\x1b[0mcdef", 3, []string{"\x1b[31mab\x1b[mc", "def"}},
		{"colours add up", "\x1b[1m\x1b[31mabcd", 3, []string{"\x1b[1m\x1b[31mabc\x1b[m", "\x1b[1m\x1b[31md\x1b[m"}},
		{"a reset within a sequence", "\x1b[1m\x1b[0;32mabcd", 3, []string{"\x1b[1m\x1b[0;32mabc\x1b[m", "\x1b[0;32md\x1b[m"}},
		{"unfinished colour does not leak", "\x1b[7mx", 5, []string{"\x1b[7mx\x1b[m"}},
		{"wide characters are not halved", "ab世界", 3, []string{"ab", "世", "界"}},
		{"tab", "a\tb", 20, []string{"a       b"}},
		{"a tab ends at the edge", "abc\td", 5, []string{"abc  ", "d"}},
		{"cursor movement is dropped", "a\x1b[2Jb\x1b[10;10Hc", 5, []string{"abc"}},
		{"titles are dropped", "a\x1b]0;title\x07b", 5, []string{"ab"}},
		{"control characters are dropped", "a\rb\x08c\x07", 5, []string{"abc"}},
		{"too wide for the column", "世a", 1, []string{"a"}},
		{"no width at all", "ab", 0, []string{"a", "b"}},
	} {
		got := l.WrapOutput(c.in, c.w)
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %q at %d is %q, want %q", c.what, c.in, c.w, got, c.want)
		}
	}
}

// TestWrapOutputAny: any bytes at all give lines of at most the width, that are
// valid and leave nothing in force.
func TestWrapOutputAny(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	parts := []string{"a", "bc", " ", "\t", "世", "é", "e\u0301", "👩‍👩‍👧", "❤️", "\x1b[31m", "\x1b[0m", "\x1b[38;2;1;2;3m", "\x1b[m", "\x1b[4:3m",
		"\x1b", "\x1b[", "\x1b[3", "\x1b]8;;http://x\x07", "\x1bP", "\x9b31m", "\xff", "\xc3", "\u200d", "\u202e", "\x00", "\n", "\r",
		"http://a.b/c", "https://[::1]:80/?d=(e).", "http:"}
	for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
		l := monochrome()
		l.Method, l.Links = method, true
		for range 20_000 {
			var b strings.Builder
			for range r.IntN(12) {
				b.WriteString(parts[r.IntN(len(parts))])
			}
			in, w := b.String(), 1+r.IntN(12)
			for _, line := range l.WrapOutput(in, w) {
				if n := l.Width(line); n > w {
					t.Fatalf("%q at %d: %q is %d wide", in, w, line, n)
				}
				if strings.ContainsAny(line, "\n\r\t\x00\x07") || !utf8.ValidString(line) {
					t.Fatalf("%q: unsafe %q", in, line)
				}
				opened, closed := strings.Count(line, "\x1b]8;;http"), strings.Count(line, LinkEnd)
				if opened != closed || opened+closed != strings.Count(line, "\x1b]") {
					t.Fatalf("%q: %q opens %d links and closes %d", in, line, opened, closed)
				}
				line = strings.ReplaceAll(line, LinkEnd, "")
				if i := strings.LastIndex(line, "\x1b["); i >= 0 && !strings.HasPrefix(line[i:], "\x1b[m") {
					t.Fatalf("%q: %q leaks", in, line)
				}
			}
			if s := Clean(in); strings.ContainsAny(s, "\x1b\n\r\t\x00\x07\u202e") || !utf8.ValidString(s) {
				t.Fatalf("clean(%q) = %q", in, s)
			}
		}
	}
}

// TestLongPen: a line that sets attributes without end does not grow by
// repeating them.
func TestLongPen(t *testing.T) {
	in := strings.Repeat("\x1b[31mx", 20_000)
	n := 0
	for _, line := range monochrome().WrapOutput(in, 1) {
		n += len(line)
	}
	if n > 20_000*(2*penBytes) {
		t.Errorf("%d bytes became %d", len(in), n)
	}
}

func TestCaret(t *testing.T) {
	for _, c := range []struct {
		line   string
		column int
		cell   int
		n      int
	}{
		{"abc def", 1, 0, 3},
		{"abc def", 5, 4, 3},
		{"\tx := foo()", 7, 9, 3},
		{"\t\tx", 3, 8, 1},
		{"a\tb", 3, 4, 1},
		{"世界 x", 8, 5, 1},
		{"x + 世界", 5, 4, 4},
		{"a.b", 2, 1, 1},
		{"\tx := \"a b\" + y", 7, 9, 5},
		{"\tx := 'é'", 7, 9, 3},
		{"\tx :=\ty", 4, 6, 2},
		{"\tx = 0x1p-2 // n", 6, 8, 6},
		{"x = \"open", 5, 4, 5},
		{"x = `名\t`", 5, 4, 5},
		{"#", 1, 0, 1},
		{"abc", 4, 3, 1}, // just behind the end, as for a missing token
		{"abc", 99, 3, 1},
		{"", 1, 0, 1},
		{"é", 2, 0, 1}, // within a character
	} {
		if cell, n := monochrome().Caret(c.line, c.column); cell != c.cell || n != c.n {
			t.Errorf("caret(%q, %d) = %d, %d; want %d, %d", c.line, c.column, cell, n, c.cell, c.n)
		}
	}
}

func TestCuts(t *testing.T) {
	l := monochrome()
	for _, c := range []struct{ got, want string }{
		{l.Cut("abcdef", 6), "abcdef"},
		{l.Cut("abcdef", 5), "abcd…"},
		{l.Cut("abcdef", 1), "…"},
		{l.Cut("abcdef", 0), ""},
		{l.Cut("世界世界", 4), "世…"},
		{l.CutLeft("abcdef", 4), "…def"},
		{l.CutPath("internal/db/migrate", 30), "internal/db/migrate"},
		{l.CutPath("internal/db/migrate", 14), "…/db/migrate"},
		{l.CutPath("internal/db/migrate", 11), "…/migrate"},
		{l.CutPath("internal/db/migrate", 6), "…grate"},
		{l.CutPath("/rooted/path", 7), "…/path"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
