// Package crash knows how a Go program reports that it came to grief: panics,
// fatal errors, data races and goroutine dumps, as they are printed.
package crash

// A Trace is a Go crash report found in a program's output.
type Trace struct {
	// Count is how many equal ones there were; 0 is one.
	Count int  `json:"count,omitempty"`
	Kind  Kind `json:"kind"`
	// Message is the text after "panic: " or "fatal error: ", one line.
	Message string `json:"message"`
	// Frames are those of the first goroutine, innermost first.
	Frames []Frame `json:"frames,omitempty"`
	// Goroutines are all of the report, the one it is about first; those at the
	// same place in the same state are counted as one. Of a data
	// race: its accesses, with where their goroutines were created.
	Goroutines []Goroutine `json:"goroutines,omitempty"`
}

// Kind is what a report is about, as a reader knows it.
type Kind string

// What a Go program reports of itself. A goroutine dump is the answer to SIGQUIT. A
// panic in a handler is one that net/http recovered from: the program goes on.
const (
	Panic         Kind = "panic"
	FatalError    Kind = "fatal error"
	DataRace      Kind = "data race"
	GoroutineDump Kind = "goroutine dump"
	HandlerPanic  Kind = "panic in a handler"
)

// A Goroutine is one stack of a Trace, or several equal ones.
type Goroutine struct {
	// Title is what the report says of it: "running", "chan receive, 2 minutes",
	// "Write at 0x00c000012345 by goroutine 7".
	Title string `json:"title"`
	// Count is how many there are, at least 1.
	Count  int     `json:"count"`
	Frames []Frame `json:"frames,omitempty"`
	// Created is where it was started; nil if unknown.
	Created *Frame `json:"created,omitempty"`
}

// A Frame is one call in a Trace.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
	// Own: the user's own code. Whoever parses a Trace does not know; the engine
	// does.
	Own bool `json:"own,omitempty"`
	// Inlined: its code is part of that of the next frame which is not. A data race's
	// report does not tell.
	Inlined bool `json:"-"`
}
