package vt

import (
	"errors"
	"fmt"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// A program that the test plays: what was typed is read from it.
type program struct {
	in    *io.PipeWriter
	typed *io.PipeReader
	sizes chan [2]uint16
}

func newProgram() *program {
	p := &program{sizes: make(chan [2]uint16, 9)}
	p.typed, p.in = io.Pipe()
	return p
}

func (p *program) Input() io.WriteCloser { return p.in }

func (p *program) Resize(rows, cols uint16) error {
	p.sizes <- [2]uint16{cols, rows}
	return nil
}

// read gives the next n bytes that were typed.
func (p *program) read(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(p.typed, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// serve has a terminal serve a program, to its end at the end of the test.
func serve(t *testing.T, term *Terminal) *program {
	p := newProgram()
	term.Begin(1)
	over := make(chan struct{})
	go func() {
		defer close(over)
		term.Serve(1, p)
	}()
	<-p.sizes
	t.Cleanup(func() {
		p.typed.Close() // as the runner does when the program is gone
		term.End(1)
		<-over
	})
	return p
}

// seen is the picture without colours.
func seen(term *Terminal) []string {
	var lines []string
	for _, line := range term.Frame(ansi.GraphemeWidth.StringWidth).Lines {
		lines = append(lines, strings.TrimRight(ansi.Strip(line), " "))
	}
	return lines
}

// TestAnswers: what programs ask their terminal at their start.
func TestAnswers(t *testing.T) {
	term := New()
	term.Ground(color.RGBA{0x11, 0x22, 0x33, 0xff}, color.RGBA{0xaa, 0xbb, 0xcc, 0xff})
	p := serve(t, term)
	for _, c := range []struct{ what, asked, answer string }{
		{"where is the cursor", "\x1b[3;5H\x1b[6n", "\x1b[3;5R"},
		{"is the terminal well", "\x1b[5n", "\x1b[0n"},
		{"what is it", "\x1b[c", "\x1b[?62;1;6;22c"},
		{"which version", "\x1b[>q", "\x1bP>|hotdev\x1b\\"},
		{"foreground", "\x1b]10;?\x07", "\x1b]10;rgb:1111/2222/3333\x07"},
		{"background", "\x1b]11;?\x1b\\", "\x1b]11;rgb:aaaa/bbbb/cccc\x07"},
		{"is a picture drawn whole", "\x1b[?2026$p", "\x1b[?2026;2$y"},
		{"how are cells counted", "\x1b[?2027$p", "\x1b[?2027;3$y"},
		{"are pastes bracketed", "\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y"},
		{"the keyboard", "\x1b[?u", "\x1b[?0u"},
		{"the keyboard, told apart", "\x1b[>1u\x1b[?u", "\x1b[?1u"},
		{"the keyboard, with what there is not", "\x1b[=31;1u\x1b[?u", "\x1b[?1u"},
		{"the keyboard of the other screen", "\x1b[?1049h\x1b[?u", "\x1b[?0u"},
		{"the keyboard, back", "\x1b[?1049l\x1b[<u\x1b[?u", "\x1b[?0u"},
	} {
		term.Write(1, []byte(c.asked))
		if got := p.read(t, len(c.answer)); got != c.answer {
			t.Fatalf("%s: %q, want %q", c.what, got, c.answer)
		}
	}
}

// A program that asks without end and reads nothing is neither waited for nor
// remembered.
func TestAnswersUnread(t *testing.T) {
	term := New()
	serve(t, term)
	for range 100 {
		term.Write(1, []byte(strings.Repeat("\x1b[6n", 1000)))
	}
	if n := len(term.top().queue.buf); n > answerRoom {
		t.Errorf("%d bytes of answers wait", n)
	}
	if !term.Press(tea.Key{Code: 'a', Text: "a"}) {
		t.Error("no room for a key")
	}
	for term.Paste(strings.Repeat("x", 100_000)) {
	}
	if term.Press(tea.Key{Code: 'a', Text: "a"}) {
		if !term.Paste(strings.Repeat("x", 90_000)) {
			return // there was room for a key still
		}
		t.Error("what is typed piles up without bound")
	}
}

// TestPicture: what is drawn.
func TestPicture(t *testing.T) {
	for _, c := range []struct {
		what, in string
		want     string // rows by /
		draws    bool
	}{
		{"lines", "a\r\nb\r\n", "a/b//", false},
		{"a cursor that goes to a place", "\x1b[2;3Hx", "/  x//", true},
		{"a screen that is cleared", "x\x1b[2J\x1b[3J\x1b[Ha", "a///", false},
		{"a cursor that goes up", "a\r\n\x1b[Ab", "b///", true},
		{"the older way back to a saved cursor", "\x1b[sab\x1b[uc", "cb///", false},
		{"the other screen", "a\x1b[?1049hb", "b///", true},
		{"and back", "a\x1b[?1049hb\x1b[?1049l", "a///", true},
		{"wide characters", "世界x", "世界x///", false},
		{"a family, which is one character", "👩‍👩‍👧x", "👩‍👩‍👧x///", false},
		{"an accent of its own", "e\u0301x", "e\u0301x///", false},
		{"what must not be printed", "a\u202eb\u009b31mc", "ab31mc///", false},
		{"scrolled", "1\r\n2\r\n3\r\n4\r\n5", "2/3/4/5", false},
	} {
		term := New()
		term.Resize(10, 4)
		serve(t, term)
		term.Write(1, []byte(c.in))
		if got := strings.Join(seen(term), "/"); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if f := term.Frame(ansi.StringWidth); f.Draws != c.draws {
			t.Errorf("%s: draws is %v", c.what, f.Draws)
		}
	}
}

// Colours, the cursor and the title are those that the program set.
func TestLooks(t *testing.T) {
	term := New()
	term.Resize(6, 1)
	p := serve(t, term)
	_ = p
	term.Write(1, []byte("a\x1b[1;38;2;1;2;3;48;5;200mb\x1b[mc\x1b]2;of; two\x07\x1b[5 q"))
	f := term.Frame(ansi.StringWidth)
	if want := "a\x1b[m\x1b[1;38;2;1;2;3;48;5;200mb\x1b[mc   "; f.Lines[0] != want {
		t.Errorf("%q, want %q", f.Lines[0], want)
	}
	if want := (Cursor{X: 3, Shape: 2, Blink: true}); f.Cursor != want {
		t.Errorf("cursor %+v, want %+v", f.Cursor, want)
	}
	if f.Title != "of; two" {
		t.Errorf("title %q", f.Title)
	}
	term.Write(1, []byte("\x1b[?25l\x1b[?1049h\x1b[?1003h"))
	if f := term.Frame(ansi.StringWidth); !f.Cursor.Hidden || f.Mouse != Motion {
		t.Errorf("%+v", f)
	}
	term.Begin(1)
	if f := term.Frame(ansi.StringWidth); f.Cursor.Hidden || f.Mouse != NoMouse || f.Title != "" || f.Draws || strings.TrimSpace(f.Lines[0]) != "" {
		t.Errorf("the next program begins with %+v", f)
	}
}

// Where a row counts otherwise on the screen than for the program, what is drawn still
// takes exactly its cells.
func TestWidths(t *testing.T) {
	term := New()
	term.Resize(8, 1)
	serve(t, term)
	for _, text := range []string{"a👩‍👩‍👧b", "❤️x", "🇩🇪x", "世x", "1234567世", "e\u0301"} {
		term.Write(1, []byte("\r\x1b[K"+text))
		for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
			line := term.Frame(method.StringWidth).Lines[0]
			if n := method.StringWidth(line); n != 8 {
				t.Errorf("%q takes %d cells by %v: %q", text, n, method, line)
			}
		}
	}
}

// TestResize: the program is told, and the line that is typed stays.
func TestResize(t *testing.T) {
	term := New()
	p := serve(t, term)
	term.Resize(10, 5)
	if got := <-p.sizes; got != [2]uint16{10, 5} {
		t.Errorf("told of %v", got)
	}
	term.Write(1, []byte("1\r\n2\r\n3\r\n4\r\n$ "))
	term.Resize(10, 2)
	if got := strings.Join(seen(term), "/"); got != "4/$" {
		t.Errorf("%q", got)
	}
	if c := term.Frame(ansi.StringWidth).Cursor; c != (Cursor{X: 2, Y: 1, Blink: true}) {
		t.Errorf("cursor %+v", c)
	}
	term.Resize(10, 4)
	if got := strings.Join(seen(term), "/"); got != "4/$//" {
		t.Errorf("%q", got)
	}
	term.Resize(10, 9)
	term.Write(1, []byte("\x1b[9;9H\x1b[?1049h"))
	term.Resize(5, 3)
	term.Write(1, []byte("\x1b[?1049l$"))
	if got := strings.Join(seen(term), "/"); got != "4/$/    $" {
		t.Errorf("back from the other screen, which was made smaller: %q", got)
	}
	term.Resize(0, -3) // a pane without room
	term.Write(1, []byte("more\r\nthan fits\x1b[5;5H"))
	seen(term)
}

// What a program draws in one go is not shown by halves, but it has to come to an end.
func TestWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := New()
		term.Resize(5, 1)
		term.Begin(1)
		defer term.End(1)
		term.Write(1, []byte("one\x1b[?2026h\rtw"))
		if got := seen(term)[0]; got != "twe" { // nothing was seen before
			t.Errorf("%q", got)
		}
		term.Write(1, []byte("\x1b[?2026l\x1b[?2026h\rTH"))
		if got := seen(term)[0]; got != "twe" {
			t.Errorf("half a picture: %q", got)
		}
		select {
		case <-term.Changed():
		default:
			t.Error("nobody will look again")
		}
		time.Sleep(patience)
		if got := seen(term)[0]; got != "THe" {
			t.Errorf("after its time: %q", got)
		}
	})
}

