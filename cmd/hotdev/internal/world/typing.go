package world

import (
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/runner"
)

// A Terminal is the screen's terminal, which programs draw on and read from. For each
// program Begin, Serve and End are called in this order, with its generation, and Write
// between Begin and End. Programs may overlap.
type Terminal interface {
	// Begin returns the size of the terminal.
	Begin(gen int) (rows, cols uint16)
	// Write draws what the program prints.
	Write(gen int, p []byte)
	// Serve passes on what is typed, until End is called or the program reads no more.
	Serve(gen int, p Typed)
	End(gen int)
}

// Typed is a program that reads what is typed.
type Typed = interface {
	Input() io.WriteCloser
	Resize(rows, cols uint16) error
}

// A desk passes on what is typed into one program; it is nil if the program reads
// nothing.
type desk struct {
	gen      int
	terminal Terminal
	serving  sync.WaitGroup
}

// typeInto prepares the input of a program that has a terminal or reads lines.
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

// describe sets the variables that describe the program's terminal, in place of the one
// that hotdev was started in. The configuration takes precedence.
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
		env = append(env, "TERM=xterm-256color") // the last of two counts
	}
	if !colour {
		env = append(env, "COLORTERM=truecolor")
	}
	return env
}

// serve starts passing on what is typed; write prints it if no terminal echoes it.
func (d *desk) serve(p *runner.Process, write func([]runner.Line)) {
	if d == nil || p.Input() == nil { // the system has no terminals
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

// echoed is a program whose input is shown with its output if no terminal echoes it.
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
