package engine

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
)

// Step is the policy: what an event leads to. It is pure and total; time enters
// as s.Now, which the caller sets. The returned effects are to be carried out
// in order of their causes (see [Run]).
func Step(s State, e Event) (State, []Effect) {
	if s.Phase == Over {
		// Only what would lie about is still of interest.
		switch e := e.(type) {
		case Built:
			return s, discard(e.Result)
		case PluginBuilt:
			return s, discardPlugin(e.Result)
		}
		return s, nil
	}
	if s.Obstacle != nil {
		if next, fx, ok := s.beyond(e); ok {
			return next, fx
		}
	}
	switch e := e.(type) {
	case Configured:
		return s.configured(e)
	case Hindered:
		return s.hindered(e)
	case Cleared:
		s.Obstacle, s.Phase = nil, Over
		return s, nil
	case Changed:
		return s.changed(e)
	case Watching:
		s.Watching = e
		if !e.Limited {
			s = s.silence("watch ")
		}
		return s, nil
	case Listed:
		return s.listed(e)
	case Building:
		if s.isBuilding(e.Gen) {
			s.Build.Package, s.Build.Linking = e.Package, e.Linking
			if !e.Linking {
				s.Build.Count++
			}
		}
		return s, nil
	case Generated:
		return s.generatedFiles(e)
	case Built:
		return s.built(e)
	case Offered:
		return s.offered(e)
	case Preparing:
		if e.Gen == s.Process.Gen {
			s.Process.Live.Preparing = e.Package
		}
		return s, nil
	case Prepared:
		return s.prepared(e)
	case PluginBuilt:
		return s.pluginBuilt(e)
	case Reloaded:
		return s.reloaded(e)
	case Refused:
		return s.refused(e)
	case Published:
		return s.published(e)
	case Started:
		return s.started(e)
	case Wrote:
		return s.wrote(e)
	case Sampled:
		if e.Gen == s.Process.Gen && s.Process.Phase == Up {
			s.Process.Usage = e.Usage
			if len(e.Usage.Ports) > 0 && s.Process.Ready.IsZero() {
				s = s.ready()
			}
		}
		return s, nil
	case Exited:
		return s.exited(e)
	case Waited:
		return s.waited(e)
	case Rebuild:
		return s.key(wantNewStart)
	case Reload:
		return s.key(wantCurrent)
	case BuildOnly:
		return s.key(wantBuilt)
	case StopStart:
		return s.stopStart()
	case Pause:
		return s.pause()
	case Quoted:
		if e.Gen == s.Process.Gen && !slices.ContainsFunc(s.Process.Excerpts, func(x Excerpt) bool { return x.File == e.Excerpt.File && x.Line == e.Excerpt.Line }) {
			s.Process.Excerpts = append(slices.Clip(s.Process.Excerpts), e.Excerpt)
		}
		return s, nil
	case Held:
		return s.held(e)
	case GoBack:
		return s.goBack()
	case EndHolder:
		return s.endHolder()
	case Ignore:
		return s.ignore(e.Package)
	case Dump:
		return s.dump()
	case Signaled:
		if e.Gen == s.Process.Gen && e.Err != "" {
			s.Process.asked = asked{}
			s = s.notice("dump", e.Err)
		}
		return s, nil
	case Quit:
		return s.quit()
	}
	return s, nil
}

func (s State) isBuilding(gen int) bool {
	return s.Build.Phase == Compiling && s.Build.Gen == gen
}

// configured takes new settings: only what differs has consequences.
func (s State) configured(e Configured) (State, []Effect) {
	old := s.Settings
	s.Settings = e.Settings
	s.Fixed = ""
	if e.Err == "" {
		s.Fixed = s.mistake
	}
	s.mistake = e.Err
	if s.Notices = replaced(s.Notices, e); !reflect.DeepEqual(old.Watch, s.Settings.Watch) {
		s = s.endRows()
	}
	if s.Phase != Running {
		return s, nil
	}
	s, fx := s.rewatch(e.Since)
	switch {
	case s.Gen == 0:
		s2, more := s.begin(Cause{Kind: ByStart}, wantCurrent, nil)
		return s2, append(fx, more...)
	case !reflect.DeepEqual(old.Build, s.Settings.Build):
		if old.Build.Output != s.Settings.Build.Output {
			s.Build.Published = 0
		}
		s2, more := s.begin(Cause{Kind: ByConfig}, wantCurrent, nil)
		return s2, append(fx, more...)
	case s.Build.Published > 0 && !reflect.DeepEqual(old.Run, s.Settings.Run):
		s2, more := s.follow(wantCurrent, begun(s.Build.Published, Cause{Kind: ByConfig}, s.Now))
		return s2, append(fx, more...)
	}
	return s, fx
}

// rewatch asks for the watch set that the state calls for, if it is not in
// force already.
func (s State) rewatch(since time.Time) (State, []Effect) {
	set := watchSet(s)
	if reflect.DeepEqual(set, s.watch) {
		return s, nil
	}
	s.watch = set
	return s, []Effect{Watch{Set: set, Since: since}}
}

func (s State) changed(e Changed) (State, []Effect) {
	for _, n := range e.Notices {
		s = s.notice("watch "+n, n)
	}
	if s.Phase != Running {
		return s, nil
	}
	var fx []Effect
	var paths []string
	for _, p := range e.Paths {
		if slices.Contains(s.Settings.Config, p) {
			if len(fx) == 0 {
				fx = append(fx, Configure{})
			}
			continue
		}
		paths = append(paths, p)
	}
	s = s.noteUnread(paths)
	if s.Build.Phase == Compiling && s.Build.generating {
		var more []Effect
		s, paths, more = s.meanwhile(paths, e.Marked)
		fx = append(fx, more...)
	} else {
		s = s.forget(paths)
	}
	if len(paths) == 0 && !e.Overflow {
		return s, fx
	}
	if s.Attention == Paused {
		s.Pending = union(s.Pending, paths)
		return s, fx
	}
	s, now, after, more := s.pace(paths)
	fx = append(fx, more...)
	s.Pending = union(s.Pending, after)
	if len(now) == 0 && !e.Overflow {
		return s, fx
	}
	list := paths
	if e.Overflow {
		list = nil // anything may have changed
	}
	s, more = s.begin(Cause{Kind: BySave, Paths: now, First: e.First}, wantCurrent, list)
	return s, append(fx, more...)
}