// TestTyping: keys, pastes, the mouse and the focus, as the program wants them.
func TestTyping(t *testing.T) {
	term := New()
	p := serve(t, term)
	at := tea.Mouse{Button: tea.MouseLeft}
	for _, c := range []struct {
		what, mode string
		do         func() bool
		want       string
	}{
		{"a key", "", func() bool { return term.Press(tea.Key{Code: tea.KeyUp}) }, "\x1b[A"},
		{"a key in application mode", "\x1b[?1h", func() bool { return term.Press(tea.Key{Code: tea.KeyUp}) }, "\x1bOA"},
		{"a key told apart", "\x1b[>1u", func() bool { return term.Press(tea.Key{Code: tea.KeyEscape}) }, "\x1b[27u"},
		{"a paste", "", func() bool { return term.Paste("a\nb\r\nc") }, "a\rb\rc"},
		{"a paste in brackets, which it cannot end", "\x1b[?2004h", func() bool { return term.Paste("a\x1b[201~b") }, "\x1b[200~a[201~b\x1b[201~"},
		{"a click that nobody wants", "", func() bool { return term.Mouse(tea.MouseClickMsg(at), 1, 2) }, ""},
		{"a click", "\x1b[?1000h", func() bool { return term.Mouse(tea.MouseClickMsg(at), 1, 2) }, "\x1b[M \"#"},
		{"a release, the older way", "", func() bool { return term.Mouse(tea.MouseReleaseMsg(at), 1, 2) }, "\x1b[M#\"#"},
		{"a click, the newer way", "\x1b[?1006h", func() bool { return term.Mouse(tea.MouseClickMsg(at), 300, 2) }, "\x1b[<0;301;3M"},
		{"a release", "", func() bool { return term.Mouse(tea.MouseReleaseMsg(at), 1, 2) }, "\x1b[<0;2;3m"},
		{"a drag that nobody wants", "", func() bool { return term.Mouse(tea.MouseMotionMsg(at), 1, 2) }, ""},
		{"a drag", "\x1b[?1002h", func() bool { return term.Mouse(tea.MouseMotionMsg(at), 1, 2) }, "\x1b[<32;2;3M"},
		{"a movement", "\x1b[?1003h", func() bool { return term.Mouse(tea.MouseMotionMsg{}, 1, 2) }, "\x1b[<35;2;3M"},
		{"the wheel", "", func() bool { return term.Mouse(tea.MouseWheelMsg{Button: tea.MouseWheelDown}, 1, 2) }, "\x1b[<65;2;3M"},
		{"the wheel where no mouse is wanted", "\x1b[?1003;1002;1000l\x1b[?1049h", func() bool { return term.Mouse(tea.MouseWheelMsg{Button: tea.MouseWheelUp}, 1, 2) }, "\x1bOA\x1bOA\x1bOA"},
		{"the focus", "\x1b[?1004h", func() bool { term.Focus(true); term.Focus(false); return true }, "\x1b[I\x1b[O"},
		{"a line", "", func() bool { return term.Line("a b") }, "a b\n"},
	} {
		term.Write(1, []byte(c.mode))
		if !c.do() {
			t.Errorf("%s: refused", c.what)
		}
		term.Press(tea.Key{Code: '.', Text: "."}) // that nothing more came
		if got := p.read(t, len(c.want)+1); got != c.want+"." {
			t.Fatalf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	term.Finish()
	if _, err := p.typed.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the end of the input: %v", err)
	}
	if term.Line("more") {
		t.Error("a line after the end of the input")
	}
}

// What is typed while nothing runs is for nobody, also not for what is started next.
func TestNobody(t *testing.T) {
	term := New()
	if term.Served() || term.Line("early") && term.Served() {
		t.Error("served by nobody")
	}
	p := serve(t, term)
	if !term.Served() {
		t.Error("not served")
	}
	term.Line("x")
	if got := p.read(t, 2); got != "x\n" {
		t.Errorf("%q", got)
	}
	p.typed.Close()
	term.End(1)
	if term.Line("late") || term.Served() {
		t.Error("typed into what has ended")
	}
}

// A terminal draws whatever it is given at any size, and its rows are what they should
// be.
func TestAnything(t *testing.T) {
	parts := []string{
		"a", "text ", "世", "👩‍👩‍👧", "e\u0301", "\n", "\r", "\t", "\b", "\x0e", "\x0f", "\x1b", "\x1b[", "\x1b]", "\x1bP", "\x1b\\", "\x07",
		"\x1b[m", "\x1b[31m", "\x1b[H", "\x1b[J", "\x1b[2J", "\x1b[3J", "\x1b[K", "\x1b[?1049h", "\x1b[?1049l", "\x1b[?6h", "\x1b[?69h", "\x1b[?2048h",
		"\x1bM", "\x1bD", "\x1bc", "\x1b7", "\x1b8", "\x1b[u", "\x1b(0", "\x1b[6n", "\x1b[c", "\x1b]11;?\x07", "\x1b]4;1;?\x07", "\x1b]8;;x\x07",
	}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 17))
		term := New()
		term.Begin(1)
		var said strings.Builder
		for range 300 {
			switch n := r.IntN(20); {
			case n == 0:
				term.Resize(r.IntN(30), r.IntN(12))
			case n < 6: // a sequence with numbers
				final := "@ABCDEFGHIJKLMPSTXZ`abdefgrstu"[r.IntN(30)]
				fmt.Fprintf(&said, "\x1b[%d;%d%c", r.IntN(40)-1, r.IntN(40), final)
			case n == 6:
				said.WriteByte(byte(r.IntN(256)))
			default:
				said.WriteString(parts[r.IntN(len(parts))])
			}
			if said.Len() > 40 {
				term.Write(1, []byte(said.String()))
				said.Reset()
			}
			f := term.Frame(ansi.WcWidth.StringWidth)
			if len(f.Lines) != term.rows {
				t.Fatalf("seed %d: %d rows of %d", seed, len(f.Lines), term.rows)
			}
			for _, line := range f.Lines {
				if w := ansi.WcWidth.StringWidth(line); w != term.cols {
					t.Fatalf("seed %d: a row of %d cells, not %d: %q", seed, w, term.cols, line)
				}
			}
		}
		term.End(1)
	}
}

