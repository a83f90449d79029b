package engine

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// Mode is which road a change takes.
type Mode string

// Auto takes new code into the running program where the program offers that
// and it is safe, and restarts otherwise. Restart always restarts. Plugin is
// Auto for a program that is expected to offer it.
const (
	ModeAuto    Mode = "auto"
	ModeRestart Mode = "restart"
	ModePlugin  Mode = "plugin"
)

// Reloading is what the user decided about loading code into the running
// program.
type Reloading struct {
	Mode Mode `json:"mode"`
	// Bare: the target is a plugin without a program of its own. What is built,
	// published and started is hotdev's host, and the target is loaded into it.
	Bare bool `json:"bare,omitempty"`
	// Symbol is the function of a bare plugin; empty is the only fitting one.
	Symbol string `json:"symbol,omitempty"`
	// Only: what cannot be reloaded is refused; only a key restarts.
	Only bool `json:"only,omitempty"`
	// Folder is the absolute folder of the plugin files.
	Folder string `json:"folder,omitempty"`
	// NotifyFile (absolute) and NotifySignal tell a program of the new files of
	// plugins that it opens itself (Settings.Build.Plugins); either may be empty.
	NotifyFile   string `json:"notify_file,omitempty"`
	NotifySignal string `json:"notify_signal,omitempty"`
	// MaxGenerations and MaxMemory (bytes) bound what one process may take in,
	// for it never gives a generation back; 0 is no bound.
	MaxGenerations int    `json:"max_generations,omitempty"`
	MaxMemory      uint64 `json:"max_memory,omitempty"`
}

// A Slot is a function that the running program can replace.
type Slot struct {
	// Name is the function's full name, "example.com/app/rules.Score".
	Name string `json:"name"`
	// Type is its Go type as the program prints it.
	Type string `json:"type"`
	// Why says why it cannot be replaced after all; empty if it can.
	Why string `json:"why,omitempty"`
	// Gen is the generation of the code in it; 0 is the program's own.
	Gen int `json:"gen,omitempty"`
}

// Live is what the running program said about itself, and what was loaded into
// it.
type Live struct {
	// Able: it takes new code. If not, Why may say why.
	Able bool
	Why  string
	// Slots are what it offers, in the order in which it told of them.
	Slots []Slot
	// Gen is the newest generation that was loaded or patched into it, 0 before the
	// first. Loaded are those that were loaded, in that order, and Memory is how many
	// bytes they cost.
	Gen    int
	Loaded []int
	Memory uint64
	// Preparing is what is compiled for the first reload, while it is.
	Preparing string
}

// road is the effect that takes a change on the shortest road which the state
// allows; the builder or the program may still refuse it.
func (s State) road(cause Cause, w want) (State, Effect) {
	s.Build.Reason, s.Build.Fallback = "", ""
	if ok, why := s.reloads(cause, w); !ok {
		s.Build.Reason = why
		build := Build{Gen: s.Gen, Request: s.request(), Bare: s.Settings.Reload.Bare}
		ok, why, fallback := s.patches(cause, w)
		if ok {
			build.Host, build.RestartOn = s.Process.Gen, s.Settings.RestartOn
		}
		s.Build.Reason, s.Build.Fallback = cmp.Or(s.Build.Reason, why), fallback
		return s, build
	}
	return s, BuildPlugin{Gen: s.Gen, Request: s.reloadRequest(s.Gen)}
}

// reloads reports whether a change may go into the running program, and, where
// the user might expect it to, why not.
func (s State) reloads(cause Cause, w want) (ok bool, why string) {
	p, r := s.Process, s.Settings.Reload
	switch {
	case r.Mode == ModeRestart, w != wantCurrent, cause.Kind == ByConfig, s.Debugging():
		return false, ""
	case p.Phase != Up, p.after != afterNothing, p.Desire == ToRest, p.Live.Why != "":
		return false, ""
	case len(s.Settings.Build.Plugins) > 0: // it opens them itself
	case !p.Live.Able:
		return false, ""
	case !r.Bare && !slices.ContainsFunc(p.Live.Slots, func(s Slot) bool { return s.Why == "" }):
		return false, ""
	case p.Gen != s.Build.Published:
		return false, fmt.Sprintf("gen %d was built and waits for its start", s.Build.Published)
	case !sameSpec(p.spec, s.spec()):
		return false, "the program's arguments or environment changed"
	case len(s.Settings.Build.Before) == 0 && !r.Only && len(s.reread(cause)) > 0:
		return false, s.changedWords(s.reread(cause))
	case r.MaxGenerations > 0 && len(p.Live.Loaded) >= r.MaxGenerations:
		return false, fmt.Sprintf("plugin.max_generations is %d, and so many are loaded; their memory is never given back", r.MaxGenerations)
	case r.MaxMemory > 0 && p.Live.Memory >= r.MaxMemory:
		return false, fmt.Sprintf("plugin.max_memory is %d MB, and the loaded generations take as much", r.MaxMemory>>20)
	}
	return true, ""
}

