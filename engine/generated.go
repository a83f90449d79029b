package engine

import (
	"path/filepath"
	"slices"
	"time"
)

// Before commands write files that are watched: what they are for. The compile
// that follows reads all that, so it is no reason to build again, nor to cancel the
// commands. But a save by the user in those moments is: the commands may have read
// the file before. Nobody tells who wrote a file, so
//
//   - what carries Go's mark of generated code is theirs;
//   - so is what was seen to change while they ran and never else since;
//   - so is what changes while they run for the first time, or with new settings,
//     if they end within a second of it: a generator that stamps the time is not run
//     twice at the start;
//   - so is a file without Go code that changed before such a run ended, and is
//     reported later;
//   - all else is the user's, which cancels them. If it was theirs after all, that
//     is known from then on, and cost a moment once.

// doubtful is how long before the end of a first run a change is taken for theirs.
const doubtful = time.Second

// meanwhile parts what changed while the Before commands run into what they wrote,
// of which note is taken, and what the user saved.
func (s State) meanwhile(paths, marked []string) (_ State, saved []string, fx []Effect) {
	for _, p := range paths {
		_, known := s.generated[p]
		// Nobody saves so often that runs are cancelled in a row: a generator rewrites
		// what it reads.
		own := known || slices.Contains(marked, p) || s.rows[p].n > few
		if !own && s.firstRun() {
			own, s.doubted = true, union(s.doubted, []string{p})
		}
		if own {
			s.Build.wrote = union(s.Build.wrote, []string{p})
		} else {
			saved = append(saved, p)
		}
		if own || !slices.Contains(s.Build.Cause.Paths, p) {
			s = s.knowGenerated(p, marked)
		}
	}
	if len(s.doubted) > 0 && s.doubting == 0 {
		s.timers++
		s.doubting = s.timers
		fx = append(fx, Wait{ID: s.doubting, Duration: doubtful})
	}
	return s, saved, fx
}

// late parts from what changed first at a time the files that the first run of the
// commands wrote before it ended: at the start, the watch may report them only then.
// What compiles reads them as they are. Go files may have changed the graph, too, and are
// not parted; nor are files of which it is not known when they changed, because that may
// be a save that the compilers have missed.
func (s State) late(paths []string, first time.Time) (State, []string) {
	if s.Build.Phase != Compiling || !s.firstRun() || first.IsZero() || !first.Before(s.Build.generated) {
		return s, paths
	}
	var rest []string
	for _, p := range paths {
		if filepath.Ext(p) == ".go" {
			rest = append(rest, p)
			continue
		}
		s = s.knowGenerated(p, nil)
	}
	return s, rest
}

// believe: the commands go on although something changed a while ago that was taken
// for theirs, so it was rather the user who saved.
func (s State) believe() (State, []Effect) {
	saved := s.doubted
	s.doubting, s.doubted = 0, nil
	switch {
	case s.Phase != Running || s.Build.Phase != Compiling || !s.Build.generating:
		return s, nil
	case s.Attention == Paused:
		s.Pending = union(s.Pending, saved)
		return s, nil
	}
	return s.begin(Cause{Kind: "save", Paths: saved}, wantCurrent, saved)
}

// firstRun: nothing is known yet of what the Before commands write.
func (s State) firstRun() bool {
	kind := s.Build.Cause.Kind
	return kind == "start" || kind == "config"
}

// generatedFiles takes what the Before commands changed in all.
func (s State) generatedFiles(e Generated) (State, []Effect) {
	if !s.isBuilding(e.Gen) {
		return s, nil
	}
	s = s.learn(union(s.Build.wrote, e.Paths))
	return s.generatedBy(e.Paths, e.Marked)
}

// generatedBy ends the run of the Before commands. What is in more and was not told
// as changed is weighed as in meanwhile, but cancels nothing: if it may be the
// user's, one more build follows.
func (s State) generatedBy(more, marked []string) (State, []Effect) {
	wrote := union(s.Build.wrote, more)
	s.Build.generating, s.Build.generated, s.doubting, s.doubted = false, s.Now, 0, nil
	if len(wrote) == 0 {
		return s, nil
	}
	for _, p := range more {
		if _, known := s.generated[p]; known || slices.Contains(marked, p) || slices.Contains(s.Build.wrote, p) {
			continue
		}
		if !s.firstRun() {
			s.Pending = union(s.Pending, []string{p})
		}
		s = s.knowGenerated(p, marked)
	}
	s.Build.wrote = nil
	s = s.noteUnread(wrote)
	s, list := s.list(wrote)
	return s, []Effect{list}
}

// knowGenerated notes that p is written by the Before commands. The mark of what is
// marked is enough.
func (s State) knowGenerated(p string, marked []string) State {
	if _, known := s.generated[p]; known || slices.Contains(marked, p) {
		return s
	}
	m := map[string]struct{}{p: {}}
	for q := range s.generated {
		m[q] = struct{}{}
	}
	s.generated = m
	return s
}

// forget drops files from those that are generated: they were changed otherwise.
func (s State) forget(paths []string) State {
	for _, p := range paths {
		if _, ok := s.generated[p]; !ok {
			continue
		}
		m := make(map[string]struct{}, len(s.generated))
		for q := range s.generated {
			if !slices.Contains(paths, q) {
				m[q] = struct{}{}
			}
		}
		s.generated = m
		return s
	}
	return s
}
