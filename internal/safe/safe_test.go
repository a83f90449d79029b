package safe

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestText(t *testing.T) {
	for _, c := range []struct{ what, in, want string }{
		{"nothing to do", "a b\tc\nd — 世界 é", "a b\tc\nd — 世界 é"},
		{"colours", "\x1b[31mred\x1b[0m \x1b[1;38:2::1:2:3mx\x1b[m", "red x"},
		{"cursor", "a\x1b[2Jb\x1b[10;20Hc\x1b[?25ld", "abcd"},
		{"two bytes", "a\x1bcb\x1b7c\x1b(Bd", "abcd"},
		{"title by BEL", "a\x1b]0;title\x07b", "ab"},
		{"title by ST", "a\x1b]0;title\x1b\\b", "ab"},
		{"link", "\x1b]8;;http://x\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"DCS, APC, PM, SOS", "a\x1bPq\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde"},
		{"a string that a sequence ends", "a\x1b]0;t\x1b[31mb", "ab"},
		{"cut off", "a\x1b", "a"},
		{"cut off in CSI", "a\x1b[31", "a"},
		{"cut off in OSC", "a\x1b]0;t", "a"},
		{"no sequence goes beyond its line", "a\x1b]0;t\nb\x1b[3\nc\x1b\nd", "a\nb\nc\nd"},
		{"no sequence takes a character of its own", "\x1b[3世\x1b世", "世世"},
		{"controls", "a\rb\x00c\x07d\x08e\x7ff", "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"},
		{"eight-bit controls", "\u009b31ma\u0085b", "\ufffd31ma\ufffdb"},
		{"the direction of writing", "a\u202eb\u2066c\u2069d", "a\ufffdb\ufffdc\ufffdd"},
		{"separators of lines", "a\u2028b\u2029c", "a\ufffdb\ufffdc"},
		{"invalid bytes", "a\xffb\xc3(\xe4\xb8", "a\ufffdb\ufffd(\ufffd\ufffd"},
	} {
		if got := Text(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("\x1b]8;;http://x\x07\x1b]0;t\x1b\\\x1b[2J\u009b1m\r\n\u202e\u2066\x9b\x00")
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s)
		if !utf8.ValidString(got) {
			t.Fatalf("Text(%q) = %q is not UTF-8", s, got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return r != '\n' && r != '\t' && !Rune(r) }); i >= 0 {
			t.Fatalf("Text(%q) = %q acts on a terminal at %d", s, got, i)
		}
		if strings.Count(got, "\n") != strings.Count(s, "\n") {
			t.Fatalf("Text(%q) = %q has other lines", s, got)
		}
		if again := Text(got); again != got {
			t.Fatalf("a second time %q becomes %q", got, again)
		}
	})
}
