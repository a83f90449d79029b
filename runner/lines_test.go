package runner

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// filtered is what the chunks of one stream become, partial lines marked by a
// trailing "…".
func filtered(chunks ...string) []string {
	f := newFilter(Stdout)
	var got []string
	add := func(lines []Line) {
		for _, l := range lines {
			if l.Partial {
				l.Text += "…"
			}
			got = append(got, l.Text)
		}
	}
	for _, c := range chunks {
		if c == "<quiet>" {
			add(f.partial())
			continue
		}
		add(f.write([]byte(c)))
	}
	add(f.close())
	return got
}

func TestFilter(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", maxLine/16)
	tests := []struct {
		name string
		in   []string
		want []string
	}{
		{"nothing", []string{""}, nil},
		{"lines", []string{"a\n\nb\n"}, []string{"a", "", "b"}},
		{"no end", []string{"a\nb"}, []string{"a", "b"}},
		{"in pieces", []string{"a", "b", "c\nd", "\n"}, []string{"abc", "d"}},
		{"tabs stay", []string{"\ta\tb\n"}, []string{"\ta\tb"}},

		{"crlf", []string{"a\r\nb\r\n"}, []string{"a", "b"}},
		{"crlf split", []string{"a\r", "\nb\n"}, []string{"a", "b"}},
		{"crcrlf", []string{"a\r\r\n"}, []string{"a"}},
		{"cr restarts", []string{"10%\r20%\rdone\n"}, []string{"done"}},
		{"cr restarts later", []string{"10%", "<quiet>", "\r", "<quiet>", "20%\r", "<quiet>", "\n"}, []string{"10%…", "20%…", "20%"}},
		{"cr forgets longer text", []string{"long text\rx\n"}, []string{"x"}},
		{"cr keeps colours", []string{"\x1b[32m10%\r\x1b[33m20%\x1b[0m\r\x1b[0m\n"}, []string{"\x1b[33m20%\x1b[0m"}},
		{"cr keeps what was on", []string{"\x1b[32m10%\r20%\n"}, []string{"\x1b[32m20%\x1b[m"}},
		{"cr, then colours, then the end", []string{"\x1b[31mred\r\x1b[0m\nplain\n"}, []string{"\x1b[31mred\x1b[m", "plain"}},
		{"erased after cr", []string{"50%", "<quiet>", "\r\x1b[K", "<quiet>", "<quiet>", "done\n"}, []string{"50%…", "…", "done"}},
		{"erased as a whole", []string{"50%\x1b[2K\rdone\n51%\x1b[2K\n"}, []string{"done", ""}},
		{"erased behind the text", []string{"1%\x1b[K\r2%\x1b[0K\n"}, []string{"2%"}},
		{"cr at once", []string{"\rabc\n"}, []string{"abc"}},

		{"prompt", []string{"name? ", "<quiet>", "<quiet>", "Bob\n"}, []string{"name? …", "name? Bob"}},
		{"prompt grows", []string{"a", "<quiet>", "b", "<quiet>"}, []string{"a…", "ab…", "ab"}},
		{"only colours are no prompt", []string{"a\n\x1b[0m", "<quiet>"}, []string{"a"}},

		{"colour of several lines", []string{"\x1b[31mred starts\nstill red\n\nends\x1b[0m plain\nplain\n"},
			[]string{"\x1b[31mred starts\x1b[m", "\x1b[31mstill red\x1b[m", "", "\x1b[31mends\x1b[0m plain", "plain"}},
		{"the same, in pieces", []string{"\x1b[31", "mred", "\n", "st", "ill\n\x1b[0", "mplain\n"}, []string{"\x1b[31mred\x1b[m", "\x1b[31mstill\x1b[m", "plain"}},
		{"colours add up", []string{"\x1b[31ma\n\x1b[1;44mb\n\x1b[39mc\n\x1b[22;49md\n"},
			[]string{"\x1b[31ma\x1b[m", "\x1b[1;31;44mb\x1b[m", "\x1b[1;44mc\x1b[m", "d"}},
		{"colour before the end of a line", []string{"a\x1b[32m\nb\n\x1b[m\x1b[m\nc\n"}, []string{"a\x1b[32m\x1b[m", "\x1b[32mb\x1b[m", "", "c"}},
		{"colour of a prompt", []string{"\x1b[36mname? ", "<quiet>", "Bob\x1b[m\n"}, []string{"\x1b[36mname? \x1b[m…", "\x1b[36mname? Bob\x1b[m"}},
		{"colour that is left on", []string{"a\x1b[33mb"}, []string{"a\x1b[33mb\x1b[m"}},
		{"colour of a long line", []string{"\x1b[31m" + long[8:] + "x\ny\n"}, []string{"\x1b[31m" + long[8:] + "\x1b[m", "\x1b[31mx\x1b[m", "\x1b[31my\x1b[m"}},
		{"terminal as new", []string{"\x1b[31ma\n\x1bcb\n"}, []string{"\x1b[31ma\x1b[m", "b"}},
		{"link of several lines", []string{"\x1b]8;;http://x\x1b\\a\nb\x1b]8;;\x1b\\c\n"}, []string{"a", "bc"}},

		{"long", []string{long + "\n"}, []string{long}},
		{"longer", []string{long + long + "x\n"}, []string{long, long, "x"}},
		{"longer, in pieces", []string{long[1:], "ab", "\n"}, []string{long[1:] + "a", "b"}},
		{"cut between runes", []string{long[2:] + "é" + "é\n"}, []string{long[2:] + "é", "é"}},
		{"cut before a rune", []string{long[1:] + "é\n"}, []string{long[1:], "é"}},
		{"cut before a colour", []string{long[2:] + "\x1b[1m!\n"}, []string{long[2:], "\x1b[1m!\x1b[m"}},

		{"wide", []string{"日本 é 👩‍👩‍👧\n"}, []string{"日本 é 👩‍👩‍👧"}},
		{"wide split", []string{"\xe6\x97", "\xa5", "\xf0", "\x9f", "\x91", "\xa9\n"}, []string{"日👩"}},
		{"invalid", []string{"a\xffb\xc3(\xe6\x97z\n"}, []string{"a\ufffdb\ufffd(\ufffd\ufffdz"}},
		{"invalid split", []string{"\xe6", "\x97", "z", "\xe6\xff", "\n"}, []string{"\ufffd\ufffdz\ufffd\ufffd"}},
		{"invalid at the end", []string{"a\xe6\x97"}, []string{"a\ufffd"}},
		{"surrogate", []string{"\xed\xa0\x80\n"}, []string{"\ufffd\ufffd\ufffd"}},
		{"bidi", []string{"a\u202eb\u2066c\u2069\n"}, []string{"a\ufffdb\ufffdc\ufffd"}},

		{"controls", []string{"a\x00\x01\a\b\v\f\x0e\x7fb\n"}, []string{"ab"}},
		{"colours", []string{"\x1b[31mred\x1b[0m \x1b[m\x1b[38;5;1m\x1b[38:2::1:2:3mx\n"}, []string{"\x1b[31mred\x1b[0m \x1b[m\x1b[38;5;1m\x1b[38:2::1:2:3mx\x1b[m"}},
		{"colour split", []string{"\x1b", "[", "3", "1", "m", "red\n"}, []string{"\x1b[31mred\x1b[m"}},
		{"csi", []string{"\x1b[2J\x1b[1;1Ha\x1b[K\x1b[?25l\x1b[>4;1m\x1b[ q\x1b[!pb\n"}, []string{"ab"}},
		{"csi with controls", []string{"\x1b[3\a1mx\x1b[3\nm\n"}, []string{"\x1b[31mx\x1b[m", "\x1b[31mm\x1b[m"}},
		{"csi cut off", []string{"\x1b[3é\x1b[3\x1b[1mx\x1b[1\x18y\n"}, []string{"é\x1b[1mxy\x1b[m"}},
		{"csi without end", []string{"\x1b[" + strings.Repeat("1", maxCSI) + "x\n"}, []string{"11x"}},
		{"osc", []string{"\x1b]0;title\aa\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b\x1b]52;c;aGk=\a\n"}, []string{"alinkb"}},
		{"osc split", []string{"a\x1b]0;ti", "tle\x1b", "\\b\n"}, []string{"ab"}},
		{"osc without end", []string{"a\x1b]0;title\nb\n"}, []string{"a", "b"}},
		{"osc without end or line", []string{"\x1b]" + long + long + long + long + "x\n"}, []string{"x"}},
		{"osc cut off", []string{"\x1b]0;a\x1b[1mb\x1b]0;\x1a!\n"}, []string{"\x1b[1mb!\x1b[m"}},
		{"dcs apc pm sos", []string{"a\x1bP1$r\x1b\\b\x1b_G\x1b\\c\x1b^x\x1b\\d\x1bXx\x1b\\e\n"}, []string{"abcde"}},
		{"esc", []string{"\x1b7a\x1b(Bb\x1b#8c\x1bcd\x1b=e\x1b\nf\x1bé\n"}, []string{"abcde", "fé"}},
		{"c1", []string{"\u0085a\u009b31mb\u009b2Jc\u009d0;t\u009cd\u0090x\u009ce\n"}, []string{"a\x1b[31mbcde\x1b[m"}},
		{"c1 split", []string{"\xc2", "\x9d0;t\xc2", "\x9cd\n"}, []string{"d"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := filtered(test.in...); !slices.Equal(got, test.want) {
				t.Errorf("\n got %q\nwant %q", got, test.want)
			}
		})
	}
}

