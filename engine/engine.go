// Package engine decides: what a save, a key, a finished build or a dead
// process leads to. It holds the policy ([Step], a pure function) and the loop
// that feeds it ([Run]).
//
//	keys ──────────────┐
//	files (watcher) ───┤                          ┌─► tui          (latest state wins)
//	build (builder) ───┼─► events ─► Step ─► State┤
//	process (runner) ──┤             │            └─► plain, json  (every event, in order)
//	signals ───────────┘             └─► effects
//	          ▲                              │
//	          └────────── Run ◄──────────────┘   each effect runs in a goroutine that Run
//	                                             owns, and answers with events
//
// It knows no go command, no file system, no clock and no terminal; those are
// behind [World].
package engine

import "context"

// A World carries out effects.
type World interface {
	// Do carries out one effect and returns when that is done; it reports through
	// emit, which blocks until the loop has taken the event (that is how
	// back-pressure reaches a talkative program). Do is called on a goroutine of
	// its own for every effect. ctx ends when a Cancel names the build, when
	// another List supersedes this one, or when the loop is over; Do then returns
	// soon. An effect that names the generation of a program reaches no other
	// program, however late it is carried out.
	Do(ctx context.Context, e Effect, emit func(Event))
}

// A View looks on.
type View interface {
	// Show is called on the loop's goroutine for every event, with the state that
	// it led to; where that is the end of a cycle, then for an [Ended] with the same
	// state. It must not block.
	Show(s State, e Event)
}
