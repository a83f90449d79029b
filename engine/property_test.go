package engine

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/watcher"
)

var (
	policySeed  = flag.Uint64("policy.seed", 0, "seed of the first game of TestPolicy; each has the next one")
	policyGames = flag.Uint64("policy.games", 0, "games that TestPolicy plays (0: some, or more if HOTDEV_LONG is set)")
)

// TestPolicy plays random saves, keys, crashes and answers, in random order,
// against a model of the world, and holds Step to the policy after every event.
func TestPolicy(t *testing.T) {
	games := uint64(600)
	switch {
	case *policyGames > 0:
		games = *policyGames
	case os.Getenv("HOTDEV_LONG") != "": // .ci/run sets it
		games = 3000
	}
	for seed := *policySeed; seed < *policySeed+games; seed++ {
		if m := newModel(t, seed); !m.run() {
			t.Fatalf("replay with -policy.seed=%d -policy.games=1\n%s", seed, m.history())
		}
	}
}

// model is a world in which a file is its version number, a binary the version
// it was built from, and where every answer takes as long as chance will.
type model struct {
	t       *testing.T
	seed    uint64
	rng     *rand.Rand
	s       State
	log     []string
	failed  bool
	pending []func() Event // answers that will come
	loads   []func() Event // those of Load, which come in order
	built   []func() Event // those of builds, which take turns

	disk      int // version on disk
	broken    bool
	fragile   bool        // what is loaded may be refused for its own fault
	builds    map[int]int // generation → version that the compiler has read
	building  int         // the newest generation that has had its turn in the builder
	temps     map[string]int
	published int    // version of the published binary; 0 is none
	restart   int    // the newest version that no plugin can bring
	page      int    // version on disk of an included file
	live      *child // in force
	beside    *child // coming or going, where a restart is a swap
	ran       int    // the newest version that ever ran
	starts    int
	renaming  int // the generation of the newest Publish, while it is under way
}

type child struct {
	gen      int
	binary   int // version of its binary
	version  int // version of its code
	page     int // version of the included file that it read
	stopping bool
	starting bool
	loading  int // Loads under way
}

func newModel(t *testing.T, seed uint64) *model {
	return &model{
		t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 7)), disk: 1,
		builds: map[int]int{}, temps: map[string]int{},
		s: State{
			Phase: Running, Attention: Following, Now: time.Unix(0, 0),
			Build:   BuildState{Phase: Idle},
			Process: ProcessState{Phase: Down, Desire: ToRun},
		},
	}
}

func (m *model) history() string {
	out := ""
	for _, l := range m.log[max(0, len(m.log)-40):] {
		out += l + "\n"
	}
	return out
}

func (m *model) fail(format string, args ...any) {
	m.failed = true
	m.log = append(m.log, "FAIL "+fmt.Sprintf(format, args...))
}

