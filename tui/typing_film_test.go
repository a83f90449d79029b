package tui

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
)

// typist is a program that the test plays on a film.
type typist struct {
	f      *film
	served sync.WaitGroup
	typed  *io.PipeReader
	input  *io.PipeWriter

	mu   sync.Mutex
	read strings.Builder
	size string
}

func (p *typist) Input() io.WriteCloser { return p.input }

func (p *typist) Resize(rows, cols uint16) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.size = fmt.Sprintf("%dx%d", cols, rows)
	return nil
}

// starts is what the world does for a program.
func (f *film) starts() *typist {
	p := &typist{f: f}
	p.typed, p.input = io.Pipe()
	term := f.screen.Terminal(0)
	term.Begin(14)
	p.served.Go(func() { term.Serve(14, p) })
	p.served.Go(func() {
		b := make([]byte, 1000)
		for {
			n, err := p.typed.Read(b)
			p.mu.Lock()
			p.read.Write(b[:n])
			if errors.Is(err, io.EOF) {
				p.read.WriteString("EOF")
			}
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	})
	return p
}

func (p *typist) prints(s string) { p.f.screen.Terminal(0).Write(14, []byte(s)) }

// got takes what was typed so far.
func (p *typist) got() string {
	p.f.term.Settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.read.String()
	p.read.Reset()
	return s
}

func (p *typist) ends() {
	p.input.Close()
	p.f.screen.Terminal(0).End(14)
	p.served.Wait()
}

func stateTTY() engine.State {
	s := stateUp()
	s.Settings.Run.TTY = true
	return s
}

// TestTypingFilm: a program that draws is given the keyboard and the mouse, and they
// are taken back.
func TestTypingFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 100, 24, Options{})
		var reel strings.Builder
		var p *typist
		scene := func(name string) {
			screen := f.term.Screen()
			typed := p.got()
			fmt.Fprintf(&reel, "== %s\n%styped: %q, size %s\n", name, screen, typed, p.size)
		}
		p = f.starts()
		f.show(at(stateTTY(), 42*time.Minute))
		p.prints("only lines\r\n")
		scene("a program that prints lines: they are looked at")
		f.term.Send("\x1b[<0;40;12M\x1b[<32;50;12M\x1b[<0;50;12m")
		scene("a drag copies")
		f.term.Send("\x1b[<0;40;12M\x1b[<0;40;12m")
		scene("a click is to type there")
		f.term.Send("\x1d")
		p.prints("\x1b[?1049h\x1b[H\x1b[31mA picture\x1b[m\x1b]2;game; level 2\x07\x1b[3;4H>")
		scene("it draws")
		f.term.Send("R") // hotdev's
		if sent := f.sent(); sent != "Rebuild" {
			t.Errorf("R sent %q", sent)
		}
		f.term.Send("i")
		scene("the keyboard is its own")
		f.term.Send("Rq\x03\x1a?\x1b[A")
		scene("all keys are")
		if sent := f.sent(); sent != "" {
			t.Errorf("hotdev did %s", sent)
		}
		f.term.Send("\x1b[200~two\nlines\x1b[201~")
		scene("a paste")
		p.prints("\x1b[?1000h\x1b[?1006h")
		f.term.Settle()
		f.term.Send("\x1b[<0;30;12M\x1b[<0;99;1m\x1b[<65;30;12M")
		scene("the mouse, released outside")
		f.term.Resize(60, 15)
		scene("smaller")
		f.term.Send("\x1d")
		scene("taken back")
		f.term.Send("z")
		scene("zoomed, it has all of the screen")
		f.term.Send("/")
		scene("but lines have a border")
		f.term.Send("\x1b")
		f.term.Settle()
		f.term.Send("z ")
		if sent := f.sent(); sent != "Pause" {
			t.Errorf("space sent %q", sent)
		}
		f.term.Send("I")
		scene("its lines")
		f.term.Send("I")
		f.term.Resize(100, 24)
		f.term.Settle()
		f.term.Send("\x1b[<0;40;14M\x1b[<0;40;14m") // a click gives it, too
		f.term.Send("x")
		scene("given by a click")
		f.term.Send("\x1b[<0;3;5M\x1b[<0;3;5m") // in Packages
		f.term.Send("y")
		scene("taken back by a click elsewhere")
		f.term.Send("3i")
		f.term.Settle()
		p.ends()
		f.show(at(stateCrashed(), 42*time.Minute))
		scene("it crashes while it has the keyboard")
		p = f.starts()
		f.show(at(stateTTY(), 42*time.Minute))
		p.prints("\x1b[?25lagain")
		f.term.Send("z")
		scene("the next one has it at once")
		f.term.Send("\x1d")
		scene("a picture that others would scroll away from")
		f.term.Send("\x1b[<64;40;14M")
		scene("has lines above")
		p.ends()
		f.over()
		golden.RequireEqual(t, []byte(reel.String()))
	})
}

// TestLinesFilm: a program that reads lines is given some, and the end of them.
func TestLinesFilm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := roll(t, 60, 15, Options{})
		var reel strings.Builder
		p := f.starts()
		scene := func(name string) {
			fmt.Fprintf(&reel, "== %s\n%styped: %q\n", name, f.term.Screen(), p.got())
		}
		s := stateUp()
		f.show(at(s, 42*time.Minute))
		f.term.Send("i")
		scene("a program that reads nothing")
		s.Settings.Run.Input = true
		f.show(at(s, 42*time.Minute))
		f.term.Send("i")
		scene("the prompt")
		f.term.Send("select 1;")
		scene("before enter")
		f.term.Send("\rq\x04")
		scene("sent, and the next one begun, which is not the end")
		f.term.Send("\x1d")
		f.term.Settle()
		f.term.Send("i\x1b")
		scene("left twice")
		f.term.Send("i\x04")
		scene("the end")
		p.ends()
		f.over()
		golden.RequireEqual(t, []byte(reel.String()))
	})
}
