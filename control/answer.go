package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
)

// Answer answers a request. It returns when what was asked for has come or the
// request's time is up, at once where ctx has ended.
func (s *Server) Answer(ctx context.Context, q Request) Reply {
	if err := q.check(); err != nil {
		return mistake("%v", err)
	}
	names := s.Programs
	if q.Program != "" {
		if !slices.Contains(names, q.Program) {
			return mistake("no program %s here (there is %s)", q.Program, strings.Join(names, ", "))
		}
		names = []string{q.Program}
	}
	timeout := time.Duration(q.Timeout)
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	a := answer{Server: s, q: q, names: names, timeout: timeout}
	switch v, _ := verbCalled(q.Verb); {
	case q.Verb == "test":
		return a.test(ctx)
	case q.Verb == "await" && len(names) == 0:
		return a.awaitTests(ctx)
	case q.Verb == "await":
		return a.await(ctx)
	case q.Verb == "errors":
		return a.errors(ctx)
	case q.Verb == "logs":
		return a.logs(ctx)
	case q.Verb == "explain":
		return a.explain()
	case q.Verb == "pause":
		return a.pause(ctx, v.Event)
	case q.Verb == "stop":
		return a.stop(ctx)
	case v.Event != nil:
		return a.request(ctx, v.Event)
	}
	return a.status()
}

// An answer is one under way.
type answer struct {
	*Server
	q       Request
	names   []string // the programs that it is about
	timeout time.Duration
}

// reply reports on what is up in l, with what more adds to each program and its
// text.
func (a answer) reply(code Code, l look, more func(Program, engine.State) (Program, string)) Reply {
	r := Reply{Code: code, Report: Report{Pid: a.Pid, Dir: a.Dir, Programs: []Program{}, Tests: tests(l.tests)}}
	for _, name := range a.names {
		p, text := more(status(name, l.programs[name]), l.programs[name])
		if len(a.names) > 1 && text != "" && !strings.HasPrefix(text, name) {
			text = "=== " + name + "\n" + text
		}
		r.Report.Programs = append(r.Report.Programs, p)
		r.Text += text
	}
	return r
}

func (a answer) status() Reply {
	l, _ := a.board.see()
	r := a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
		return p, statusText(a.q.Dir, p, s)
	})
	if r.Report.Tests != nil {
		r.Text += "tests: " + words.Tests(l.tests) + "\n"
	}
	return r
}

func (a answer) errors(ctx context.Context) Reply {
	make := func(l look) Reply {
		code := OK
		r := a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
			text := problemsText(a.q.Dir, s)
			if text != "" {
				code = Broken
			} else {
				text = "no errors\n"
			}
			if !s.Settled() {
				text += fmt.Sprintf("(generation %d is on its way: await it, then ask again)\n", s.Gen)
			}
			return problems(p, s), text
		})
		r.Report.Tests = failing(r.Report.Tests, l.tests)
		if text := testsText(a.q.Dir, l.tests); text != "" {
			code = Broken
			r.Text += text + "tests: " + words.Tests(l.tests) + "\n"
		}
		r.Code, r.Token = code, token(r)
		return r
	}
	if a.q.After == "" {
		l, _ := a.board.see()
		return make(l)
	}
	l, ok := a.board.wait(ctx, func(l look) bool { return make(l).Token != a.q.After })
	if !ok && !l.over {
		r := make(l)
		r.Code = Timeout
		return r
	}
	return make(l)
}

// token tells answers apart by what they say.
func token(r Reply) string {
	text, _ := json.Marshal(r.Report) // what is in it can be encoded
	sum := sha256.Sum256(append(text, r.Text...))
	return hex.EncodeToString(sum[:8])
}

func (a answer) logs(ctx context.Context) Reply {
	l, _ := a.board.see()
	var failed error
	r := a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
		p, text, err := logs(ctx, a.q, p, s)
		if err != nil {
			failed = err
		}
		return p, text
	})
	if failed != nil {
		return Reply{Code: Timeout, Text: fmt.Sprintf("the log was not searched to its end within %v\n", a.timeout)}
	}
	return r
}

