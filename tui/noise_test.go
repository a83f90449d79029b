package tui

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/patience"
	"github.com/hotdev/hotdev/runner"
)

// noise is n random bytes: half of them any, and half from what terminals act
// on, so that many sequences are whole.
func noise(seed uint64, n int) []byte {
	rng := rand.New(rand.NewPCG(seed, 0))
	parts := []string{
		"\x1b[", "\x1b]", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\", "\x1bP", "\x1b_", "\x1bX", "\x1b^", "\x1b\\", "\x1bc", "\x07", "\x08", "\r", "\n", "\t", "\x0b", "\x0c", "\x0e", "\x0f",
		"2J", "H", "?1049h", "?1049l", "?25l", "?1000h", "31m", "0m", ";", "38;2;1;2;3m", "6n", "c", "5i", "1;1r", "\x9b", "\u009b", "\u009d", "\u0090", "\u009c", "\x7f", "\x18", "\x1a",
		"\u202e", "\u2066", "\u200d", "\ufe0f", "\u0301", "世", "👩\u200d👩", "\xe4\xb8", "\xf0\x9f", "\x00", "]52;c;eA==\x07", "\x1b[>4;2m", "\x1b[=1u", "\x1b#8", "\x1b(0", "\x1b[3J", "word", " ",
	}
	var out []byte
	for len(out) < n {
		if rng.IntN(2) == 0 {
			out = append(out, byte(rng.Uint32()))
		} else {
			out = append(out, parts[rng.IntN(len(parts))]...)
		}
	}
	return out[:n]
}

// printed is what hotdev makes of a program that prints data.
func printed(t *testing.T, data []byte, tty bool) (lines []runner.Line) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p, err := runner.Start(runner.Spec{Path: self, Env: append(os.Environ(), printVariable+"="+file), TTY: tty}, func(ls []runner.Line) { lines = append(lines, ls...) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := patience.Receive(p.Done()); err != nil {
		p.Kill()
		<-p.Done()
		t.Fatal("the program's output was not read to its end: ", err)
	}
	if e := p.Exit(); e.Code != 0 {
		t.Fatalf("%+v", e)
	}
	return lines
}

func lastRune(line string) string {
	bare := []rune(ansi.Strip(line))
	return string(bare[len(bare)-1:])
}

var pens = regexp.MustCompile(`\x1b\[[0-9;:]*m`)

// TestNoise: a million random bytes as a program's output stay in its pane, and
// do nothing to the terminal but be seen.
func TestNoise(t *testing.T) {
	const seed = 20
	for _, tty := range []bool{false, true} {
		lines := printed(t, noise(seed, 1_000_000), tty)
		if len(lines) < 1000 {
			t.Fatalf("%d lines", len(lines))
		}
		s := stateUp()
		var log engine.Log
		clean := screen(s, 80, 24)
		for i, l := range lines {
			log = log.Append(14, l)
			if i%97 != 0 && i != len(lines)-1 {
				continue
			}
			s.Log = log
			m := screen(s, 80, 24)
			r := m.layout().panes[processPane]
			want := clean.lines()
			for y, line := range m.lines() {
				bare := pens.ReplaceAllString(line, "")
				if strings.ContainsFunc(bare, unsafeRune) {
					t.Fatalf("after line %d a control character is on the screen: %q", i, line)
				}
				if n := m.look.Method.StringWidth(line); n != 80 {
					t.Fatalf("after line %d row %d has %d cells: %q", i, y, n, line)
				}
				if y < r.y || y >= r.y+r.h || m.layout().bare {
					continue
				}
				if got, want := m.look.Method.Cut(ansi.Strip(line), 0, r.x+1), m.look.Method.Cut(ansi.Strip(want[y]), 0, r.x+1); got != want {
					t.Fatalf("after line %d row %d left of the output is\n%q, want\n%q", i, y, got, want)
				}
				// The pane reaches to the right edge, where its border is.
				if got, want := lastRune(line), lastRune(want[y]); got != want || r.x+r.w != 80 {
					t.Fatalf("after line %d row %d ends in %q, want %q", i, y, got, want)
				}
			}
		}
		t.Run(map[bool]string{false: "pipes", true: "terminal"}[tty], func(t *testing.T) { watchNoise(t, lines) })
	}
}

// acts are the sequences that do more than print or colour: strings (titles,
// links, the clipboard) and the bell.
var acts = regexp.MustCompile(`\x1b[\]P_X^][^\x07\x1b]*(?:\x07|\x1b\\)?|\x07|\x1b\[[0-9;]*[nci]|\x1bc|\x1b#`)

// watchNoise shows the lines to a whole screen, which may do nothing that it
// would not do for a program that prints words.
func watchNoise(t *testing.T, lines []runner.Line) {
	synctest.Test(t, func(t *testing.T) {
		known := map[string]bool{}
		for _, noisy := range []bool{false, true} {
			f := roll(t, 80, 24, Options{ASCII: true})
			s := stateUp()
			var log engine.Log
			for i, l := range lines {
				if !noisy {
					l = runner.Line{Stream: runner.Stdout, Text: "words"}
				}
				log = log.Append(14, l)
				if i%397 == 0 || i == len(lines)-1 {
					s.Log = log
					f.show(s)
				}
			}
			raw := f.term.Raw()
			f.over()
			for _, act := range acts.FindAllString(raw, -1) {
				if !noisy {
					known[act] = true
				} else if !known[act] {
					t.Errorf("the output had the screen send %q", act)
				}
			}
		}
	})
}
