// Package crash parses the failure reports of Go programs: panics, fatal errors, data
// races and goroutine dumps, as they are printed.
package crash

// A Trace is a Go crash report found in a program's output.
type Trace struct {
	// Count is the number of equal reports; 0 means one.
	Count int  `json:"count,omitempty"`
	Kind  Kind `json:"kind"`
	// Message is the text after "panic: " or "fatal error: ", one line.
	Message string `json:"message"`
	// Frames are those of the first goroutine, innermost first.
	Frames []Frame `json:"frames,omitempty"`
	// Goroutines are all goroutines of the report, the one that it is about first.
	// Those at the same place in the same state are counted together. For a data race
	// they are its accesses, with the places where their goroutines were created.
	Goroutines []Goroutine `json:"goroutines,omitempty"`
}

// Kind is the kind of a report, in words for its reader.
type Kind string

// The kinds of reports. A goroutine dump is the answer to SIGQUIT. net/http recovers
// from a panic in a handler: the program keeps running.
const (
	Panic         Kind = "panic"
	FatalError    Kind = "fatal error"
	DataRace      Kind = "data race"
	GoroutineDump Kind = "goroutine dump"
	HandlerPanic  Kind = "panic in a handler"
)

// A Goroutine is one stack of a Trace, or several equal ones.
type Goroutine struct {
	// Title is how the report describes it: "running", "chan receive, 2 minutes",
	// "Write at 0x00c000012345 by goroutine 7".
	Title string `json:"title"`
	// Count is the number of such goroutines, at least 1.
	Count  int     `json:"count"`
	Frames []Frame `json:"frames,omitempty"`
	// Created is the place where it was started; nil if unknown.
	Created *Frame `json:"created,omitempty"`
}

// A Frame is one call in a Trace.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Own: this is the user's own code. The parser does not know; the engine sets it.
	Own bool `json:"own,omitempty"`
	// Inlined: the call is inlined into the next frame that is not itself inlined.
	// Reports of data races do not show this.
	Inlined bool `json:"-"`
}
