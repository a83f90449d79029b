package engine

import (
	"fmt"
	"strings"
)

// Live code: changed functions go straight into the running program, if the
// builder finds that provably right. The program is learned once it is up; from
// then on a save's build patches it instead of linking. Where it may not, the same
// build links, and the program restarts, for the reason that is said.

// Patching is what of live code is in force for the running program.
type Patching struct {
	// Able: the program was learned, and takes patches.
	Able bool
}

// patches reports whether a build for this cause may go into the running program.
func (s State) patches(cause Cause, w want) bool {
	p := s.Process
	switch {
	case !s.Settings.Build.Live, w != wantCurrent, cause.Kind != BySave && cause.Kind != ByKey:
	case p.Phase != Up, p.after != afterNothing, p.Desire == ToRest, p.Old, !p.Patching.Able:
	case p.Gen != s.Build.Published, p.Live.Loads > 0, !sameSpec(p.spec, s.spec()):
	case len(s.reread(cause)) > 0: // it reads them when it starts
	default:
		return true
	}
	return false
}

// prepareLive has a program that has just come up learned.
func (s State) prepareLive() []Effect {
	if !s.Settings.Build.Live || s.Process.Old || s.Process.Gen != s.Build.Published {
		return nil
	}
	return []Effect{Learn{Gen: s.Process.Gen, Request: s.Settings.Build}}
}

func (s State) patchable(e Patchable) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase != Up && p.Phase != Starting {
		return s, nil
	}
	p.Patching.Able = e.Why == ""
	text := ""
	if e.Why != "" {
		text = "live code is off for this program: " + e.Why
	}
	return s.notice("live", text), nil
}

// patched takes a build that went into the running program. cycle is its own.
func (s State) patched(e Built, c Cycle) (State, []Effect) {
	r, p := e.Result.Patched, &s.Process
	s.Build.newest = e.Gen // the published binary is an older one
	p.Live.Gen = e.Gen
	if files := s.reread(c.Cause); len(files) > 0 {
		// Saved meanwhile: the program has to start for their sake anyway.
		return s.restart(c.Cause, s.changedWords(files))
	}
	s = s.notice("linger", "")
	c.Slots, c.Notes = r.Functions, r.Notes
	s = s.outcome(c, OutcomePatched)
	s.Log = s.Log.Mark(p.Gen, Mark{Gen: e.Gen, Cause: c.Cause, Patched: true, Took: s.Last.Took})
	return s.again(nil)
}

// lingered says what the last patch could not reach. What it says of an older one
// is old.
func (s State) lingered(e Lingered) (State, []Effect) {
	if e.Host != s.Process.Gen || s.Process.Phase != Up || e.Gen != s.Build.newest {
		return s, nil
	}
	return s.notice("linger", strings.Join(e.Notes, "\n")), nil
}

// patchedWords names what was patched: "patched 2 functions: main.route, (*Store).Add".
func patchedWords(functions []string) string {
	const most = 3
	if len(functions) == 0 {
		return "nothing to patch: no function of the program changed"
	}
	names := strings.Join(functions[:min(len(functions), most)], ", ")
	if n := len(functions) - most; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return "patched " + counted(len(functions)) + ": " + names
}
