package crash

import (
	"regexp"
	"strconv"
	"strings"
)

const (
	// maxOpenings limits the search in an output with many lines that only look like
	// the first line of a report.
	maxOpenings = 100
	// maxOpeningLines is the greatest distance from there to the first goroutine: a
	// long message or the runtime's own stack may be between them.
	maxOpeningLines = 1000
)

// Parse finds the last crash report of a Go program in its output: a panic, a fatal
// error (such as a deadlock or a concurrent map write) or a data race. Frames are those
// of its first goroutine; where that was created is not among them. Colours are
// ignored, as is a prefix of every line, such as a log's time or a container's name. A
// recovered panic whose stack was logged is not a crash.
func Parse(lines []string) (Trace, bool) {
	g := newGrammar()
	clean := make([]string, len(lines))
	for i, l := range lines {
		if strings.IndexByte(l, 0x1b) >= 0 {
			l = g.colours.ReplaceAllString(l, "")
		}
		clean[i] = strings.TrimRight(l, " \r")
	}
	tries := 0
	for i := len(clean) - 1; i >= 0 && tries < maxOpenings; i-- {
		t, prefix, ok := opening(clean[i:])
		if !ok {
			continue
		}
		tries++
		if t, ok := g.report(t, prefix, clean[i+1:]); ok {
			return t, true
		}
	}
	return Trace{}, false
}

// A grammar is the patterns of a report's lines. Crashes are rare, so the patterns are
// compiled when a report is parsed, not at every start of a supervisor.
type grammar struct{ colours, header, call, location, access, begun *regexp.Regexp }

func newGrammar() grammar {
	return grammar{
		colours:  regexp.MustCompile("\x1b\\[[0-9;:]*m"),
		header:   regexp.MustCompile(`goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[[^\]]+\]:$`),
		call:     regexp.MustCompile(`^[\pL_][^\s(]*(?:\.|/|\().*\)$`),
		location: regexp.MustCompile(`^((?:[A-Za-z]:)?[^:]*[^:\s]):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x.*)?$`),
		access:   regexp.MustCompile(`^(?:Racy )?(?:[Rr]ead|[Ww]rite|Atomic read|Atomic write) at 0x[0-9a-f]+ by .*:$|^(?:Previous )?(?:atomic )?(?:read|write) at 0x[0-9a-f]+ by .*:$`),
		begun:    regexp.MustCompile(`^Goroutine (\d+) \([a-z]+\) created at:$`),
	}
}

// opening returns the beginning of a report, if the first of lines is one.
func opening(lines []string) (t Trace, prefix string, ok bool) {
	line := lines[0]
	for _, kind := range []Kind{Panic, FatalError} {
		prefix, message, found := strings.Cut(line+" ", string(kind)+": ") // the message may be empty
		// A prefix ends with a space; "\tpanic: " belongs to an older panic.
		if found && (prefix == "" || strings.HasSuffix(prefix, " ")) {
			return Trace{Kind: kind, Message: unadorned(strings.TrimSpace(message))}, prefix, true
		}
	}
	if prefix, ok := strings.CutSuffix(line, "WARNING: DATA RACE"); ok {
		return Trace{Kind: DataRace}, prefix, true
	}
	// A signal outside of Go code (in cgo) is reported by its name.
	if strings.HasPrefix(line, "SIG") && len(lines) > 1 && strings.HasPrefix(lines[1], "PC=0x") {
		if strings.HasPrefix(line, "SIGQUIT") { // not a failure: the user asked for it
			return Trace{Kind: GoroutineDump, Message: line}, "", true
		}
		return Trace{Kind: FatalError, Message: line}, "", true
	}
	return Trace{}, "", false
}

// unadorned removes what the runtime adds about whether the panic was recovered.
func unadorned(message string) string {
	for _, s := range []string{" [recovered, repanicked]", " [recovered]"} {
		message = strings.TrimSuffix(message, s)
	}
	return message
}

