package crash

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	raceOpening = "WARNING: DATA RACE"
	raceEnd     = "=================="
	// maxRaceLines is how long a report may be: the detector gives the stacks of two
	// accesses and of where their goroutines were created. One that does not come to
	// its end by then is none.
	maxRaceLines = 500
)

// race parses what follows WARNING: DATA RACE. The first access is the one
// that was caught; its frames are indented by two more blanks than a panic's.
func (g grammar) race(t Trace, indent int, lines []string) (Trace, bool) {
	creations := map[string]*Frame{}
	number := regexp.MustCompile(`goroutine (\d+):$`)
	of := map[int]string{} // the goroutine of an access
	for i, line := range lines {
		body := line[min(indent, len(line)):]
		if body == raceEnd || i > maxRaceLines {
			break
		}
		switch m := g.begun.FindStringSubmatch(body); {
		case m != nil:
			if frames := g.frames(lines[i+1:], indent+2); len(frames) > 0 {
				creations[m[1]] = &frames[0]
			}
		case g.access.MatchString(body):
			if n := number.FindStringSubmatch(body); n != nil {
				of[len(t.Goroutines)] = n[1]
			}
			t.Goroutines = append(t.Goroutines, Goroutine{Title: strings.TrimSuffix(body, ":"), Count: 1, Frames: g.frames(lines[i+1:], indent+2)})
		case i == 0: // the first part is an access
			return t, false
		}
	}
	if len(t.Goroutines) == 0 {
		return t, false
	}
	for i, n := range of {
		t.Goroutines[i].Created = creations[n]
	}
	t.Message, t.Frames = t.Goroutines[0].Title, t.Goroutines[0].Frames
	return t, true
}

// Races finds the reports of data races in the output of a program that goes on
// running. It is a value: what Feed returns continues its receiver.
type Races struct {
	stream string
	prefix string
	lines  []string // since the opening; nil while there is none
}

// Feed looks at the next line of the output, which has its end and no colours,
// and gives the report that ends in it. Streams of different names do not mix.
func (r Races) Feed(stream, text string) (_ Races, t Trace, found bool) {
	text = strings.TrimRight(text, " \r")
	if r.lines == nil {
		// The detector writes it on a line of its own; a container or a logger puts the
		// same prefix before every line.
		if prefix, ok := strings.CutSuffix(text, raceOpening); ok {
			r = Races{stream: stream, prefix: prefix, lines: []string{}}
		}
		return r, Trace{}, false
	}
	if stream != r.stream {
		return r, Trace{}, false
	}
	if body := text[min(len(r.prefix), len(text)):]; body != raceEnd {
		if len(r.lines) == maxRaceLines {
			return Races{}, Trace{}, false
		}
		r.lines = append(r.lines[:len(r.lines):len(r.lines)], text) // an older Races may hold the same
		return r, Trace{}, false
	}
	t, found = newGrammar().race(Trace{Kind: DataRace}, len(r.prefix), r.lines)
	return Races{}, t, found
}

// Same reports whether two reports are of the same fault: the same stacks, in
// whatever goroutines and at whatever addresses.
func (t Trace) Same(u Trace) bool { return t.key() == u.key() }

func (t Trace) key() string {
	var b strings.Builder
	b.WriteString(string(t.Kind))
	frames := func(fs []Frame) {
		for _, f := range fs {
			b.WriteString("\n" + f.Func + " " + f.File + " " + strconv.Itoa(f.Line))
		}
	}
	if len(t.Goroutines) == 0 {
		frames(t.Frames)
	}
	for _, g := range t.Goroutines {
		b.WriteString("\n-")
		frames(g.Frames)
	}
	if t.Kind != DataRace {
		b.WriteString("\n" + t.Message)
	}
	return b.String()
}
