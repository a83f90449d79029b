package crash

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	raceOpening = "WARNING: DATA RACE"
	raceEnd     = "=================="
	// maxRaceLines is the greatest length of a report: the detector prints the stacks
	// of two accesses and of the creation of their goroutines. Lines that have not
	// ended by then are not a report.
	maxRaceLines = 500
)

// race parses what follows WARNING: DATA RACE. The first access is the one that was
// detected; its frames are indented by two more spaces than a panic's.
func (g grammar) race(t Trace, indent int, lines []string) (Trace, bool) {
	creations := map[string]*Frame{}
	number := regexp.MustCompile(`goroutine (\d+):$`)
	of := map[int]string{} // the goroutine of each access
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

// Races finds the reports of data races in the output of a program that keeps running.
// It is a value: Feed returns the next state.
type Races struct {
	stream string
	prefix string
	lines  []string // since the opening; nil outside of a report
}

// Feed reads the next line of the output, which must be complete and without colours,
// and returns the report that ends with it. Lines of different streams are kept apart.
func (r Races) Feed(stream, text string) (_ Races, t Trace, found bool) {
	text = strings.TrimRight(text, " \r")
	if r.lines == nil {
		// The detector writes it on a line of its own; a container or a logger adds the
		// same prefix to every line.
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
		r.lines = append(r.lines[:len(r.lines):len(r.lines)], text) // an older Races may share the lines
		return r, Trace{}, false
	}
	t, found = newGrammar().race(Trace{Kind: DataRace}, len(r.prefix), r.lines)
	return Races{}, t, found
}

// Same reports whether two reports are about the same fault: they have the same stacks,
// whatever the goroutines and addresses.
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