func (m *model) run() bool {
	m.fragile = true
	mode := []Mode{ModeAuto, ModeRestart}[m.seed%2]
	m.step(Configured{Settings: Settings{
		Build:  builder.Request{Output: "/bin/app", Live: m.seed%3 > 0},
		Watch:  watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{"*.html"}}}},
		Reload: Reloading{Mode: mode, MaxGenerations: 5},
		Run:    runner.Spec{Listen: []string{":8080"}},
		Swap:   m.swaps(),
	}})
	hasty := m.rng.IntN(2) == 0 // else each change is out of any row
	for range 60 {
		if m.failed {
			return false
		}
		if !hasty {
			m.s.Now = m.s.Now.Add(time.Duration(m.rng.IntN(100)) * time.Second)
		}
		switch n := m.rng.IntN(20); {
		case n < 5:
			if m.rng.IntN(4) == 0 {
				m.broken = !m.broken
			}
			if m.rng.IntN(3) == 0 {
				m.turn()
				break
			}
			m.save()
		case n < 6:
			m.step([]Event{Rebuild{}, Reload{}, BuildOnly{}, StopStart{}, Pause{}, Reload{}, SwitchLive{}, Debug{}, Debug{AtStart: true}}[m.rng.IntN(9)])
		case n < 7 && m.beside != nil && m.rng.IntN(2) == 0:
			m.crash(m.beside)
		case n < 7 && m.rng.IntN(3) == 0:
			m.step([]Event{Blocked{By: []string{"gen"}}, Blocked{}, Blocked{Failed: []string{"gen"}}, Blocked{}}[m.rng.IntN(4)])
		case n < 7 && m.live != nil && !m.live.stopping && m.rng.IntN(2) == 0:
			m.crash(m.live)
		case n < 8 && m.live != nil && m.s.Process.Debug != NotDebugged:
			m.step([]Event{Halted{Gen: m.live.gen, Halt: Halt{Reason: "breakpoint"}}, Resumed{Gen: m.live.gen}}[m.rng.IntN(2)])
		case len(m.pending) > 0:
			m.answer()
		}
	}
	// Come to rest: watching, wanted, fixed, all answered.
	if m.s.Attention == Paused {
		m.step(Pause{})
	}
	m.step(Blocked{})
	m.broken, m.fragile = false, false
	if m.s.rows["/p/page.html"].known {
		m.settle() // the hour that ends a row is not spent in a build, for a change in that would go on with it
	}
	m.s.Now = m.s.Now.Add(time.Hour)
	m.save()
	if m.rng.IntN(2) == 0 { // else one start may answer for both
		m.settle()
		m.s.Now = m.s.Now.Add(time.Hour)
	}
	m.turn()
	m.settle()
	if m.live != nil { // what waits for the debugger happens then
		m.step(Resumed{Gen: m.live.gen})
		m.settle()
	}
	if m.failed {
		return false
	}
	if m.s.Build.Phase != Idle {
		m.fail("at rest the build is %v", m.s.Build.Phase)
	}
	if m.published != m.disk && !m.s.outdated() {
		m.fail("at rest version %d is published, %d on disk", m.published, m.disk)
	}
	if len(m.temps) != 0 {
		m.fail("left lying about: %v", m.temps)
	}
	switch rests := m.s.Process.Desire == ToRest; {
	case m.beside != nil:
		m.fail("gen %d is still beside", m.beside.gen)
	case rests && m.live != nil:
		m.fail("runs though it is to rest")
	case !rests && m.live == nil:
		m.fail("does not run")
	case !rests && m.live.version != m.disk:
		m.fail("version %d runs, %d is on disk", m.live.version, m.disk)
	case !rests && m.live.page != m.page:
		m.fail("it has read page %d, %d is on disk", m.live.page, m.page)
	case !rests && m.s.Process.Phase != Up:
		m.fail("runs, but the state says %v", m.s.Process.Phase)
	}
	if !m.s.Settled() {
		m.fail("at rest it is not settled")
	}
	m.step(Quit{})
	for len(m.pending) > 0 && !m.failed {
		m.answer()
	}
	if m.s.Phase != Over || m.live != nil || m.beside != nil {
		m.fail("after quit: %v, live %v, beside %v", m.s.Phase, m.live, m.beside)
	}
	return !m.failed
}

// settle has all answers come.
func (m *model) settle() {
	for i := 0; len(m.pending) > 0 && !m.failed; i++ {
		if i > 1000 {
			m.fail("does not come to rest")
		}
		m.answer()
	}
}

func (m *model) save() {
	m.disk++
	if m.rng.IntN(3) == 0 {
		m.restart = m.disk
	}
	m.step(Changed{Batch: watcher.Batch{Paths: []string{fmt.Sprintf("/p/%d.go", m.rng.IntN(5))}}})
}

// turn saves the included file.
func (m *model) turn() {
	m.page++
	m.step(Changed{Batch: watcher.Batch{Paths: []string{"/p/page.html"}}})
}

// takeTurn reports whether a build gets to reading the files. A program's builds take
// turns, and one that was cancelled meanwhile does not begin.
func (m *model) takeTurn(gen int) bool {
	m.building = max(m.building, gen)
	return gen == m.building
}

// swaps reports whether a restart is a swap.
func (m *model) swaps() bool { return m.seed%5 < 2 }

// alive reports whether a program lives.
func (m *model) alive(c *child) bool { return c != nil && (c == m.live || c == m.beside) }

// called is the living program of a generation; nil if there is none.
func (m *model) called(gen int) *child {
	for _, c := range []*child{m.live, m.beside} {
		if c != nil && c.gen == gen {
			return c
		}
	}
	return nil
}

// gone takes a program out of the world.
func (m *model) gone(c *child) {
	if c == m.live {
		m.live = nil
	} else {
		m.beside = nil
	}
}

// crash ends a living program by itself.
func (m *model) crash(c *child) {
	m.ran = max(m.ran, c.version)
	m.gone(c)
	if m.rng.IntN(2) == 0 {
		var lines []runner.Line
		for _, l := range []string{"panic: oops", "", "goroutine 1 [running]:", "p.F()", "\t/p/a.go:7 +0x1d"} {
			lines = append(lines, runner.Line{Text: l})
		}
		m.step(Wrote{Gen: c.gen, Lines: lines})
	}
	m.step(Exited{Gen: c.gen, Exit: runner.Exit{Code: m.rng.IntN(2)}})
}

