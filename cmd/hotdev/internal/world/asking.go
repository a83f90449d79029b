package world

import (
	"fmt"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// findHolder finds the process that has the address which the program wanted.
func (w *World) findHolder(e engine.FindHolder, emit func(engine.Event)) {
	if !w.place.latest(e.Gen) {
		return
	}
	if h, ok := runner.FindHolder(e.Addr); ok {
		emit(engine.Held{Gen: e.Gen, Conflict: engine.Conflict{Addr: e.Addr, Pid: h.Pid, Start: h.Start, Command: h.Command, Ours: h.Leftover}})
	}
}

// evict ends the process that has the address.
func (w *World) evict(e engine.Evict, emit func(engine.Event)) {
	if !w.place.latest(e.Gen) {
		return // the address does not concern the program that runs now
	}
	held := engine.Held{Gen: e.Gen, Conflict: e.Conflict}
	if held.Ended = runner.Evict(runner.Holder{Pid: e.Conflict.Pid, Start: e.Conflict.Start}); !held.Ended {
		held.Err = fmt.Sprintf("pid %d, which has %s, could not be ended", e.Conflict.Pid, e.Conflict.Addr)
	}
	emit(held)
}

// quote reads the source around a place in a report.
func (w *World) quote(e engine.Quote, emit func(engine.Event)) {
	if !w.place.latest(e.Gen) {
		return
	}
	if lines, first := builder.Excerpt(e.File, e.Line); lines != nil {
		emit(engine.Quoted{Gen: e.Gen, Excerpt: engine.Excerpt{File: e.File, Line: e.Line, First: first, Lines: lines}})
	}
}
