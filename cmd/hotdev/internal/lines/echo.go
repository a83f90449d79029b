package lines

import (
	"io"
	"os"
	"strings"

	"github.com/hotdev/hotdev/runner"
)

// An echo prints what the program prints, to the stream that the program chose, with
// hotdev's own words in between. An incomplete line (a prompt, progress) is printed as
// it comes, each part of it once. Other output to the same place begins on a new line;
// the rest of the interrupted line follows on another one.
type echo struct {
	printer *Printer
	streams map[runner.Stream]*stream
	shared  bool // both streams go to the same place
}

// A stream is stdout or stderr.
type stream struct {
	Out
	shown string // the printed part of the program's incomplete line
	open  bool   // the last output is the end of that part
}

// An Out is a destination of lines.
type Out struct {
	io.Writer
	Terminal bool // printed text can be erased
	Colour   bool // the reader sees colours
}

func newEcho(p *Printer, stdout, stderr Out) *echo {
	return &echo{
		printer: p,
		streams: map[runner.Stream]*stream{
			runner.Stdout: {Out: stdout},
			runner.Stderr: {Out: stderr},
		},
		shared: samePlace(stdout.Writer, stderr.Writer),
	}
}

// samePlace reports whether output to a appears between output to b.
func samePlace(a, b io.Writer) bool {
	f, isFile := a.(*os.File)
	g, isToo := b.(*os.File)
	if !isFile || !isToo {
		return a == b
	}
	at, err := f.Stat()
	too, err2 := g.Stat()
	return err == nil && err2 == nil && os.SameFile(at, too)
}

// say prints whole lines of hotdev's own to stderr.
func (e *echo) say(text string) {
	s := e.streams[runner.Stderr]
	e.interrupt(s)
	e.end(s)
	e.printer.print(s.Writer, []byte(text))
}

// wrote prints what the program did.
func (e *echo) wrote(lines []runner.Line) {
	for len(lines) > 0 {
		s := e.streams[lines[0].Stream]
		if whole := wholeLines(lines); s.shown == "" && whole > 0 {
			e.interrupt(s)
			e.printer.print(s.Writer, joined(lines[:whole]))
			lines = lines[whole:]
			continue
		}
		e.line(s, lines[0])
		lines = lines[1:]
	}
}

// wholeLines returns the number of leading lines that are complete and go to one
// stream.
func wholeLines(lines []runner.Line) int {
	for i, l := range lines {
		if l.Partial || l.Stream != lines[0].Stream {
			return i
		}
	}
	return len(lines)
}

func joined(lines []runner.Line) []byte {
	size := 0
	for _, l := range lines {
		size += len(l.Text) + 1
	}
	text := make([]byte, 0, size)
	for _, l := range lines {
		text = append(append(text, l.Text...), '\n')
	}
	return text
}

// line prints a line that is incomplete, or that was before.
func (e *echo) line(s *stream, l runner.Line) {
	text, goesOn := rest(s.shown, l.Text)
	switch {
	case goesOn:
	case !s.open:
		text = l.Text
	default: // the program returned to the beginning of the line
		text = "\r" + l.Text
		if s.Terminal {
			text = "\r\x1b[K" + l.Text
		}
	}
	interrupted := s.shown != "" && !s.open
	s.shown = l.Text
	if text != "" {
		e.interrupt(s)
		s.open = l.Text != ""
	}
	if !l.Partial {
		if text != "" || !interrupted { // else the printed part has its line end already
			text += "\n"
		}
		s.shown, s.open = "", false
	}
	if text != "" {
		e.printer.print(s.Writer, []byte(text))
	}
}

// rest returns what text has beyond the part that was shown, in its colours; goesOn is
// false if text does not begin with that part.
func rest(shown, text string) (more string, goesOn bool) {
	if text == shown {
		return "", true
	}
	more, goesOn = strings.CutPrefix(text, shown)
	if bare, ended := strings.CutSuffix(shown, runner.Reset); ended && !goesOn {
		if more, goesOn = strings.CutPrefix(text, bare); goesOn {
			more = colours(bare) + more
		}
	}
	return more, goesOn
}

// colours returns the colour sequences of a line.
func colours(text string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(text, 0x1b)
		if from < 0 {
			return b.String()
		}
		to := from + strings.IndexByte(text[from:], 'm') + 1
		b.WriteString(text[from:to])
		text = text[to:]
	}
}

// interrupt ends an incomplete line of the other stream before s prints.
func (e *echo) interrupt(s *stream) {
	for _, other := range e.streams {
		if other != s && e.shared {
			e.end(other)
		}
	}
}

// end ends the incomplete line of a stream.
func (e *echo) end(s *stream) {
	if s.open {
		s.open = false
		e.printer.print(s.Writer, []byte("\n"))
	}
}

// over ends the incomplete lines of a program that has ended.
func (e *echo) over() {
	for _, s := range e.streams {
		e.end(s)
		s.shown = ""
	}
}