func (m *model) answer() {
	i := m.rng.IntN(len(m.pending))
	f := m.pending[i]
	m.pending = slices.Delete(m.pending, i, i+1)
	if e := f(); e != nil {
		m.step(e)
	}
}

func (m *model) later(f func() Event) { m.pending = append(m.pending, f) }

// inOrder has an answer come after those that are in the queue already.
func (m *model) inOrder(queue *[]func() Event, f func() Event) {
	*queue = append(*queue, f)
	m.later(func() Event {
		f := (*queue)[0]
		*queue = (*queue)[1:]
		return f()
	})
}

func (m *model) step(e Event) {
	if m.live != nil {
		m.ran = max(m.ran, m.live.version)
	}
	before := m.s
	m.s.Now = m.s.Now.Add(time.Millisecond)
	var effects []Effect
	m.s, effects = Step(m.s, e)
	m.log = append(m.log, fmt.Sprintf("%T%+v → build %v %d, process %v %d", e, e, m.s.Build.Phase, m.s.Build.Gen, m.s.Process.Phase, m.s.Process.Gen))
	if b, ok := e.(Built); ok && !b.Result.OK() {
		for _, f := range effects {
			switch f.(type) {
			case Start, Stop, Kill, Publish:
				m.fail("a broken build led to %T", f)
			}
		}
		if before.Process.Phase != m.s.Process.Phase {
			m.fail("a broken build touched the process")
		}
	}
	for _, f := range effects {
		m.log = append(m.log, "    "+tell(f))
		m.do(f)
	}
	if b := m.beside; b != nil && b.gen == m.s.Process.Gen { // it has taken over
		if m.live != nil && !m.live.stopping {
			m.fail("gen %d takes over from %d, which is not told to end", b.gen, m.live.gen)
		}
		m.live, m.beside = b, m.live
	}
	if b := m.beside; m.s.Phase == Running && m.s.Settled() && b != nil {
		m.fail("settled, with gen %d beside", b.gen)
	}
	if c := m.live; m.s.Phase == Running && m.s.Settled() && (m.renaming > 0 || c != nil && (c.starting || c.stopping || c.loading > 0)) {
		m.fail("settled, with gen %d to be published, %+v", m.renaming, c)
	}
}

