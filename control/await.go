package control

import (
	"context"
	"fmt"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
)

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
	if len(a.names) == 0 {
		return a.awaitTests(ctx)
	}
	l, ok := a.sync(ctx, nil)
	return a.settled(ctx, l, ok, nil)
}

// request asks for e, and waits for what it leads to.
func (a answer) request(ctx context.Context, e engine.Event) Reply {
	l, ok := a.sync(ctx, e)
	if ok && a.q.NoWait {
		return a.status(ctx)
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
	case s.PutOff():
		return Broken, "the program runs its old code until the debugger lets it go on (ctl restart does not wait)"
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
