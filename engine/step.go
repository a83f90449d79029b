package engine

import (
	"slices"
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
	if next, fx, ok := s.beside(e); ok {
		return next, fx
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
		s.watches = max(0, s.watches-1)
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
	case Announced:
		if e.Gen == s.Process.Gen {
			s.Process.Assets = union(s.Process.Assets, []string{e.Folder})
		}
		return s, nil
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
	case Patchable:
		return s.patchable(e)
	case Lingered:
		return s.lingered(e)
	case Published:
		return s.published(e)
	case Started:
		return s.started(e)
	case Wrote:
		return s.wrote(e)
	case Sampled:
		return s.sampled(e)
	case Readied:
		return s.readied(e), nil
	case Awaits:
		return s.awaits(e)
	case Needed:
		return s.needed(e)
	case Blocked:
		return s.blocked(e)
	case RunTask:
		return s.run(e)
	case WrittenBy:
		return s.credit(e), nil
	case Complained:
		return s.complained(e), nil
	case Followed:
		s.Task.told = max(s.Task.told, e.Gen)
		return s, nil
	case Exited:
		return s.exited(e)
	case Waited:
		return s.waited(e)
	case Served:
		return s.served(e), nil
	case Visited:
		s.Web.Tabs = e.Tabs
		return s, nil
	case Shown:
		s.Web.Shown = &e
		return s, nil
	case Debuggable:
		return s.debuggable(e)
	case Attached:
		s.Debugger.Client = e.Client
		return s, nil
	case Halted:
		return s.haltedAt(e), nil
	case Resumed:
		return s.resumed(e)
	case Debug:
		return s.debug(e)
	case OpenWeb:
		return s.openWeb(), nil
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
	case SwitchLive:
		return s.switchLive()
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
	case Noticed:
		return s.notice(e.Subject, e.Text), nil
	case Quit:
		return s.quit()
	}
	return s, nil
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
				s.reading++
			}
			continue
		}
		paths = append(paths, p)
	}
	if s.isTask() {
		return s, fx
	}
	s.texts = nil
	if s.newest() {
		s.texts = e.Texts
	}
	s.unlisted = union(s.unlisted, union(s.announced(paths), s.texts))
	_, paths = s.Assets(paths)
	s = s.noteUnread(paths)
	if s.Build.Phase == Compiling && s.Build.generating {
		var more []Effect
		s, paths, more = s.meanwhile(paths, e.Marked)
		fx = append(fx, more...)
	} else {
		s, paths = s.late(paths, e.First)
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

// key answers a key that asks for a build.
func (s State) key(w want) (State, []Effect) {
	if s.Phase != Running || s.Gen == 0 && !s.withheld.open || s.Settings.Command && w == wantBuilt {
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
		if h := s.withheld; h.open && !s.mustHold(h.cause) {
			return s.begin(h.cause, h.want, h.paths)
		}
		return s.again(nil)
	}
	s.Attention = Paused
	return s, nil
}