func (m *model) do(f Effect) {
	switch f := f.(type) {
	case Build:
		if f.Gen != m.s.Gen {
			m.fail("builds generation %d, newest is %d", f.Gen, m.s.Gen)
		}
		m.later(func() Event { // the compiler reads the files
			if !m.takeTurn(f.Gen) {
				return nil
			}
			m.builds[f.Gen] = m.disk
			broken := m.broken
			var patched *builder.Patched
			if c := m.live; f.Host > 0 && !broken && c != nil && c.gen == f.Host && !c.stopping && m.restart <= c.binary {
				c.version = m.builds[f.Gen]
				patched = &builder.Patched{Functions: []string{"p.F"}, Symbols: []string{"p.F"}}
			}
			m.inOrder(&m.built, func() Event { // and answers
				r := builder.Result{}
				switch {
				case patched != nil:
					r.Patched = patched
				case broken:
					r.Diagnostics = []builder.Diagnostic{{Message: "broken"}}
				case m.builds[f.Gen] == m.published:
					r.Same = true
				default:
					temp := fmt.Sprintf("/bin/.app-%d", f.Gen)
					m.temps[temp] = m.builds[f.Gen]
					r.Artifact = builder.Artifact{Temp: temp, Path: "/bin/app"}
				}
				return Built{Gen: f.Gen, Host: f.Host, Result: r}
			})
			return nil
		})
	case OpenDebugger:
		m.later(func() Event {
			if m.rng.IntN(4) == 0 {
				return Debuggable{Err: "there is none"}
			}
			return Debuggable{Addr: "127.0.0.1:20000"}
		})
	case CloseDebugger:
	case Discard:
		if _, ok := m.temps[f.Artifact.Temp]; !ok {
			m.fail("discards %s, which is not there", f.Artifact.Temp)
		}
		delete(m.temps, f.Artifact.Temp)
	case Publish:
		// Renaming is quick, but its answer may be late.
		v, ok := m.temps[f.Artifact.Temp]
		if !ok {
			m.fail("publishes %s, which is not there", f.Artifact.Temp)
		}
		if v < m.published {
			m.fail("publishes version %d over %d", v, m.published)
		}
		delete(m.temps, f.Artifact.Temp)
		m.published = v
		m.renaming = f.Gen
		m.later(func() Event {
			if m.renaming == f.Gen {
				m.renaming = 0
			}
			return Published{Gen: f.Gen}
		})
	case Start:
		if m.live != nil && (!m.swaps() || m.beside != nil || m.live.gen == f.Gen) || m.live == nil && m.beside != nil {
			m.fail("starts generation %d while %+v and %+v live", f.Gen, m.live, m.beside)
		}
		if m.published == 0 {
			m.fail("starts nothing")
		}
		m.starts++
		if m.s.outdated() {
			m.fail("starts a binary that is older than what was saved")
		}
		if m.published < m.ran {
			m.fail("starts version %d after %d ran", m.published, m.ran)
		}
		c := &child{gen: f.Gen, binary: m.published, version: m.published, page: m.page, starting: true}
		if m.live == nil {
			m.live = c
		} else {
			m.beside = c
		}
		m.later(func() Event {
			c.starting = false
			if !m.alive(c) {
				return nil
			}
			m.later(func() Event {
				if !m.alive(c) {
					return nil
				}
				return Sampled{Gen: c.gen, Usage: runner.Usage{Ports: []runner.Port{{Addr: "[::]:8080"}}}}
			})
			m.later(func() Event {
				if !m.alive(c) {
					return nil
				}
				return Offered{Gen: c.gen, Able: true, Slots: []Slot{{Name: "p.F"}}}
			})
			return Started{Gen: f.Gen}
		})
	case BuildPlugin:
		if f.Gen != m.s.Gen {
			m.fail("builds generation %d, newest is %d", f.Gen, m.s.Gen)
		}
		m.later(func() Event {
			if !m.takeTurn(f.Gen) {
				return nil
			}
			v, broken, c := m.disk, m.broken, m.live
			m.inOrder(&m.built, func() Event {
				r := builder.ReloadResult{}
				switch {
				case broken:
					r.Diagnostics = []builder.Diagnostic{{Message: "broken"}}
				case c == nil || m.restart > c.binary:
					r.Restart = "main changed"
				case v == c.version:
					r.Same = true
				default:
					r.Plugin = fmt.Sprintf("/bin/%d.so", f.Gen)
					m.temps[r.Plugin] = v
				}
				return PluginBuilt{Gen: f.Gen, Result: r}
			})
			return nil
		})
	case Load:
		c := m.live
		v, ok := m.temps[f.Plugin]
		if !ok {
			m.fail("loads %s, which is not there", f.Plugin)
		}
		delete(m.temps, f.Plugin)
		if c != nil {
			c.loading++
		}
		m.inOrder(&m.loads, func() Event {
			if c != nil {
				c.loading--
			}
			if c == nil || m.live != c || c.gen != f.Host {
				return nil
			}
			switch n := m.rng.IntN(6); {
			case n == 0:
				return Refused{Gen: f.Gen, Host: c.gen, Reason: "different version"}
			case n == 1 && m.fragile:
				return Refused{Gen: f.Gen, Host: c.gen, Reason: "hook failed", Own: true}
			}
			c.version = v
			return Reloaded{Gen: f.Gen, Host: c.gen, Slots: []string{"p.F"}}
		})
	case Stop, Kill:
		gen := 0
		switch f := f.(type) {
		case Stop:
			gen = f.Gen
		case Kill:
			gen = f.Gen
		}
		c := m.called(gen)
		if c == nil {
			return // it has just ended by itself
		}
		c.stopping = true
		m.later(func() Event {
			if !m.alive(c) {
				return nil
			}
			m.gone(c)
			return Exited{Gen: c.gen, Exit: runner.Exit{Code: -1, Stopped: true}}
		})
	case Learn:
		c := m.called(f.Gen)
		m.later(func() Event {
			if !m.alive(c) {
				return nil
			}
			return Patchable{Gen: f.Gen}
		})
	case Wait:
		m.later(func() Event {
			if f.Duration == swapTime && !m.fragile {
				return nil // in the end every program becomes ready in time
			}
			m.s.Now = m.s.Now.Add(f.Duration)
			return Waited{ID: f.ID}
		})
	case Quote:
	case Watch, List, Cancel, Configure, Prepare:
	default:
		m.fail("unknown effect %T", f)
	}
}