// Every byte, at every place of a run, is seen for what it is.
func TestPlainRun(t *testing.T) {
	for size := range 20 {
		run := bytes.Repeat([]byte("~"), size)
		if got := plainRun(run); got != size {
			t.Errorf("%d of %d bytes", got, size)
		}
		for at := range size {
			for b := range 256 {
				p := bytes.Repeat([]byte(" "), size)
				p[at] = byte(b)
				want := size
				if !plain(byte(b)) {
					want = at
				}
				if got := plainRun(p); got != want {
					t.Fatalf("%q: %d, want %d", p, got, want)
				}
			}
		}
	}
}

// What a line looks like cannot depend on how it was read; and whatever a
// program prints, its lines are safe.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{
		"a\r\nb\rc\n", "\x1b[31mred\x1b[0m\n", "\x1b]8;;x\x1b\\y\x1b]8;;\a\n", "\u009d\u009c\u009b1m\n",
		"\xe6\x97\n\xf0\x9f\x91", "\u202e\x1bP\x1b\x1b\\x\n", "\x1b[\x1b[1;2:3m\x18\n", "\x1b]\xc2\x9cx",
	} {
		f.Add([]byte(s), uint8(1))
		f.Add([]byte(s+s), uint8(3))
	}
	colours := regexp.MustCompile("\x1b\\[[0-9;:]*m")
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		var pieces []string
		n := max(int(size), 1)
		for rest := in; len(rest) > 0; {
			k := min(n, len(rest))
			pieces = append(pieces, string(rest[:k]))
			rest = rest[k:]
		}
		whole, split := filtered(string(in)), filtered(pieces...)
		if !slices.Equal(whole, split) {
			t.Fatalf("read whole: %q\nin pieces:  %q", whole, split)
		}
		for _, l := range whole {
			if !utf8.ValidString(l) || len(l) > maxLine {
				t.Fatalf("%q", l)
			}
			bare := colours.ReplaceAllString(l, "")
			for _, r := range bare {
				if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
					t.Fatalf("%q holds %q", l, r)
				}
			}
		}
	})
}

func BenchmarkFilter(b *testing.B) {
	for _, bench := range []struct{ name, line string }{
		{"ascii", strings.Repeat("x", 79) + "\n"},
		{"colours", "\x1b[2m12:00:00\x1b[0m \x1b[32mINF\x1b[0m request \x1b[36mpath=\x1b[0m/api/v1/items \x1b[36mtook=\x1b[0m12ms\n"},
		{"wide", strings.Repeat("日本語é", 8) + "\n"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			chunk := []byte(strings.Repeat(bench.line, chunkSize/len(bench.line)))
			f := newFilter(Stdout)
			b.SetBytes(int64(len(chunk)))
			b.ReportAllocs()
			for b.Loop() {
				f.write(chunk)
			}
		})
	}
}
