package proxy

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/internal/words"
)

// A tier is how a page comes to show what was saved, from the least to the most.
type tier string

const (
	swapStyle tier = "css"    // its style sheets are loaded in place of the old ones
	swapImage tier = "image"  // so are its images
	morph     tier = "morph"  // it is fetched, and what differs is changed in place
	reload    tier = "reload" // it is loaded again
)

func (t tier) known() bool { return slices.Contains([]tier{swapStyle, swapImage, morph, reload}, t) }

// tierOf is the tier of a file by its kind. What is only markup by the time it reaches
// a page is morphed; what has run in it, or may have, is not.
func tierOf(path string) tier {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".css":
		return swapStyle
	case ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico":
		return swapImage
	case ".html", ".htm", ".gohtml", ".tmpl", ".tpl", ".templ", ".gotmpl", ".jet", ".hbs", ".mustache", ".pug", ".plush", ".qtpl", ".md", ".txt":
		return morph
	}
	if strings.HasSuffix(path, "_templ.go") { // what templ generates of a .templ
		return morph
	}
	return reload
}

// An update is what open pages are to do. Those of one tier that came together are one.
type update struct {
	Seq   int      `json:"seq"`
	Tier  tier     `json:"tier"`
	Files []string `json:"files,omitempty"` // as the user calls them
	Why   string   `json:"why"`

	paths []string
	since time.Time
}

// A snapshot is all that a page has to know. It is a value: what it holds is never
// written to.
type snapshot struct {
	Boot    string   `json:"boot"`
	Seq     int      `json:"seq"` // of the last update
	Updates []update `json:"updates"`
	Phase   phase    `json:"phase"`
	Why     string   `json:"why,omitempty"`
	Problem *problem `json:"problem,omitempty"`
}

// maxUpdates is how far a page may be behind before it is loaded again.
const maxUpdates = 32

// add numbers an update.
func (s *snapshot) add(u update) {
	s.Seq++
	u.Seq = s.Seq
	s.Updates = append(slices.Clone(s.Updates[max(0, len(s.Updates)+1-maxUpdates):]), u)
}

// A watch is what the view remembers between events.
type watch struct {
	gen       int             // of the program
	life      int             // counts the program's lives
	up        bool            // one of them is under way
	target    string          // of the last backend
	last      *backend        // that served last
	before    *backend        // and the one before it
	pending   map[string]bool // files that changed, and that no page shows yet
	since     time.Time       // of the first of them
	unshown   bool            // a program has started, and pages show the one before
	unsettled bool            // a binary is being published
	leaving   bool            // hotdev is
	told      int             // the last update that a page told of
	why       string          // of the restart under way
	// overlapped is when a program that was swapped out was last known to take requests.
	overlapped time.Time
	asking     bool       // whether the program listens is to be found out
	note       string     // what the user should know of the address
	troubles   troubles   // beside the program
	key        problemKey // of the problem in the snapshot
}

// Show is called for every event, with the state that it led to.
func (p *Proxy) Show(s engine.State, e engine.Event) {
	p.mu.Lock()
	off := s.Settings.Web.Port == 0 && p.settings.Port == 0 && len(s.Settings.Web.Routes)+len(p.settings.Routes) == 0
	beside, key := p.watch.troubles, p.watch.key
	p.mu.Unlock()
	if _, wrote := e.(engine.Wrote); off || wrote && problemKeyOf(s, beside) == key {
		return // a program that prints a lot is to wake nobody
	}
	p.change(func() {
		_, started := e.(engine.Started)
		if w := &p.watch; !started && w.up && w.gen != s.Process.Gen && s.Process.Phase == engine.Up { // it was swapped in
			w.life++
			w.unshown = true
		}
		if !slices.Equal(p.settings.Routes, s.Settings.Web.Routes) {
			p.opts.Routes.lead(p, s.Settings.Web.Routes)
		}
		p.settings = s.Settings.Web
		p.watch.gen = s.Process.Gen
		p.watch.leaving = s.Phase != engine.Running
		p.follow(s, e)
		p.updateStatus(s)
		p.tellProblem(s)
	})
}

// tellProblem has pages show the current problem, if it may be another one. mu is held.
func (p *Proxy) tellProblem(s engine.State) {
	k := problemKeyOf(s, p.watch.troubles)
	if k == p.watch.key {
		return
	}
	if n := len(s.Process.Reports); k.counts > p.watch.key.counts && n > 0 && s.Process.Reports[n-1].Kind == crash.HandlerPanic {
		p.requests.panicked(s.Now)
	}
	p.watch.key, p.snapshot.Problem = k, problemOf(s, p.watch.troubles, p.opts.Dir)
}

