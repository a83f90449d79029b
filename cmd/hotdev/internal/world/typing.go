package world

import (
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/runner"
)

// A Terminal is what programs are typed into, and draw on. For each program Begin,
// Serve and End are called in this order, with its generation, and Write between Begin
// and End. Programs may overlap.
type Terminal interface {
	// Begin says how large the terminal is.
	Begin(gen int) (rows, cols uint16)
	// Write draws what the program prints.
	Write(gen int, p []byte)
	// Serve writes what is typed, until End is called or the program takes no more.
	Serve(gen int, p Typed)
	End(gen int)
}

// Typed is a program that is typed into.
type Typed = interface {
	Input() io.WriteCloser
	Resize(rows, cols uint16) error
}

// A desk is where one program is typed into; nil if it is not.
type desk struct {
	gen      int
	terminal Terminal
	serving  sync.WaitGroup
}

// typeInto prepares what the program reads and draws on, if it has a terminal or reads
// lines.
func (w *World) typeInto(gen int, spec *runner.Spec) *desk {
	if w.Terminal == nil || !spec.TTY && !spec.Input {
		return nil
	}
	spec.Rows, spec.Cols = w.Terminal.Begin(gen)
	if spec.TTY {
		spec.Env = describe(spec.Env)
		spec.Raw = func(p []byte) { w.Terminal.Write(gen, p) }
	}
	return &desk{gen: gen, terminal: w.Terminal}
}

// describe names the terminal that the program has, in place of the one that hotdev was
// started in. What the configuration says comes first.
func describe(env []string) []string {
	if env == nil {
		env = os.Environ()
	}
	env = slices.Clone(env)
	said, colour := "", false
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "TERM="); ok {
			said = v
		}
		colour = colour || strings.HasPrefix(e, "COLORTERM=") && e != "COLORTERM="
	}
	if said == "" || said == os.Getenv("TERM") {
		env = append(env, "TERM=xterm-256color") // of two the last counts
	}
	if !colour {
		env = append(env, "COLORTERM=truecolor")
	}
	return env
}

// serve begins to hand over what is typed; write is what prints it where no terminal
// echoes it.
func (d *desk) serve(p *runner.Process, write func([]runner.Line)) {
	if d == nil || p.Input() == nil { // a system without terminals
		return
	}
	d.serving.Go(func() { d.terminal.Serve(d.gen, echoed{p, write}) }) // ends with end
}

// end is called when nothing of the program is left.
func (d *desk) end() {
	if d != nil {
		d.terminal.End(d.gen)
		d.serving.Wait()
	}
}

// echoed is a program whose input appears among its output, if no terminal echoes it.
type echoed struct {
	*runner.Process
	write func([]runner.Line)
}

func (t echoed) Input() io.WriteCloser {
	in := t.Process.Input()
	if t.Terminal() {
		return in
	}
	return echoing{in, t.write}
}

type echoing struct {
	io.WriteCloser
	write func([]runner.Line)
}

// Write is called with whole lines.
func (e echoing) Write(p []byte) (int, error) {
	var lines []runner.Line
	for line := range strings.Lines(string(p)) {
		lines = append(lines, runner.Line{Stream: runner.Stdin, Text: strings.TrimSuffix(line, "\n")})
	}
	e.write(lines) // before the program can answer
	return e.WriteCloser.Write(p)
}
