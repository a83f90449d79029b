package engine

import (
	"fmt"
	"path/filepath"
	"time"
)

// well is how long a program must have been up, without having become ready, for
// its binary to count as one that ran well.
const well = 3 * time.Second

// ranWell reports whether the binary that the program was started from is worth keeping
// when a newer one takes its place. If new code was put into the program since, that is
// not in the binary, which startOld says.
func (s State) ranWell() bool {
	p := s.Process
	return p.Phase == Up && !p.Old && p.Gen == s.Build.Published &&
		(!p.Ready.IsZero() || s.Now.Sub(p.Since) >= well)
}

// goBack has the kept binary run in place of the newest. The next build goes on
// as if it had not been.
func (s State) goBack() (State, []Effect) {
	if s.Phase != Running || s.Kept == 0 || s.Process.Old && s.Process.Phase == Up {
		return s, nil
	}
	s.Process.Desire = ToRun
	s.Process.cycle = begun(s.Kept, Cause{Kind: ByBack}, s.Now)
	switch s.Process.Phase {
	case Up, Starting, Stopping:
		return s.end(afterOld)
	}
	return s.startOld()
}

// startOld starts the kept binary. Nothing must be running.
func (s State) startOld() (State, []Effect) {
	spec := s.spec()
	spec.Path = s.keptPath()
	spec.Sockets = nil // what is on disk is not what it was built from: nothing can be loaded
	s, fx := s.startLife(Life{Gen: s.Kept, Old: true, spec: spec})
	if s.outgrown {
		s = s.notice("back", fmt.Sprintf("gen %d is as it was built: what was patched into it while it ran is missing", s.Kept))
	}
	return s, fx
}

// keptPath is where a binary that ran well is kept after it was replaced.
func (s State) keptPath() string {
	b := s.Settings.Build
	if b.Scratch == "" {
		return b.Output + ".good"
	}
	return filepath.Join(b.Scratch, "good", filepath.Base(b.Output))
}