// Road says which way a cycle took if it might have been a reload: what went
// into the running program, or why nothing did; empty else.
func (c Cycle) Road() string {
	switch {
	case c.Outcome == OutcomeReloaded:
		var names []string
		for _, p := range c.Packages {
			names = append(names, path.Base(p))
		}
		return fmt.Sprintf("reloaded %s (%s)", strings.Join(names, ", "), functions(len(c.Slots)))
	case c.Outcome == OutcomePatched:
		return c.patchedWords()
	case c.Reason == "":
		return ""
	case c.Outcome == OutcomeRefused && c.Swap:
		return "not swapped in: " + c.Reason
	case c.Outcome == OutcomeRefused:
		return "not reloaded: " + c.Reason
	case c.Outcome == OutcomeStarted:
		return "restarted: " + c.Reason
	}
	return ""
}

func functions(n int) string {
	if n == 0 {
		return "for the program to open"
	}
	return counted(n)
}

func counted(n int) string {
	if n == 1 {
		return "1 function"
	}
	return fmt.Sprintf("%d functions", n)
}

func (s State) reloadRequest(gen int) builder.ReloadRequest {
	r := builder.ReloadRequest{
		Request: s.request(),
		Gen:     gen,
		Loaded:  s.Process.Live.Loaded,
		Folder:  s.Settings.Reload.Folder,
		Bare:    s.Settings.Reload.Bare,
		Symbol:  s.Settings.Reload.Symbol,
	}
	for _, slot := range s.Process.Live.Slots {
		if slot.Why == "" {
			r.Slots = append(r.Slots, slot.Name)
		}
	}
	return r
}

// outdated: something was saved since the published binary was built, and only
// a plugin was built for it, so the binary is not what a next start may run.
func (s State) outdated() bool { return s.Build.newest > s.Build.Published }

func (s State) offered(e Offered) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase != Up && p.Phase != Starting {
		return s, nil
	}
	first := !p.Live.Able && e.Able
	p.Live.Able, p.Live.Why = e.Able, e.Why
	slots := slices.Clone(e.Slots)
	for i := range slots {
		if j := slices.IndexFunc(p.Live.Slots, func(old Slot) bool { return old.Name == slots[i].Name }); j >= 0 {
			slots[i].Gen = p.Live.Slots[j].Gen
		}
	}
	p.Live.Slots = slots
	text := ""
	if !e.Able && e.Why != "" && s.Settings.Reload.Mode != ModeRestart {
		text = s.unable(e.Why)
	}
	s = s.notice("reload", text)
	if !first || s.Phase != Running || s.Settings.Reload.Mode == ModeRestart || s.Debugging() {
		return s, nil
	}
	fx := []Effect{Prepare{Gen: e.Gen, Request: s.reloadRequest(s.Gen)}}
	if s.Settings.Reload.Bare {
		return s.loadFirst(fx)
	}
	return s, fx
}

// unable says why nothing is loaded into the program; live code is another road.
func (s State) unable(why string) string {
	if s.Settings.Build.Live {
		return "no plugins: " + why
	}
	return "restart mode: " + why
}

// firstPlugins has a program that has just started get the plugins that it
// opens itself.
func (s State) firstPlugins() (State, []Effect) {
	if len(s.Settings.Build.Plugins) == 0 || s.Settings.Reload.Mode == ModeRestart || s.Phase != Running || s.Debugging() {
		return s, nil
	}
	return s.loadFirst([]Effect{Prepare{Gen: s.Process.Gen, Request: s.reloadRequest(s.Gen)}})
}

// loadFirst brings the plugin into a host that has just come up.
func (s State) loadFirst(fx []Effect) (State, []Effect) {
	if s.Process.Phase != Up || s.Build.Phase == Compiling && s.Build.plugin {
		return s, fx
	}
	s, more := s.begin(Cause{Kind: ByStart}, wantCurrent, nil)
	return s, append(fx, more...)
}

func (s State) prepared(e Prepared) (State, []Effect) {
	if e.Gen != s.Process.Gen {
		return s, nil
	}
	s.Process.Live.Preparing = ""
	if e.Why != "" {
		s.Process.Live.Able, s.Process.Live.Why = false, e.Why
		s = s.notice("reload", s.unable(e.Why))
	}
	return s, nil
}

