package engine

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
)

// maxReports bounds the reports of one run: somebody who fixes begins with the
// first, and a program that has more races than this has the same few.
const maxReports = 20

// wrote takes what the program printed, and the data races and handlers' panics that it
// reports while it goes on running.
func (s State) wrote(e Wrote) (State, []Effect) {
	if e.Gen != s.Process.Gen {
		return s, nil
	}
	s.Log = s.Log.Append(e.Gen, e.Lines...)
	s = s.readyByLog(e.Lines)
	var fx []Effect
	for _, l := range e.Lines {
		if l.Partial {
			continue
		}
		var t crash.Trace
		var found bool
		text := runner.Uncoloured(l.Text)
		if s.Process.races, t, found = s.Process.races.Feed(string(l.Stream), text); !found {
			s.Process.panics, t, found = s.Process.panics.Feed(string(l.Stream), text)
		}
		if !found {
			continue
		}
		t = s.marked(t)
		var more []Effect
		s, more = s.report(t)
		fx = append(fx, more...)
	}
	return s, fx
}

// report adds one to those of this run, and asks for the source that it points
// at. Equal ones are counted.
func (s State) report(t crash.Trace) (State, []Effect) {
	p := &s.Process
	p.Reports = slices.Clone(p.Reports)
	if i := slices.IndexFunc(p.Reports[p.Bequeathed:], t.Same); i >= 0 {
		i += p.Bequeathed
		p.Reports[i].Count = max(1, p.Reports[i].Count) + 1
		return s, nil
	}
	if len(p.Reports) == maxReports {
		p.Reports[maxReports-1] = t
		if t.Kind == crash.DataRace || t.Kind == crash.HandlerPanic { // there is no end to them; a run has one end
			return s, nil
		}
		return s, s.quote(t)
	}
	p.Reports = append(p.Reports, t)
	return s, s.quote(t)
}

// quote asks for the source of the innermost frame of the user's own in each
// stack of a report that says what went wrong, unless the sources may be others
// by now than those that run.
func (s State) quote(t crash.Trace) (fx []Effect) {
	p := &s.Process
	if t.Kind == crash.GoroutineDump || p.Old || p.Gen != s.Build.Published || s.Build.Phase != Idle ||
		len(s.Pending) > 0 || s.Last.Outcome == OutcomeRefused {
		return nil
	}
	stacks := t.Goroutines
	switch {
	case len(stacks) == 0:
		stacks = []crash.Goroutine{{Frames: t.Frames}}
	case t.Kind != crash.DataRace:
		stacks = stacks[:1]
	}
	for _, g := range stacks {
		i := slices.IndexFunc(g.Frames, func(f crash.Frame) bool { return f.Own })
		if i < 0 || s.ignores(g.Frames[i].File) || !p.Patching.exact(g.Frames, i, s.Build.lagging) {
			continue
		}
		q := Quote{Gen: p.Gen, File: g.Frames[i].File, Line: g.Frames[i].Line}
		if !slices.Contains(fx, Effect(q)) {
			fx = append(fx, q)
		}
	}
	return fx
}

// ignores reports whether a file is of a package that is not watched.
func (s State) ignores(file string) bool {
	return slices.ContainsFunc(s.Graph.Packages, func(p builder.Package) bool {
		return p.Dir == filepath.Dir(file) && slices.Contains(s.Ignored, p.ImportPath)
	})
}

// traceLines bounds how much output is searched for a crash report: the last of
// it, or what came first after SIGQUIT.
const traceLines = 20_000

// trace is the crash report in the output of the run that just ended, in which the
// frames of the user's own code are marked.
func (s State) trace() *crash.Trace { return s.traceOf(s.Process.Life) }

func (s State) traceOf(life Life) *crash.Trace {
	var lines []string
	first, n := max(0, s.Log.Len()-traceLines), s.Log.Len()
	if a := life.asked; !a.at.IsZero() {
		first = max(0, min(first, a.line-s.Log.Dropped()))
		n = min(n, first+traceLines)
	}
	for i := first; i < n; i++ {
		if l := s.Log.At(i); l.Gen == life.Gen && l.Mark == nil {
			lines = append(lines, l.Text)
		}
	}
	t, ok := crash.Parse(lines)
	if !ok {
		return nil
	}
	t = s.marked(t)
	return &t
}

// marked marks the frames of the user's own code in a report that nobody else has yet, and
// leaves out the goroutines of the agent that hotdev has added to the program.
func (s State) marked(t crash.Trace) crash.Trace {
	own := func(f crash.Frame) bool { return s.owns(f.File) && !builder.OfAgent(f.Func) }
	mark := func(frames []crash.Frame) {
		for i := range frames {
			frames[i].Own = own(frames[i])
		}
	}
	mark(t.Frames)
	for i := range t.Goroutines {
		mark(t.Goroutines[i].Frames)
		if c := t.Goroutines[i].Created; c != nil {
			c.Own = own(*c)
		}
	}
	t.Goroutines = slices.DeleteFunc(t.Goroutines, func(g crash.Goroutine) bool {
		return slices.ContainsFunc(g.Frames, func(f crash.Frame) bool { return builder.OfAgent(f.Func) }) &&
			!slices.ContainsFunc(g.Frames, func(f crash.Frame) bool { return f.Own })
	})
	return t
}

// owns reports whether a file is one of the user's own code.
func (s State) owns(file string) bool {
	return slices.ContainsFunc(s.Graph.Roots, func(root string) bool {
		rel, err := filepath.Rel(root, file)
		return err == nil && filepath.IsLocal(rel) && !strings.HasPrefix(rel, "vendor")
	})
}
