package live

import (
	"fmt"
	"path/filepath"
)

// A Kind is why something cannot be patched.
type Kind string

const (
	Type           Kind = "type"      // a declared type is another one
	Signature      Kind = "signature" // a function that lives on has another type
	Variable       Kind = "variable"  // a variable has another type
	Init           Kind = "init"      // initialisation that would have to run
	Pragma         Kind = "pragma"    // compiler directives
	Method         Kind = "method"    // methods that the linker left out, or that are gone
	WrongToolchain Kind = "toolchain" // of a version or with a layout that is not known
	Program        Kind = "program"   // the program is built or run in a way that speaks against it
	Reach          Kind = "reach"     // an address is too far away
	Symbol         Kind = "symbol"    // a symbol or a reference of a kind that is not known
	Agent          Kind = "agent"     // the program did not take the patch
	Internal       Kind = "internal"  // this package has met what it did not expect
)

// An Obstacle is why a change cannot be put into the running program. Nothing
// has been done to it then. An Obstacle is an error, for convenience.
type Obstacle struct {
	Kind Kind `json:"kind"`
	// Symbol is what it is about, as the linker or as Go names it.
	Symbol string `json:"symbol,omitempty"`
	// File and Line are where, if it has a place in the source.
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Reason is a sentence without its place.
	Reason string `json:"reason"`
}

// Error is the sentence with its place: "store.go:14: field Price added to Item".
func (o *Obstacle) Error() string {
	if o.File == "" {
		return o.Reason
	}
	return fmt.Sprintf("%s:%d: %s", filepath.Base(o.File), o.Line, o.Reason)
}

// refuse makes an obstacle. The code that finds one deep inside the linker
// panics with it; the package's entry points recover it.
func refuse(kind Kind, symbol, format string, args ...any) *Obstacle {
	return &Obstacle{Kind: kind, Symbol: symbol, Reason: fmt.Sprintf(format, args...)}
}

// catch recovers an obstacle. Whatever else went wrong is one too: a malformed
// object must not end hotdev, and no patch may come of it.
func catch(o **Obstacle) {
	switch e := recover().(type) {
	case nil:
	case *Obstacle:
		*o = e
	default:
		*o = refuse(Internal, "", "live code met something unexpected: %v", e)
	}
}
