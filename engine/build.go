package engine

import (
	"slices"
	"strconv"
	"time"

	"github.com/hotdev/hotdev/builder"
)

func (s State) isBuilding(gen int) bool {
	return s.Build.Phase == Compiling && s.Build.Gen == gen
}

// begin starts the build of a new generation in place of the one under way.
// paths are what changed since the graph was last asked for; nil is anything.
func (s State) begin(cause Cause, w want, paths []string) (State, []Effect) {
	if s.mustHold(cause) {
		return s.holdBuild(cause, w, paths), nil
	}
	if h := s.withheld; h.open {
		h = h.with(cause, w, paths)
		cause, w, paths, s.withheld = h.cause, h.want, h.paths, withheld{}
		s = s.sayBlocked()
	}
	cause.By, s.credits = s.author(cause.Paths), nil
	if s.Settings.Command {
		return s.renew(cause, w)
	}
	var fx []Effect
	if s.Build.Phase != Compiling {
		s.Build.patching = false
	} else {
		fx = append(fx, Cancel{Gen: s.Build.Gen})
		w = max(w, s.Build.want)
		cause.Paths = union(s.Build.Cause.Paths, cause.Paths)
		if paths != nil {
			paths = union(paths, s.Build.wrote)
		}
	}
	if paths != nil {
		paths = union(paths, s.unlisted)
	}
	s.unlisted = nil
	s = s.notice("offer", "") // it was there to be read
	s.Pending, s.postponed, s.holding, s.doubted, s.doubting = nil, nil, 0, nil, 0
	s.Gen++
	if cause.Kind != "config" {
		s.Fixed = ""
	}
	s.Build.Phase = Compiling
	s.Build.Gen = s.Gen
	s.Build.Cause = cause
	s.Build.Since = s.Now
	s.Build.Package, s.Build.Count, s.Build.Linking = "", 0, false
	s.Build.want = w
	s.Build.listed = [2]time.Time{}
	s.Build.generating, s.Build.wrote, s.Build.taught = len(s.Settings.Build.Before) > 0, nil, false
	s.Build.generated = time.Time{}
	s, list := s.list(paths)
	s, build := s.road(cause, w)
	_, s.Build.plugin = build.(BuildPlugin)
	if b, ok := build.(Build); ok && b.Host > 0 {
		s.Build.patching = true
	}
	return s, append(fx, list, build)
}

// list asks for the graph, on behalf of an unanswered question too.
func (s State) list(paths []string) (State, Effect) {
	if s.listing.open {
		if s.listing.paths == nil || paths == nil {
			paths = nil
		} else {
			paths = union(s.listing.paths, paths)
		}
	}
	s.listing = listing{id: s.listing.id + 1, open: true, paths: paths, since: s.Now}
	return s, List{ID: s.listing.id, Request: s.Settings.Build, Paths: paths}
}

func (s State) listed(e Listed) (State, []Effect) {
	if e.ID != s.listing.id || !s.listing.open {
		return s, nil
	}
	if e.Err != "" {
		// The question stays open, so that the next one asks for it too.
		s.listing.fails = true
		return s.notice("list", e.Err), nil
	}
	s.listing.open = false
	s.Build.listed = [2]time.Time{s.listing.since, s.Now}
	if !e.Same {
		s.Graph = e.Graph
	}
	s = s.complaints()
	if e.Same {
		return s, nil
	}
	return s.rewatch(e.Since)
}

// complaints keeps the notice of what the listing complained about though the
// program builds. Where it does not build, the diagnostics say it better.
func (s State) complaints() State {
	if s.listing.open {
		return s
	}
	text := ""
	if d := s.Graph.Diagnostics; s.Build.Phase == Idle && len(d) > 0 {
		text = "go list: " + d[0].String()
		if n := len(d) - 1; n > 0 {
			text += " (and " + strconv.Itoa(n) + " more)"
		}
	}
	return s.notice("list", text)
}

func (s State) built(e Built) (State, []Effect) {
	if !s.isBuilding(e.Gen) || s.Phase != Running {
		return s.notePatch(e.Gen, e.Host, e.Result.Patched), discard(e.Result)
	}
	s, fx := s.generatedBy(nil, nil) // if a Before command failed; else it has been told
	s, more := s.judged(e)
	return s, append(fx, more...)
}

