package runner

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What sequences come to, as the one that says the same.
func TestPen(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"0", ""},
		{"31", "31"},
		{"31;1", "1;31"},
		{"1;31;0", ""},
		{"1;;3", "3"}, // an empty code is 0
		{"1 2 3 5 7 9", "1;2;3;5;7;9"},
		{"1;2 22", ""},
		{"3;4;5;6;7;8;9;53 23;24;25;27;28;29;55", ""},
		{"4:3", "4:3"},
		{"4:0", ""},
		{"4:9", "4"},
		{"21", "4:2"},
		{"97;100", "97;100"},
		{"97;100 39;49", ""},
		{"38;5;208", "38;5;208"},
		{"38:5:208", "38;5;208"},
		{"38;2;1;2;3", "38;2;1;2;3"},
		{"38:2:1:2:3;1", "1;38;2;1;2;3"},
		{"48:2::1:2:3", "48;2;1;2;3"},
		{"58;5;9;4 59", "4"},
		{"38;5", "38;5;0"},
		{"38;5;1;7", "7;38;5;1"},
		{"38", ""},
		{"38;9;1", "1"},
		{"38:", ""},
		{"10;26;50;51;73;300;99999999999999999999", ""},
		{"1:2:3;:;3", "3"},
	} {
		var p pen
		for _, seq := range strings.Split(c.in, " ") {
			p.apply([]byte("\x1b[" + seq + "m"))
		}
		want := ""
		if c.want != "" {
			want = "\x1b[" + c.want + "m"
		}
		got := string(p.appendTo(nil))
		if got != want {
			t.Errorf("%s: got %q, want %q", c.in, got, want)
		}
		var again pen
		if again.apply([]byte("\x1b[;" + strings.TrimPrefix(got, "\x1b["))); got != "" && again != p {
			t.Errorf("%s: %q is %v, not %v", c.in, got, again, p)
		}
	}
}

// Whatever a sequence contains, the pen can be written and read again, within its
// bound.
func FuzzPen(f *testing.F) {
	f.Add("1;31;38;2;255;255;255;4:5;48:2::1:2:3;58;5;255;53")
	f.Add("38;5;;48;2;1;1")
	f.Fuzz(func(t *testing.T, codes string) {
		if strings.Trim(codes, "0123456789;:") != "" {
			return
		}
		var p, again pen
		p.apply([]byte("\x1b[" + codes + "m"))
		seq := p.appendTo(nil)
		if len(seq) > penBytes {
			t.Fatalf("%q is longer than %d", seq, penBytes)
		}
		if len(seq) > 0 {
			again.apply(seq)
		}
		if again != p {
			t.Fatalf("%q is %v, not %v", seq, again, p)
		}
	})
}

// Each character of a line has, by that line alone, the colours that it has in
// the whole stream, and nothing is left on.
func TestColoursCarried(t *testing.T) {
	// drawn is what a terminal draws, each character with its pen before it.
	drawn := func(s string, p *pen) (cells []string) {
		for len(s) > 0 {
			if s[0] == 0x1b {
				n := strings.IndexByte(s, 'm') + 1
				p.apply([]byte(s[:n]))
				s = s[n:]
				continue
			}
			cells = append(cells, string(p.appendTo(nil))+s[:1])
			s = s[1:]
		}
		return cells
	}
	words := []string{"a", "bc", " ", "\n", "\n\n", "\x1b[31m", "\x1b[1;4m", "\x1b[48;5;9m", "\x1b[38;2;1;2;3m", "\x1b[22m", "\x1b[39;49m", "\x1b[m", "\x1b[0m"}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 13))
		var text strings.Builder
		for range 60 {
			text.WriteString(words[r.IntN(len(words))])
		}
		var whole, alone []string
		var p pen
		for line := range strings.Lines(text.String()) {
			whole = append(whole, drawn(strings.TrimSuffix(line, "\n"), &p)...)
		}
		for _, line := range filtered(text.String()) {
			var own pen
			alone = append(alone, drawn(line, &own)...)
			if own != (pen{}) {
				t.Fatalf("seed %d: %q leaves %v on", seed, line, own)
			}
		}
		if !slices.Equal(whole, alone) {
			t.Fatalf("seed %d: %q\nby line %q\nwhole   %q", seed, text.String(), alone, whole)
		}
	}
}
