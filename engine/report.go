package engine

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/runner"
)

// maxReports bounds the reports of one run: somebody who mends begins with the
// first, and a program that has more races than this has the same few.
const maxReports = 20

// wrote takes what the program printed, and the data races that it reports while
// it goes on running.
func (s State) wrote(e Wrote) State {
	if e.Gen != s.Process.Gen {
		return s
	}
	s.Log = s.Log.Append(e.Gen, e.Lines...)
	var found []runner.Trace
	s.Process.races, found = s.Process.races.Feed(e.Lines)
	for _, t := range found {
		s.markOwn(t)
		s = s.report(t)
	}
	return s
}

// report adds one to those of this run. Equal ones are counted.
func (s State) report(t runner.Trace) State {
	p := &s.Process
	p.Reports = slices.Clone(p.Reports)
	if i := slices.IndexFunc(p.Reports, t.Same); i >= 0 {
		p.Reports[i].Count = max(1, p.Reports[i].Count) + 1
		return s
	}
	if len(p.Reports) == maxReports {
		p.Reports = slices.Delete(p.Reports, maxReports-1, maxReports)
	}
	p.Reports = append(p.Reports, t)
	return s
}

// traceLines bounds how much output is searched for a crash report: the first
// goroutine stands within it even if thousands follow.
const traceLines = 20_000

// trace is the crash report in the output of the run that just ended, in which the
// frames of the user's own code are marked.
func (s State) trace() *runner.Trace {
	var lines []string
	first := max(0, s.Log.Len()-traceLines)
	for i := first; i < s.Log.Len(); i++ {
		if l := s.Log.At(i); l.Gen == s.Process.Gen && l.Mark == nil {
			lines = append(lines, l.Text)
		}
	}
	t, ok := runner.ParseTrace(lines)
	if !ok {
		return nil
	}
	s.markOwn(t)
	return &t
}

// markOwn marks the frames of the user's own code in a report that nobody else
// has yet.
func (s State) markOwn(t runner.Trace) {
	own := func(frames []runner.Frame) {
		for i := range frames {
			frames[i].Own = s.owns(frames[i].File)
		}
	}
	own(t.Frames)
	for i := range t.Goroutines {
		own(t.Goroutines[i].Frames)
		if c := t.Goroutines[i].Created; c != nil {
			c.Own = s.owns(c.File)
		}
	}
}

// owns tells whether a file is one of the user's own code.
func (s State) owns(file string) bool {
	return slices.ContainsFunc(s.Graph.Roots, func(root string) bool {
		rel, err := filepath.Rel(root, file)
		return err == nil && filepath.IsLocal(rel) && !strings.HasPrefix(rel, "vendor")
	})
}