func (a answer) explain() Reply {
	l, _ := a.board.see()
	if a.q.File != "" {
		return a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
			return p, p.Name + ": " + fileText(a.q.Dir, s, a.q.File) + "\n"
		})
	}
	missing := false
	r := a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
		c, ok := cycleOf(s, a.q.Gen)
		switch {
		case !ok && a.q.Gen > 0:
			missing = true
			return p, fmt.Sprintf("%s: nothing is known of generation %d (the newest is %d)\n", p.Name, a.q.Gen, s.Gen)
		case !ok:
			return p, fmt.Sprintf("%s: the first build is on its way\n", p.Name)
		}
		w := whole(c)
		p.Last = &w
		return p, explainText(a.q.Dir, p.Name, s, c)
	})
	if missing {
		r.Code = Usage
	}
	return r
}

// cycleOf finds the cycle of a generation; gen 0 is that of the last save, else
// the last of all.
func cycleOf(s engine.State, gen int) (engine.Cycle, bool) {
	for i := len(s.History) - 1; i >= 0; i-- {
		c := s.History[i]
		if gen == 0 && (c.Cause.Kind == engine.BySave || c.Cause.Kind == engine.ByConfig) || gen > 0 && c.Gen == gen {
			return c, true
		}
	}
	return s.Last, gen == 0 && s.Last.Gen > 0
}

// sync returns when all that was saved until now, and e if it is not nil, has gone
// through the loops; what is up then knows of it.
func (a answer) sync(ctx context.Context, e engine.Event) (look, bool) {
	_ = a.Look(ctx) // without a watch there is nothing that it could tell of
	ids := map[string]int{}
	up, _ := a.board.see()
	for _, name := range a.names {
		if e != nil && (len(a.names) == 1 || up.programs[name].Settings.Task == nil) { // tasks run when their files change
			a.send(name, e)
		}
		ids[name] = a.board.nextSync()
		a.send(name, engine.Synced{ID: ids[name]})
	}
	return a.board.wait(ctx, func(l look) bool {
		for name, id := range ids {
			if l.synced[name] < id {
				return false
			}
		}
		return true
	})
}

// await waits until all that was saved before the request is built and runs.
func (a answer) await(ctx context.Context) Reply {
	l, ok := a.sync(ctx, nil)
	return a.settled(ctx, l, ok, nil)
}

// request asks for e, and waits for what it leads to.
func (a answer) request(ctx context.Context, e engine.Event) Reply {
	l, ok := a.sync(ctx, e)
	if ok && a.q.NoWait {
		return a.status()
	}
	return a.settled(ctx, l, ok, e)
}

// settled goes on after a sync until all is settled, and says how it came out. e is
// what was asked for.
func (a answer) settled(ctx context.Context, l look, ok bool, e engine.Event) Reply {
	// What was saved before the watch was in force has been told of by it, but
	// maybe not yet: then once more.
	for again := ok && !a.watched(l); ok; again = false {
		if l, ok = a.quiet(ctx, e); ok && again {
			l, ok = a.sync(ctx, nil)
			continue
		}
		break
	}
	if l.over {
		return Reply{Code: None, Text: "hotdev has ended\n"}
	}
	code := OK
	r := a.reply(OK, l, func(p Program, s engine.State) (Program, string) {
		text := statusText(a.q.Dir, p, s)
		c, why := a.verdict(s, e)
		if !ok {
			c = Timeout
			why = fmt.Sprintf("not %s within %v", a.wanted(e), a.timeout)
		}
		code = max(code, c)
		if why != "" {
			text += "  " + why + "\n"
		}
		if c == Broken {
			p = problems(p, s)
			text += problemsText(a.q.Dir, s)
		}
		return p, text
	})
	r.Code = code
	return r
}

// wanted is what a request waits for.
func (a answer) wanted(e engine.Event) string {
	switch {
	case a.q.Gen > 0 && a.q.Ready:
		return fmt.Sprintf("at generation %d and listening on a port", a.q.Gen)
	case a.q.Gen > 0:
		return fmt.Sprintf("at generation %d", a.q.Gen)
	case a.q.Ready:
		return "listening on a port"
	}
	return "settled"
}

func (a answer) watched(l look) bool {
	for _, name := range a.names {
		if !l.programs[name].Watched() {
			return false
		}
	}
	return true
}

// startTime is how long a program must have been up, if it does not listen by then,
// for its start to have gone well: what is missing at the start (a variable, a
// file, a database) ends a program at once.
const startTime = 300 * time.Millisecond