// follow takes what an event means for open pages.
func (p *Proxy) follow(s engine.State, e engine.Event) {
	w := &p.watch
	switch e := e.(type) {
	case engine.Changed:
		paths := e.Paths
		if e.Overflow {
			paths = append(slices.Clip(paths), "")
		}
		p.saved(s, paths, e.First)
	case engine.Generated:
		p.saved(s, e.Paths, time.Time{})
	case engine.Built:
		w.unsettled = e.Gen == s.Build.Gen && e.Err == "" && e.Result.OK() && !e.Result.Same && e.Result.Patched == nil
	case engine.Published:
		w.unsettled = false
	case engine.Started:
		if e.Gen == s.Process.Gen && s.Process.Phase == engine.Up {
			w.life++
			w.up, w.unshown = true, true
		}
	case engine.Exited:
		w.up = w.up && e.Gen != s.Process.Gen
	case engine.Ended:
		switch c := e.Cycle; c.Outcome {
		case engine.OutcomeUnchanged:
			for _, path := range c.Cause.Paths {
				delete(w.pending, path)
			}
		case engine.OutcomePatched, engine.OutcomeReloaded:
			p.show(c.Road(), c.At)
		case engine.OutcomeStarted:
			w.why = c.Road()
			if w.since.IsZero() {
				w.since = c.At
			}
		}
	}
}

// saved takes files that changed: those that the program reads when it is asked, pages
// can show at once.
func (p *Proxy) saved(s engine.State, paths []string, first time.Time) {
	w := &p.watch
	if first.IsZero() {
		first = s.Now
	}
	assets, others := s.Assets(paths)
	p.tell(assets, false, "", first)
	for _, path := range others {
		if slices.Contains(s.Settings.Config, path) {
			continue
		}
		if len(w.pending) == 0 {
			w.pending, w.since = map[string]bool{}, first
		}
		w.pending[path] = true
	}
}

// show has pages show the code that has gone into the running program. That may be
// markup, or what a request leads to: a page that is fetched anew has both.
func (p *Proxy) show(why string, since time.Time) {
	w := &p.watch
	if !w.since.IsZero() {
		since = w.since
	}
	var paths []string
	for path := range w.pending {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	t := morph
	if p.settings.Reload || slices.ContainsFunc(paths, func(p string) bool { return tierOf(p) == reload && filepath.Ext(p) != ".go" }) {
		t = reload
	}
	p.add(update{Tier: t, Why: why, paths: paths, since: since})
	w.pending, w.since = nil, time.Time{}
}

// ready has pages show a program that has come up.
func (p *Proxy) ready() {
	w := &p.watch
	var paths []string
	for path := range w.pending {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	why := w.why
	if why == "" {
		why = "restarted"
	}
	p.tell(paths, true, why, w.since)
	w.pending, w.since, w.why, w.unshown, w.asking = nil, time.Time{}, "", false, false
}

// tell adds the updates that paths call for, of each tier one; where one is more than
// swapping, it does all.
func (p *Proxy) tell(paths []string, restarted bool, why string, since time.Time) {
	byTier := map[tier][]string{}
	for _, path := range paths {
		t := tierOf(path)
		byTier[t] = append(byTier[t], path)
	}
	if len(byTier[morph]) > 0 && p.settings.Reload {
		byTier[reload] = append(byTier[reload], byTier[morph]...)
	}
	if restarted && len(paths) == 0 {
		byTier[reload] = []string{}
	}
	for _, t := range []tier{reload, morph} {
		if files, ok := byTier[t]; ok {
			p.add(update{Tier: t, Why: why, paths: files, since: since})
			if t == reload {
				return
			}
		}
	}
	for _, t := range []tier{swapImage, swapStyle} {
		if files := byTier[t]; len(files) > 0 {
			p.add(update{Tier: t, Why: why, paths: files, since: since})
		}
	}
}

func (p *Proxy) add(u update) {
	for _, path := range u.paths {
		u.Files = append(u.Files, words.Path(p.opts.Dir, path))
	}
	if reason := words.Cause(p.opts.Dir, engine.Cause{Kind: engine.BySave, Paths: u.paths}); len(u.paths) > 0 {
		if u.Why != "" {
			reason += "; " + u.Why
		}
		u.Why = reason
	}
	if u.since.IsZero() {
		u.since = time.Now()
	}
	p.snapshot.add(u)
}

// updateStatus decides how requests are handled from now on.
func (p *Proxy) updateStatus(s engine.State) {
	w := &p.watch
	was := p.status
	ph, why := phaseOf(s, !w.unsettled)
	p.status = status{phase: ph, why: why}
	if ph != serving {
		if was.backend != nil {
			was.backend.close()
		}
		return
	}
	target, guess := address(s, w.target)
	w.note = ""
	if guess {
		w.note = "web: the program listens on several ports; pages are those of " + strings.TrimPrefix(target, "http://") + ", unless web.target names another"
	}
	b := was.backend
	if b == nil || b.life != w.life || target != w.target {
		if b != nil {
			b.close()
		}
		b = newBackend(w.life, s.Process.Gen, target)
		w.target, w.before, w.last = target, w.last, b
	}
	p.status.backend = b
	p.status.overlap = s.Process.Beside != nil && !s.Process.Beside.Coming
	if was.overlap {
		w.overlapped = s.Now
	}
	if p.status.overlap {
		return // the program before may still answer: pages would see that
	}
	if w.unshown {
		if w.asking = !listens(s, target); !w.asking {
			p.ready()
		}
	}
}