// The history of the other screen, which nobody can look at, does not pile up.
func TestForgets(t *testing.T) {
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	term := New()
	term.Begin(1)
	defer term.End(1)
	term.Write(1, []byte("\x1b[?1049h"))
	for i := range 5_000 {
		term.Write(1, fmt.Appendf(nil, "\r\nline %05d %s\x1b[m", i, strings.Repeat("x", 60)))
	}
	if n := int64(heap() - before); n > 20<<20 {
		t.Errorf("it takes %d MB", n>>20)
	}
	got := seen(term)
	if first, last := got[0][:10], got[len(got)-1][:10]; first != "line 04976" || last != "line 04999" {
		t.Errorf("from %q to %q", first, last)
	}
}

// Two programs overlap while one takes over from the other: the newer one is seen and
// typed into, as long as it lives.
func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		what  string
		first int // which of the two ends first
		want  string
		then  int
	}{
		{"the older one goes", 1, "new", 2},
		{"the newer one fails", 2, "old", 1},
	} {
		term := New()
		term.Resize(10, 1)
		programs := map[int]*program{1: newProgram(), 2: newProgram()}
		over := make(chan struct{})
		for gen, text := range []string{1: "old", 2: "new"} {
			if gen == 0 {
				continue
			}
			term.Begin(gen)
			go func() {
				term.Serve(gen, programs[gen])
				over <- struct{}{}
			}()
			<-programs[gen].sizes
			term.Write(gen, []byte(text))
		}
		term.Write(1, []byte("er"))
		if got := seen(term)[0]; got != "new" {
			t.Errorf("%s: while there are two, %q is seen", c.what, got)
		}
		programs[c.first].typed.Close()
		term.End(c.first)
		<-over
		term.Write(c.first, []byte("late"))
		if got := seen(term)[0]; !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q is seen", c.what, got)
		}
		term.Line("x")
		if got := programs[c.then].read(t, 2); got != "x\n" {
			t.Errorf("%s: %q", c.what, got)
		}
		programs[c.then].typed.Close()
		term.End(c.then)
		<-over
		if got := seen(term)[0]; !strings.HasPrefix(got, c.want) || term.Served() {
			t.Errorf("%s: at the end %q is seen, served: %v", c.what, got, term.Served())
		}
	}
}

