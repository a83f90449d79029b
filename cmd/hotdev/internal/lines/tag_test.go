package lines

import (
	"bytes"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
)

// Where there are several programs, each line says whose it is, hotdev's own words
// too; a line is printed when it has its end, so that two never share one.
func TestPlainNamesPrograms(t *testing.T) {
	var out, errs bytes.Buffer
	p := NewPrinter()
	v := NewPlain(p, Out{Writer: &out, Colour: true}, Out{Writer: &errs}, "/p")
	s := session.State{Programs: []session.Program{{Name: "api"}, {Name: "worker"}}}
	wrote := func(program int, lines ...runner.Line) { v.Show(s, program, engine.Wrote{Lines: lines}) }
	v.Say("of none")
	wrote(0, runner.Line{Stream: runner.Stdout, Text: "half", Partial: true})
	wrote(1, runner.Line{Stream: runner.Stdout, Text: "w"}, runner.Line{Stream: runner.Stderr, Text: "e"})
	wrote(0, runner.Line{Stream: runner.Stdout, Text: "half and half"})
	wrote(1, runner.Line{Stream: runner.Stdout, Text: "50%", Partial: true})
	v.Show(s, 1, engine.Exited{Exit: runner.Exit{Code: 3}})
	p.Close()
	if want := "\x1b[33mworker |\x1b[m w\n\x1b[36mapi    |\x1b[m half and half\n\x1b[33mworker |\x1b[m 50%\n"; out.String() != want {
		t.Errorf("stdout is\n%q, want\n%q", out.String(), want)
	}
	if want := "hotdev: of none\nworker | e\nworker | hotdev:  crashed: exit status 3 after 0 ms; waits for the next save or key\n"; errs.String() != want {
		t.Errorf("stderr is\n%q, want\n%q", errs.String(), want)
	}
}
