package crash

import "strings"

// maxServedLines is the greatest length of net/http's report of a panic.
const maxServedLines = 300

// servedOpening is the beginning of net/http's report that a handler panicked.
const servedOpening = "http: panic serving "

// Panics finds the panics that net/http recovered from, in the output of a program that
// keeps running. It is a value, like [Races].
type Panics struct {
	stream  string
	message string
	lines   []string // since the opening; nil outside of a report
	last    bool     // the next line is the last one
}

// Feed reads the next line of the output, which must be complete and without colours,
// and returns the report that ends with it.
func (p Panics) Feed(stream, text string) (_ Panics, t Trace, found bool) {
	text = strings.TrimRight(text, " \r")
	if _, opening, ok := strings.Cut(text, servedOpening); ok {
		_, message, _ := strings.Cut(opening, ": ") // after the client's address
		return Panics{stream: stream, message: message, lines: []string{}}, Trace{}, false
	}
	if p.lines == nil || stream != p.stream {
		return p, Trace{}, false
	}
	if len(p.lines) == maxServedLines {
		return Panics{}, Trace{}, false
	}
	p.lines = append(p.lines[:len(p.lines):len(p.lines)], text) // an older Panics may share the lines
	if !p.last {
		// The goroutine of a connection has a creator, which comes last.
		p.last = strings.HasPrefix(text, "created by ")
		return p, Trace{}, false
	}
	g := newGrammar()
	for i, line := range p.lines {
		if at := g.header.FindStringIndex(line); at != nil && at[0] == 0 {
			frames := g.frames(p.lines[i+1:], 0)
			t = Trace{Kind: HandlerPanic, Message: p.message, Frames: thrown(frames)}
			return Panics{}, t, true
		}
	}
	return Panics{}, Trace{}, false
}

// thrown removes the frames that report the panic, the runtime's own, and those of
// net/http, which are the same for all requests.
func thrown(frames []Frame) []Frame {
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].Func == "panic" {
			frames = frames[i+1:]
			break
		}
	}
	for len(frames) > 0 && strings.HasPrefix(frames[0].Func, "runtime.") {
		frames = frames[1:]
	}
	for n := len(frames); n > 0 && strings.HasPrefix(frames[n-1].Func, "net/http."); n-- {
		frames = frames[:n-1]
	}
	return frames
}
