package cells

import (
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestFileURL(t *testing.T) {
	for _, c := range []struct{ host, file, want string }{
		{"", "/a/b.go", "file:///a/b.go"},
		{"box.local", "/a/b.go", "file://box.local/a/b.go"},
		{"", "C:/a/b.go", "file:///C:/a/b.go"},
		{"", "/a b/é?#%.go", "file:///a%20b/%C3%A9%3F%23%25.go"},
		{"b\x1b\\x", "/a\x1b\\\x07;\n.go", "file://b%1B%5Cx/a%1B%5C%07%3B%0A.go"},
	} {
		if got := fileURL(c.host, c.file); got != c.want {
			t.Errorf("fileURL(%q, %q) = %s, want %s", c.host, c.file, got, c.want)
		}
	}
}

// TestLinkIsCut: a link ends with its text, wherever that is cut, and takes no
// cells.
func TestLinkIsCut(t *testing.T) {
	l := monochrome()
	l.Links = true
	r := Row{l.Accent.Of("▸ "), l.Linked(l.Accent, "/shop/internal/db/open.go").Of("internal/db/open.go:41:9"), l.Text.Of("  undefined")}
	for w := range 50 {
		got := l.Paint(r, w)
		if n := ansi.StringWidth(got); n != w {
			t.Errorf("at %d cells it is %d wide: %q", w, n, got)
		}
		opened, closed := strings.Count(got, "\x1b]8;;file:"), strings.Count(got, "\x1b]8;;\x1b\\")
		if opened != closed || w > 3 && opened != 1 {
			t.Errorf("at %d cells it opens %d links and closes %d: %q", w, opened, closed, got)
		}
	}
}

func TestWebLinks(t *testing.T) {
	l := monochrome()
	l.Links = true
	for _, c := range []struct {
		what, line string
		want       []string
	}{
		{"none", "see http or https: //x", nil},
		{"alone", "http://127.0.0.1:8190/_/", []string{"http://127.0.0.1:8190/_/"}},
		{"in a sentence", "it is at http://localhost:80, and at https://x.org/a?b=c#d.", []string{"http://localhost:80", "https://x.org/a?b=c#d"}},
		{"in brackets", "(http://x/a_(b)) [http://[::1]:80/]", []string{"http://x/a_(b)", "http://[::1]:80/"}},
		{"in quotes", `{"url":"http://x/y","n":1} 'http://z'`, []string{"http://x/y", "http://z"}},
		{"coloured within", "http://localhost:\x1b[1m5173\x1b[22m/", []string{"http://localhost:5173/"}},
		{"other schemes", "file:///etc/passwd javascript:alert(1) xhttp://x", nil},
		{"what ends a sequence", "http://x/\x07y http://x/\x1b\\y", []string{"http://x/y", "http://x/y"}},
		{"another address beneath", "\x1b]8;;http://evil\x07http://good\x1b]8;;\x07", []string{"http://good"}},
		{"other alphabets end it", "http://x/é http://ехample", []string{"http://x/"}},
		{"endless", "http://" + strings.Repeat("x", longestLink), nil},
		{"nothing but brackets", "http://x" + strings.Repeat(")", 40), []string{"http://x"}},
	} {
		var got []string
		for _, link := range l.webLinks(c.line) {
			got = append(got, link.address)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestWebLinkIsWrapped: every piece of an address leads to all of it, and no link
// is longer than the address.
func TestWebLinkIsWrapped(t *testing.T) {
	l := monochrome()
	l.Links = true
	const to, end = "\x1b]8;;http://a.b/cd\x1b\\", "\x1b]8;;\x1b\\"
	for _, c := range []struct {
		line string
		w    int
		want []string
	}{
		{"at http://a.b/cd!", 20, []string{"at " + to + "http://a.b/cd" + end + "!"}},
		{"at http://a.b/cd!", 8, []string{"at " + to + "http:" + end, to + "//a.b/cd" + end, "!"}},
		{"http://a.b/cd", 20, []string{to + "http://a.b/cd" + end}},
		{"12345http://a.b/cd", 5, []string{"12345", "http:", "//a.b", "/cd"}}, // part of a word
		{"1234 http://a.b/cd", 5, []string{"1234 ", to + "http:" + end, to + "//a.b" + end, to + "/cd" + end}},
		{"\x1b[31mhttp://a.b/cd\tx", 10, []string{
			"\x1b[31m" + to + "http://a.b" + end + "\x1b[m", "\x1b[31m" + to + "/cd" + end + "     x\x1b[m"}},
	} {
		if got := l.WrapOutput(c.line, c.w); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d:\n got %q\nwant %q", c.line, c.w, got, c.want)
		}
		l := l
		l.Links = false
		for _, piece := range l.WrapOutput(c.line, c.w) {
			if strings.Contains(piece, "\x1b]") {
				t.Errorf("%q has a link where there are none", piece)
			}
		}
	}
}