// graceTime is how long a program that has never listened is given to do so, before
// a lenient client is told that it is up.
const graceTime = 5 * time.Second

// quiet waits until nothing is under way, and the programs are what is waited for.
func (a answer) quiet(ctx context.Context, e engine.Event) (look, bool) {
	done := func(l look) bool {
		for _, name := range a.names {
			s := l.programs[name]
			if !s.Settled() || !s.Watched() || s.Gen < a.q.Gen {
				return false
			}
			p := s.Process
			if p.Phase == engine.Up && p.Ready.IsZero() && time.Since(p.Since) < startTime {
				return false
			}
			if code, _ := a.verdict(s, e); code == OK && a.q.Ready && s.Process.Ready.IsZero() && !a.excused(s) {
				return false
			}
		}
		return true
	}
	for { // a clock ends the wait, too
		short, cancel := context.WithTimeout(ctx, startTime/2)
		l, ok := a.board.wait(short, done)
		cancel()
		if ok || l.over || ctx.Err() != nil {
			return l, ok
		}
	}
}

// excused: the program need not listen to be ready, for it may have no port.
func (a answer) excused(s engine.State) bool {
	if s.Settings.Task != nil {
		return true
	}
	if !a.q.Lenient || s.Process.Phase != engine.Up || time.Since(s.Process.Since) < graceTime {
		return false
	}
	for _, c := range s.History {
		for _, p := range c.Phases {
			if p.Name == "until ready" {
				return false
			}
		}
	}
	return true
}

// verdict is how a settled program came out, and what is to be said of it beyond
// its status.
func (a answer) verdict(s engine.State, e engine.Event) (code Code, why string) {
	_, building := e.(engine.BuildOnly)
	p := s.Process
	switch {
	case s.Mistake() != "":
		return Broken, "the configuration has a mistake; the last good one is in force"
	case s.Build.Phase == engine.Broken:
		return Broken, ""
	case len(s.WaitsFor()) > 0:
		return Broken, words.Awaits(s)
	case building, s.Settings.Task != nil:
		return OK, ""
	case s.Last.Outcome == engine.OutcomeRefused && s.Last.Gen == s.Gen:
		return Broken, "the program runs its old code"
	case p.Phase == engine.Crashed:
		return Broken, ""
	case s.Attention == engine.Paused && len(s.Pending) > 0:
		return Broken, "hotdev is paused: what was saved is not built (ctl pause --off, or ctl reload)"
	case len(s.Pending) > 0:
		return Broken, fmt.Sprintf("not built: %s", words.Path(a.q.Dir, s.Pending[0]))
	case a.q.Ready && p.Phase != engine.Up:
		return Broken, "it does not run, and so is not ready"
	case a.q.Ready && p.Ready.IsZero() && a.excused(s):
		return OK, fmt.Sprintf("it has been up for %v and listens on no port; a program that does not listen is ready", graceTime)
	}
	return OK, ""
}

// pause has saves only remembered, or followed again.
func (a answer) pause(ctx context.Context, e engine.Event) Reply {
	l, _ := a.board.see()
	want := engine.Paused
	if a.q.Off {
		want = engine.Following
	}
	for _, name := range a.names {
		if l.programs[name].Attention != want {
			a.send(name, e)
		}
	}
	if _, ok := a.board.wait(ctx, func(l look) bool {
		for _, name := range a.names {
			if l.programs[name].Attention != want {
				return false
			}
		}
		return true
	}); !ok {
		return Reply{Code: Timeout, Text: "hotdev does not answer\n"}
	}
	return a.status()
}

// stop ends hotdev; it answers when the programs are gone.
func (a answer) stop(ctx context.Context) Reply {
	if a.q.Program != "" && len(a.Programs) > 1 {
		return mistake("stop ends all of %s; leave the program out", strings.Join(a.Programs, ", "))
	}
	if len(a.names) == 0 {
		a.Send(0, tester.Quit{})
	} else {
		a.send(a.names[0], engine.Quit{}) // there is one quit
	}
	if a.q.NoWait {
		return Reply{Code: OK, Text: "hotdev is stopping\n"}
	}
	if l, _ := a.board.wait(ctx, func(look) bool { return false }); l.over {
		return Reply{Code: OK, Text: "hotdev has stopped\n"}
	}
	return Reply{Code: Timeout, Text: fmt.Sprintf("the program has not ended within %v\n", a.timeout)}
}
