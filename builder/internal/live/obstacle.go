package live

import (
	"fmt"
	"path/filepath"
)

// A Kind is the kind of a reason against a patch.
type Kind string

const (
	Type           Kind = "type"      // a declared type changed
	Signature      Kind = "signature" // the type of a function that other code keeps calling changed
	Variable       Kind = "variable"  // the type of a variable changed
	Init           Kind = "init"      // initialisation would have to run
	Pragma         Kind = "pragma"    // compiler directives
	Method         Kind = "method"    // methods that the linker left out, or that were removed
	WrongToolchain Kind = "toolchain" // an unknown version or layout
	Program        Kind = "program"   // the program is built or run in a way that excludes patches
	Reach          Kind = "reach"     // an address is too far away
	Symbol         Kind = "symbol"    // an unknown symbol, or an unknown kind of symbol or reference
	Agent          Kind = "agent"     // the program did not accept the patch
	Internal       Kind = "internal"  // something unexpected in this package
)

// An Obstacle is the reason why a change cannot be put into the running program, which
// is then unchanged. It is an error, for convenience.
type Obstacle struct {
	Kind Kind `json:"kind"`
	// Symbol is what the reason is about, in the linker's or in Go's notation.
	Symbol string `json:"symbol,omitempty"`
	// File and Line are its place in the source, if it has one.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Reason is a sentence, without its place.
	Reason string `json:"reason"`
}

// Error returns the sentence with its place: "store.go:14: field Price added to Item".
func (o *Obstacle) Error() string {
	if o.File == "" {
		return o.Reason
	}
	return fmt.Sprintf("%s:%d: %s", filepath.Base(o.File), o.Line, o.Reason)
}

// refuse makes an obstacle. Code that finds one deep inside the linker panics with it;
// the package's entry points recover it.
func refuse(kind Kind, symbol, format string, args ...any) *Obstacle {
	return &Obstacle{Kind: kind, Symbol: symbol, Reason: fmt.Sprintf(format, args...)}
}

// catch recovers an obstacle. It turns any other panic into one as well: a malformed
// object must not end hotdev, and must not lead to a patch.
func catch(o **Obstacle) {
	switch e := recover().(type) {
	case nil:
	case *Obstacle:
		*o = e
	default:
		*o = refuse(Internal, "", "live code met something unexpected: %v", e)
	}
}