// BenchmarkWrite: how fast pictures are drawn, and so how fast a program can print on
// its terminal.
func BenchmarkWrite(b *testing.B) {
	for name, text := range map[string]string{
		"lines":    strings.Repeat("2026-01-02 12:00:01 GET /catalog/items/17 200 1.2ms\r\n", 1000),
		"colours":  strings.Repeat("\x1b[32m12:00:01\x1b[m \x1b[1;38;2;1;2;3mGET\x1b[m /catalog/items/17 \x1b[33m200\x1b[m 1.2ms\r\n", 700),
		"pictures": strings.Repeat("\x1b[?1049h\x1b[H"+strings.Repeat("\x1b[44m text of a table \x1b[m│ and more of it \x1b[K\r\n", 20), 50),
	} {
		b.Run(name, func(b *testing.B) {
			term := New()
			term.Begin(1)
			defer term.End(1)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				term.Write(1, []byte(text))
			}
		})
	}
}

// What is drawn later, and skipped in a flood, leads to the picture that drawing all of
// it leads to.
func TestFlood(t *testing.T) {
	floods := 50
	if os.Getenv("HOTDEV_LONG") != "" {
		floods = 1000
	}
	words := []string{
		"a line", "世界 ", "\t", strings.Repeat("long ", 10), "\x1b[31m", "\x1b[1;44m", "\x1b[m", "\r\n", "\r\n", "\r\n", "\n", "\r", "é",
		"\x1b[?7l", "\x1b[?7h", "\x1b[2K", "\x1b[H", "\x1b[2;4r", "\x1b[r", "\x1b[?1049h", "\x1b[?1049l", "\x1b[3", "1m", "\x1b", "·", "\u009b", "\x1b]0;ti", "\x07", "\b",
	}
	for seed := range uint64(floods) {
		r := rand.New(rand.NewPCG(seed, 5))
		fast, slow := New(), New()
		for _, term := range []*Terminal{fast, slow} {
			term.Resize(12, 5)
			term.Begin(1)
		}
		for range 12 {
			var b strings.Builder
			usual := r.IntN(4) > 0 // nothing but lines
			for range r.IntN(120) {
				n := len(words)
				if usual {
					n = 13
				}
				b.WriteString(words[r.IntN(n)])
			}
			split := r.IntN(b.Len() + 1) // by the terminal, anywhere
			fast.Write(1, []byte(b.String()[:split]))
			fast.Write(1, []byte(b.String()[split:]))
			slow.mu.Lock()
			slow.top().put([]byte(b.String()))
			slow.mu.Unlock()
			if r.IntN(3) > 0 {
				continue
			}
			got, want := fast.Frame(ansi.StringWidth), slow.Frame(ansi.StringWidth)
			if !slices.Equal(got.Lines, want.Lines) || got.Cursor != want.Cursor {
				t.Fatalf("seed %d: %+v\n%q\nwant %+v\n%q", seed, got.Cursor, got.Lines, want.Cursor, want.Lines)
			}
		}
		fast.End(1)
		slow.End(1)
	}
}