// begin starts the build of a new generation in place of the one under way.
// paths are what changed since the graph was last asked for; nil is anything.
func (s State) begin(cause Cause, w want, paths []string) (State, []Effect) {
	var fx []Effect
	if s.Build.Phase == Compiling {
		fx = append(fx, Cancel{Gen: s.Build.Gen})
		w = max(w, s.Build.want)
		cause.Paths = union(s.Build.Cause.Paths, cause.Paths)
		if paths != nil {
			paths = union(paths, s.Build.wrote)
		}
	}
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
	s, list := s.list(paths)
	s, build := s.road(cause, w)
	_, s.Build.plugin = build.(BuildPlugin)
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
		return s, discard(e.Result)
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
	cycle := s.cycle(r.Took, r.Link)
	cycle.Full, cycle.Reason, cycle.Compiles = r.Full, s.Build.Reason, r.Compiled
	if !r.OK() {
		s.Build.Phase = Broken
		return s.complaints().outcome(cycle, OutcomeBroken).again(nil)
	}
	s.Build.Phase, s.Build.unsettled = Idle, r.Unsettled > 0
	s = s.complaints()
	if !r.Same {
		s.Build.publishing, s.Build.cycle = s.Build.want, cycle.enter("publishing", s.Now)
		publish := Publish{Gen: e.Gen, Artifact: r.Artifact}
		if s.ranWell() {
			publish.Keep = s.keptPath()
		}
		return s.again([]Effect{publish})
	}
	if s.Build.Published == 0 || s.outdated() {
		// It stood there from an earlier session, or what was loaded since is
		// undone by it.
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
	if e.Err != "" {
		s = s.complain(e.Gen, []builder.Diagnostic{{Message: e.Err}}, false)
		if s.Build.Phase == Idle {
			s.Build.Phase = Broken
		}
		return s.outcome(s.Build.cycle, OutcomeBroken), nil
	}
	if e.Kept {
		s.Kept = s.Build.Published
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

// judgedNothing: the last answer says of no other complaint that it is mended.
func (b BuildState) judgedNothing() bool {
	return b.Uncompiled || slices.ContainsFunc(b.Diagnostics, func(d builder.Diagnostic) bool { return d.Package == "" })
}

// cycle is that of the build that has just ended, so far.
func (s State) cycle(took, link time.Duration) Cycle {
	c := begun(s.Build.Gen, s.Build.Cause, s.Build.Since)
	if at := s.Build.listed; !at[0].IsZero() {
		c = c.phase("listing", at[0], at[1])
	}
	c.Build, c.Link = took, link
	return c.compiled(took, link, s.Now)
}

// key answers a key that asks for a build.
func (s State) key(w want) (State, []Effect) {
	if s.Phase != Running || s.Gen == 0 {
		return s, nil
	}
	if w != wantBuilt {
		s.Process.Desire = ToRun
	}
	if s.Build.Phase == Compiling {
		s.Build.want = max(s.Build.want, w) // what is under way is new enough
		return s, nil
	}
	return s.begin(Cause{Kind: ByKey, Paths: s.Pending}, w, nil)
}

func (s State) pause() (State, []Effect) {
	if s.Phase != Running {
		return s, nil
	}
	if s.Attention == Paused {
		s.Attention = Following
		return s.again(nil)
	}
	s.Attention = Paused
	return s, nil
}

// replaced gives the notices with those about the configuration as the newest
// reading has them: each reading says all there is to say.
func replaced(notices []Notice, e Configured) []Notice {
	notices = slices.DeleteFunc(slices.Clone(notices), func(n Notice) bool { return n.Subject == configSubject })
	texts := e.Settings.Notices
	if e.Err != "" {
		texts = append([]string{e.Err}, texts...)
	}
	for _, text := range texts {
		notices = append(notices, Notice{configSubject, text})
	}
	return notices
}

// configSubject is that of the notices about the configuration, of which there may
// be many.
const configSubject = "config"

// silence removes the notices of all subjects that begin with prefix.
func (s State) silence(prefix string) State {
	s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n Notice) bool { return strings.HasPrefix(n.Subject, prefix) })
	return s
}

// notice sets, replaces or (with no text) removes the notice of a subject.
func (s State) notice(subject, text string) State {
	i := slices.IndexFunc(s.Notices, func(n Notice) bool { return n.Subject == subject })
	switch {
	case i < 0 && text == "":
	case i < 0:
		s.Notices = append(slices.Clip(s.Notices), Notice{subject, text})
	case text == "":
		s.Notices = slices.Delete(slices.Clone(s.Notices), i, i+1)
	default:
		s.Notices = slices.Clone(s.Notices)
		s.Notices[i].Text = text
	}
	return s
}

// union is a, then what b adds, as a new slice.
func union(a, b []string) []string {
	u := slices.Clone(a)
	seen := make(map[string]struct{}, len(a)+len(b))
	for _, p := range a {
		seen[p] = struct{}{}
	}
	for _, p := range b {
		if _, ok := seen[p]; !ok {
			seen[p] = struct{}{}
			u = append(u, p)
		}
	}
	return u
}
