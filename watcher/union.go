package watcher

import (
	"path/filepath"
	"slices"
)

// Union returns a Set that watches every file that any of sets watches, even if another
// ignores it. Timing and polling are those of the first. The union of one set is that set.
func Union(sets ...Set) Set {
	if len(sets) == 0 {
		return Set{}
	}
	if len(sets) == 1 {
		return sets[0]
	}
	u := sets[0]
	u.Roots, u.Rules, u.Ignore, u.Files, u.Hold = nil, nil, nil, nil, nil
	for _, s := range sets {
		u.Roots = with(u.Roots, s.Roots)
		u.Files = with(u.Files, s.Files)
		u.Hold = with(u.Hold, s.Hold)
		for _, r := range s.Rules {
			r.Ignore = slices.Concat(r.Ignore, s.Ignore)
			u.Rules = append(u.Rules, r)
		}
	}
	return u
}

// with is a, then what only b has.
func with(a, b []string) []string {
	for _, p := range b {
		if !slices.Contains(a, p) {
			a = append(a, p)
		}
	}
	return a
}

// Covered returns those of the absolute paths that s watches, or would watch if they
// existed. An invalid Set watches nothing.
func (s Set) Covered(paths []string) []string { return s.those(paths, (*plan).covers) }

// Told returns those of the paths of a [Batch] that a watch of s would have reported: the
// ones that it covers, and boundaries.
func (s Set) Told(paths []string) []string {
	return s.those(paths, func(p *plan, path string) bool { return p.covers(path) || p.bounded(path) })
}

func (s Set) those(paths []string, wanted func(p *plan, path string) bool) []string {
	p, err := newPlan(s)
	if err != nil {
		return nil
	}
	var those []string
	for _, path := range paths {
		if wanted(&p, path) {
			those = append(those, path)
		}
	}
	return those
}

// bounded reports whether what is at path is, or would be, a boundary of a rule.
func (p *plan) bounded(path string) bool {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	return slices.ContainsFunc(p.rules, func(r *rule) bool {
		if r.boundary != name {
			return false
		}
		s, ok := r.scope(dir)
		return ok && s.bound() != ""
	})
}