// report parses what follows the opening of t.
func (g grammar) report(t Trace, prefix string, lines []string) (Trace, bool) {
	if t.Kind == DataRace {
		return g.race(t, len(prefix), lines)
	}
	for i, line := range lines[:min(len(lines), maxOpeningLines)] {
		if at := g.header.FindStringIndex(line); at != nil {
			// Below a panic with a prefix, a stack without one is part of a log
			// message.
			if (at[0] > 0) != (prefix != "") {
				return t, false
			}
			t.Frames = g.frames(lines[i+1:], at[0])
			t.Goroutines = g.goroutines(lines[i:], at[0])
			logged := len(t.Frames) > 0 && t.Frames[0].Func == "runtime/debug.Stack"
			return t, !logged
		}
		// A prefix may vary (it may be a time), but not in its length.
		body := line[min(len(prefix), len(line)):]
		if more, ok := strings.CutPrefix(body, "\t"); ok {
			if again, _, ok := opening([]string{more}); ok { // a panic during a panic
				t.Message = again.Message
			} else if t.Message == "" {
				t.Message = more
			}
		}
	}
	// With GOTRACEBACK=none there are no goroutines. Then this must be the end of the
	// output; otherwise the line only looks like a panic.
	if prefix != "" {
		return t, false
	}
	for _, line := range lines {
		if line != "" && line[0] != '\t' && line[0] != '[' && !strings.HasPrefix(line, "exit status ") {
			return t, false
		}
	}
	return t, true
}

// maxGoroutines limits how many different stacks of a report are kept.
const maxGoroutines = 200

// goroutines parses all stacks from the first header on. Equal ones, apart from
// arguments, are counted together.
func (g grammar) goroutines(lines []string, indent int) []Goroutine {
	var all []Goroutine
	index := map[string]int{}
	for i, line := range lines {
		body := line[min(indent, len(line)):]
		if !g.header.MatchString(body) {
			continue
		}
		title := strings.TrimSuffix(body[strings.IndexByte(body, '[')+1:], "]:")
		one := Goroutine{Title: title, Count: 1, Frames: g.frames(lines[i+1:], indent), Created: g.created(lines[i+1:], indent)}
		key := title
		for _, f := range one.Frames {
			key += "\n" + f.Func + " " + f.File + " " + strconv.Itoa(f.Line)
		}
		if j, ok := index[key]; ok {
			all[j].Count++
		} else if len(all) < maxGoroutines {
			index[key] = len(all)
			all = append(all, one)
		}
	}
	return all
}

// created returns the place where the first goroutine in lines was started.
func (g grammar) created(lines []string, indent int) *Frame {
	for i, line := range lines {
		body := line[min(indent, len(line)):]
		if body == "" || g.header.MatchString(body) {
			return nil
		}
		name, ok := strings.CutPrefix(body, "created by ")
		if !ok || i+1 == len(lines) {
			continue
		}
		name, _, _ = strings.Cut(name, " in goroutine ")
		place := lines[i+1][min(indent, len(lines[i+1])):]
		if m := g.location.FindStringSubmatch(strings.TrimLeft(place, "\t ")); m != nil {
			n, _ := strconv.Atoi(m[2])
			return &Frame{Func: name, File: m[1], Line: n}
		}
		return nil
	}
	return nil
}

// frames parses calls, each a line and a place on the next line, up to the end of the
// goroutine. The first indent bytes of a line are a prefix. Unrelated lines may be in
// between.
func (g grammar) frames(lines []string, indent int) []Frame {
	var frames []Frame
	name, inlined := "", false
	for _, line := range lines {
		line = line[min(indent, len(line)):]
		body := strings.TrimLeft(line, "\t ")
		switch {
		case body == "", g.header.MatchString(body), strings.HasPrefix(body, "created by "),
			strings.HasPrefix(body, "exit status "):
			return frames
		case body == line && g.call.MatchString(body):
			name, inlined = function(body), strings.HasSuffix(body, "(...)")
		case body != line && name != "":
			if m := g.location.FindStringSubmatch(body); m != nil {
				n, _ := strconv.Atoi(m[2])
				frames = append(frames, Frame{Func: name, File: m[1], Line: n, Inlined: inlined})
				name = ""
			}
		}
	}
	return frames
}

// function returns a call without its arguments. These may contain parentheses, as may
// the name: main.(*T).M({0x1, 0x2}).
func function(call string) string {
	depth := 0
	for i := len(call) - 1; i >= 0; i-- {
		switch call[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return call[:i]
			}
		}
	}
	return call
}
