package pager

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

func TestPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, in string
		from, to    int
	}{
		{"err", "an Error", 3, 6}, {"Err", "an error", -1, -1}, {"Err", "an Error", 3, 6},
		{"aab", "aaab", 1, 4}, {"größe", "die GRÖSSE, die GRÖßE", 17, 24}, {"x", "", -1, -1}, {"[1]", "a[1]", 1, 4},
	} {
		from, to := NewPattern(c.pattern).index(c.in)
		if from != c.from || from >= 0 && to != c.to {
			t.Errorf("%q in %q: %d to %d, want %d to %d", c.pattern, c.in, from, to, c.from, c.to)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	some := func(n int) string {
		b := make([]byte, r.IntN(n))
		for i := range b {
			b[i] = "abAB1"[r.IntN(5)]
		}
		return string(b)
	}
	for range 10_000 {
		text, in := strings.ToLower(some(4)), some(12)
		if text == "" {
			continue
		}
		if from, _ := NewPattern(text).index(in); from != strings.Index(strings.ToLower(in), text) {
			t.Fatalf("%q in %q: %d", text, in, from)
		}
	}
}

// TestHighlight: the places found are in reverse video, on every row of a
// wrapped line, and nothing else changes.
func TestHighlight(t *testing.T) {
	p := NewPattern("error")
	line := "an \x1b[31mERR\x1b[0mOR and an error"
	if got, want := p.highlight(line), "an \x1b[31m\x1b[7mERR\x1b[0m\x1b[7mOR\x1b[27m and an \x1b[7merror\x1b[27m"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	l := plainLook()
	if got, want := l.WrapOutput(p.highlight("an error"), 5), []string{"an \x1b[7mer\x1b[m", "\x1b[7mror\x1b[m"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("wrapped: %q, want %q", got, want)
	}
}

func TestFilters(t *testing.T) {
	for _, c := range []struct {
		filter, in string
		want       bool
	}{
		{"", "anything", true}, {"get|put", "GET /", true}, {"GET|PUT", "get /", false}, {`\S+b`, "aB", true},
		{"!get", "GET /", false}, {"!get", "put", true}, {"^$", "", true}, {"!", "x", true},
	} {
		f, err := NewFilter(c.filter)
		if err != nil || f.match(c.in) != c.want {
			t.Errorf("filter %q, line %q: %v, %v", c.filter, c.in, !c.want, err)
		}
	}
	if _, err := NewFilter("a(b"); err == nil {
		t.Error("a bad regexp passes")
	}
}

// TestSieve: whatever is appended and dropped between the answers, a sieve that
// is complete knows what a look at every line finds.
func TestSieve(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	even := func(e engine.Entry) bool { return strings.HasSuffix(e.Text, "0") || strings.HasSuffix(e.Text, "7") }
	var log engine.Log
	s := sieve{}.ask(even)
	n := 0
	grow := func(k int) { log, n = numbered(log, n, k), n+k }
	// Answers come late: to the log as it was.
	step := func() bool {
		next, cmd := s.sift(log, r.IntN(n+1), true)
		if s = next; cmd == nil {
			return false
		}
		msg := cmd().(Sifted)
		if r.IntN(2) == 0 {
			grow(r.IntN(9000))
		}
		s = s.take(msg, log)
		return true
	}
	grow(990_000)
	for range 60 {
		step()
	}
	for grow(20_000); step(); {
	}
	if log.Dropped() == 0 {
		t.Fatal("nothing was dropped")
	}
	var want []int
	for i := range log.Len() {
		if even(log.At(i)) {
			want = append(want, log.Dropped()+i)
		}
	}
	if got := s.Count(log.Dropped(), end(log)); got != len(want) {
		t.Fatalf("%d lines, want %d", got, len(want))
	}
	var got []int
	for at, ok := s.next(log.Dropped()); ok; at, ok = s.next(at + 1) {
		got = append(got, at)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("forwards it finds other lines")
	}
	k := len(want)
	for at, ok := s.prev(end(log)); ok && at >= log.Dropped(); at, ok = s.prev(at) {
		if k--; want[k] != at {
			t.Fatalf("backwards it finds %d, want %d", at, want[k])
		}
	}
	if k != 0 {
		t.Errorf("backwards it finds %d fewer", k)
	}
	for range 100 {
		lo := log.Dropped() + r.IntN(log.Len())
		hi := lo + r.IntN(20_000)
		n := 0
		for _, at := range want {
			if at >= lo && at < hi {
				n++
			}
		}
		if got := s.Count(lo, hi); got != n {
			t.Fatalf("from %d to %d: %d, want %d", lo, hi, got, n)
		}
	}
}

func TestPretty(t *testing.T) {
	l := plainLook()
	for _, c := range []struct{ in, want string }{
		{`{"time":"2026-11-24T12:00:01.5+01:00","level":"INFO","msg":"listening","addr":":80","n":3}`, `12:00:01.500 INFO  listening addr=:80 n=3`},
		{`{"level":"error","ts":1764000000.25,"caller":"a/b.go:3","msg":"no database","err":"dial tcp: refused"}`, `16:00:00.250 ERROR no database caller=a/b.go:3 err="dial tcp: refused"`},
		{`{"level":"warn","time":1764000000,"user":{"id": 7},"message":"slow"}`, `16:00:00.000 WARN  slow user={"id":7}`},
		{`{"level":"DEBUG-2","msg":"a \u001b[31mb"}`, `DEBUG-2 a b`},
		{`{"id":1,"name":"x"}`, `{"id":1,"name":"x"}`}, {`{"msg":"x"} {`, `{"msg":"x"} {`}, {`{"msg":`, `{"msg":`}, {`plain`, `plain`}, {`{"msg":"a"}}`, `{"msg":"a"}}`},
	} {
		if got := runner.Uncoloured(prettyLine(l, c.in)); got != c.want {
			t.Errorf("%s\n gives %q\n  want %q", c.in, got, c.want)
		}
	}
}

// TestLinkIsSelected: what is selected of an address is no link, the rest of it
// is one, and the row keeps its width.
func TestLinkIsSelected(t *testing.T) {
	l := plainLook()
	l.Links = true
	log := engine.Log{}.Append(1, runner.Line{Text: "see http://localhost:8080/ for more", Stream: runner.Stdout})
	const w = 24
	var o Output
	bare := o.Feed(l, log).rows(0, w)
	for from := range w {
		for to := from; to < w; to++ {
			o.Selection = selection{Drag: true, From: Cell{spot{0, 0}, from}, to: Cell{spot{0, 1}, to}}
			for i, row := range o.Feed(l, log).rows(0, w) {
				last := strings.LastIndex(row, "\x1b]")
				if ansi.Strip(row) != ansi.Strip(bare[i]) || last >= 0 && !strings.HasPrefix(row[last:], cells.LinkEnd) {
					t.Fatalf("%d to %d: %q was %q", from, to, row, bare[i])
				}
			}
		}
	}
}

// Of two logs that are looked at in turns, an answer about one is not taken for the
// other's.
func TestFor(t *testing.T) {
	log, _ := numbered(engine.Log{}, 0, 10), 0
	filter, err := NewFilter("1")
	if err != nil {
		t.Fatal(err)
	}
	first := Output{}.FilterBy(filter)
	first, cmd := first.Feed(cells.Look{}, log).Sift()
	second := Output{}.For(1).FilterBy(filter)
	late := cmd().(Sifted)
	if got := second.Feed(cells.Look{}, log).Take(late, 80, 24); got.shown.known(0) > 0 {
		t.Error("an answer about another log is taken")
	}
	if got := first.Feed(cells.Look{}, log).Take(late, 80, 24); got.shown.known(0) != 10 {
		t.Error("an answer is not taken")
	}
	if got := first.For(0); got.shown.busy {
		t.Error("what was under way is waited for")
	}
}