func (s State) pluginBuilt(e PluginBuilt) (State, []Effect) {
	r := e.Result
	if !s.isBuilding(e.Gen) || s.Phase != Running {
		return s, discardPlugin(r)
	}
	p := s.Process
	s = s.compiled(e.Gen, r.Compiled)
	cycle := s.cycle(r.Took, r.Link, nil)
	cycle.Compiles = r.Compiled
	if e.Err != "" {
		r.Restart = "the plugin could not be built: " + e.Err
	}
	usable := p.Phase == Up && p.after == afterNothing && s.Build.want == wantCurrent
	files := s.reread(cycle.Cause) // no plugin brings what the program read when it started
	switch {
	case len(r.Diagnostics) > 0:
		s = s.complain(e.Gen, r.Diagnostics, r.Uncompiled)
		s.Build.Package, s.Build.Phase = "", Broken
		return s.complaints().outcome(cycle, OutcomeBroken).again(nil)
	case r.Restart != "" && usable && s.staysUp(cycle.Cause):
		cycle.Reason = r.Restart
		s = s.answeredBy(e.Gen)
		s.Build.newest = e.Gen
		return s.outcome(cycle, OutcomeRefused).again(nil)
	case r.Restart == "" && len(files) > 0 && s.Settings.Reload.Only && usable:
		s.Process.unread = nil // it is said once
		if r.Same {
			cycle.Reason = s.changedWords(files)
			return s.answeredBy(e.Gen).outcome(cycle, OutcomeRefused).again(nil)
		}
		cycle.Notes = []string{s.changedWords(files) + ", which only a restart brings in"}
	case r.Restart != "", !usable, len(files) > 0:
		s.Build.Reason, s.Build.plugin = r.Restart, false
		if r.Restart == "" && len(files) > 0 {
			s.Build.Reason = s.changedWords(files)
		}
		s.Build.Package, s.Build.Count, s.Build.Linking = "", 0, false
		s.Build.generating = len(s.Settings.Build.Before) > 0
		return s, append(discardPlugin(r), Build{Gen: e.Gen, Request: s.request(), Bare: s.Settings.Reload.Bare})
	}
	s = s.answeredBy(e.Gen)
	if r.Same {
		return s.outcome(cycle, OutcomeUnchanged).again(nil)
	}
	s.Build.newest = e.Gen
	cycle.Packages = r.Packages
	s.Process.loading = cycle.enter("loading", s.Now)
	return s.again([]Effect{Load{
		Gen: e.Gen, Host: p.Gen, Plugin: r.Plugin, Symbol: r.Symbol, Plugins: r.Plugins,
		NotifyFile: s.Settings.Reload.NotifyFile, NotifySignal: s.Settings.Reload.NotifySignal,
	}})
}

func discardPlugin(r builder.ReloadResult) (fx []Effect) {
	for _, f := range append([]builder.PluginFile{{File: r.Plugin}}, r.Plugins...) {
		fx = append(fx, discard(builder.Result{Artifact: builder.Artifact{Temp: f.File}})...)
	}
	return fx
}

// answeredBy notes that the build of generation gen found nothing wrong.
func (s State) answeredBy(gen int) State {
	s = s.complain(gen, nil, false)
	s.Build.Package, s.Build.Phase, s.Build.plugin = "", Idle, false
	return s.complaints()
}

func (s State) reloaded(e Reloaded) (State, []Effect) {
	p := &s.Process
	if e.Host != p.Gen || p.Phase == Down || p.Phase == Waiting || p.Phase == Crashed {
		return s, nil
	}
	p.Live.Gen = max(p.Live.Gen, e.Gen)
	p.Live.Loaded = append(slices.Clip(p.Live.Loaded), e.Gen)
	p.Live.Memory += e.Grew
	p.Live.Slots = slices.Clone(p.Live.Slots)
	for i := range p.Live.Slots {
		if slices.Contains(e.Slots, p.Live.Slots[i].Name) {
			p.Live.Slots[i].Gen = e.Gen
		}
	}
	if p.loading.Gen != e.Gen {
		return s, nil
	}
	c := p.loading
	p.loading = Cycle{}
	c.Slots, c.Notes = e.Slots, append(slices.Clip(c.Notes), e.Notes...)
	s = s.outcome(c, OutcomeReloaded)
	s.Log = s.Log.Mark(p.Gen, Mark{Gen: e.Gen, Cause: c.Cause, Reloaded: true, Took: s.Last.Took})
	return s, nil
}

func (s State) refused(e Refused) (State, []Effect) {
	p := &s.Process
	if e.Host != p.Gen || p.loading.Gen != e.Gen || p.Phase != Up {
		return s, nil
	}
	c := p.loading
	p.loading = Cycle{}
	// A panic brings its stack along.
	reason, stack, _ := strings.Cut(e.Reason, "\n")
	c.Reason, c.Notes = reason, slices.Collect(strings.Lines(stack))
	if e.Own || s.staysUp(c.Cause) || s.Phase != Running {
		return s.outcome(c, OutcomeRefused), nil
	}
	if s.Build.Phase == Compiling {
		return s, nil // what is under way is newer
	}
	return s.restart(c.Cause, reason)
}

// staysUp: what cannot be reloaded does not restart the program: the user wants
// it so; or it has just been started, and a restart would lead to the same.
func (s State) staysUp(c Cause) bool { return s.Settings.Reload.Only || c.Kind == ByStart }

// restart takes the long road, for a reason that the user is told.
func (s State) restart(cause Cause, reason string) (State, []Effect) {
	s, fx := s.begin(cause, wantCurrent, nil)
	for i, f := range fx {
		if _, ok := f.(BuildPlugin); ok {
			fx[i] = Build{Gen: s.Gen, Request: s.request(), Bare: s.Settings.Reload.Bare}
		}
	}
	s.Build.Reason, s.Build.plugin = reason, false
	return s, fx
}
