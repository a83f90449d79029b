package lines

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/runner"
)

// A tag is the mouth of one of several programs: each line begins with the program's
// name, and is printed when it is complete, so that no two programs share a line.
type tag struct {
	printer *Printer
	streams map[runner.Stream]Out
	open    map[runner.Stream]string // the incomplete lines
	name    string
	colour  int
}

// tagColours are the terminal's colours for programs, in their order. Red is for
// failures.
var tagColours = []int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}

// newTag returns the tag of the n-th program; all names have the same width.
func newTag(p *Printer, stdout, stderr Out, name string, n int) *tag {
	return &tag{
		printer: p, name: safe.Text(name), colour: tagColours[n%len(tagColours)],
		streams: map[runner.Stream]Out{runner.Stdout: stdout, runner.Stderr: stderr},
		open:    map[runner.Stream]string{},
	}
}

func (t *tag) say(text string) {
	for line := range strings.Lines(text) {
		t.print(runner.Stderr, strings.TrimSuffix(line, "\n"))
	}
}

func (t *tag) wrote(lines []runner.Line) {
	for _, l := range lines {
		if l.Partial {
			t.open[l.Stream] = l.Text
			continue
		}
		delete(t.open, l.Stream)
		t.print(l.Stream, l.Text)
	}
}

func (t *tag) over() {
	for _, stream := range []runner.Stream{runner.Stdout, runner.Stderr} {
		if text := t.open[stream]; text != "" {
			t.print(stream, text)
		}
	}
	clear(t.open)
}

func (t *tag) print(stream runner.Stream, text string) {
	out := t.streams[stream]
	front := t.name + " | "
	if out.Colour {
		front = fmt.Sprintf("\x1b[%dm%s |%s ", t.colour, t.name, runner.Reset)
	}
	t.printer.print(out.Writer, []byte(front+text+"\n"))
}