// judged takes the answer of a build.
func (s State) judged(e Built) (State, []Effect) {
	r := e.Result
	if e.Err != "" {
		r.Diagnostics = []builder.Diagnostic{{Message: e.Err}}
	}
	s = s.complain(e.Gen, r.Diagnostics, r.Uncompiled).compiled(e.Gen, r.Compiled)
	s.Build.Package, s.Build.Linking = "", false
	cycle := s.cycle(r.Took, r.Link, r.Patched)
	cycle.Full, cycle.Reason, cycle.Fallback, cycle.Compiles = r.Full, s.Build.Reason, s.Build.Fallback, r.Compiled
	cycle.Appended, cycle.Relinked = r.Appended, r.Relinked
	if !r.OK() {
		s.Build.Phase = Broken
		return s.complaints().outcome(cycle, OutcomeBroken).again(nil)
	}
	s.Build.Phase = Idle
	if r.Patched == nil {
		s.Build.lagging = r.Unsettled > 0
	}
	s = s.complaints()
	if r.Patched != nil {
		return s.patched(e, cycle)
	}
	if cycle.Reason == "" {
		cycle.Reason = r.Unpatched
	}
	if !r.Same {
		s.Build.publishing, s.Build.cycle = s.Build.want, cycle.enter("publishing", s.Now)
		s.Build.renaming = e.Gen
		publish := Publish{Gen: e.Gen, Artifact: r.Artifact}
		if s.ranWell() {
			publish.Keep = s.keptPath()
		}
		return s.again([]Effect{publish})
	}
	if s.Build.Published == 0 || s.outdated() {
		// It is there from an earlier session, or undoes what was loaded since.
		s.Build.Published = e.Gen
	}
	s, fx := s.follow(s.Build.want, cycle)
	return s.again(fx)
}

// again builds once more if files changed that no build has answered for.
func (s State) again(fx []Effect) (State, []Effect) {
	if len(s.Pending) == 0 || s.Attention == Paused || s.Phase != Running {
		return s, fx
	}
	s, more := s.begin(Cause{Kind: BySave, Paths: s.Pending}, wantCurrent, s.Pending)
	return s, append(fx, more...)
}

func discard(r builder.Result) []Effect {
	if r.Artifact.Temp == "" {
		return nil
	}
	return []Effect{Discard{Artifact: r.Artifact}}
}

func (s State) published(e Published) (State, []Effect) {
	if e.Gen == s.Build.renaming {
		s.Build.renaming = 0
	}
	if e.Gen < s.Build.Published {
		return s, nil // a newer one is there already
	}
	if e.Err != "" {
		s = s.complain(e.Gen, []builder.Diagnostic{{Message: e.Err}}, false)
		if s.Build.Phase == Idle {
			s.Build.Phase = Broken
		}
		return s.outcome(s.Build.cycle, OutcomeBroken), nil
	}
	if e.Kept {
		s.Kept, s.outgrown = s.Build.Published, s.outdated()
	}
	s.Build.Published = e.Gen
	return s.follow(s.Build.publishing, s.Build.cycle)
}

func (s State) compiled(gen int, cs []builder.Compile) State {
	if len(cs) == 0 {
		return s
	}
	m := make(map[string]Compiled, len(s.Compiles)+len(cs))
	for k, v := range s.Compiles {
		m[k] = v
	}
	for _, c := range cs {
		m[c.Package] = Compiled{Gen: gen, Took: c.Took}
	}
	s.Compiles = m
	return s
}

// complain takes what the build of generation gen had to complain about, before
// it compiled anything or after. What an answer could not judge is remembered
// beyond it.
func (s State) complain(gen int, ds []builder.Diagnostic, uncompiled bool) State {
	b := &s.Build
	judged, before := b.Diagnostics, b.Diagnostics
	if b.judgedNothing() {
		judged = b.unjudged
		_, others := match(b.Diagnostics, b.unjudged)
		before = slices.Concat(b.Diagnostics, others)
	}
	b.Before, b.Diagnostics, b.DiagnosticsGen, b.Uncompiled, b.unjudged = before, ds, gen, uncompiled, nil
	if b.judgedNothing() {
		b.unjudged = judged
	}
	return s
}

// judgedNothing: the last answer says of no other complaint that it is fixed.
func (b BuildState) judgedNothing() bool {
	return b.Uncompiled || slices.ContainsFunc(b.Diagnostics, func(d builder.Diagnostic) bool { return d.Package == "" })
}

// cycle is that of the build that has just ended, so far.
func (s State) cycle(took, link time.Duration, patched *builder.Patched) Cycle {
	c := begun(s.Build.Gen, s.Build.Cause, s.Build.Since)
	if at := s.Build.listed; !at[0].IsZero() {
		c = c.phase("listing", at[0], at[1])
	}
	c.Build, c.Link = took, link
	if patched == nil {
		return c.compiled(took, link, s.Now)
	}
	applying := s.Now.Add(-patched.Apply)
	c = c.compiled(took-patched.Apply, patched.Link, applying)
	return c.phase("patching", applying, s.Now)
}
