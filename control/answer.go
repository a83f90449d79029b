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
	v, _ := verbCalled(q.Verb)
	return v.answer(a, ctx)
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
		if len(a.names) > 1 {
			text = titled(name, text)
		}
		r.Report.Programs = append(r.Report.Programs, p)
		r.Text += text
	}
	return r
}

func (a answer) status(context.Context) Reply {
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

func (a answer) explain(context.Context) Reply {
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

// pause has saves only remembered, or followed again.
func (a answer) pause(ctx context.Context) Reply {
	l, _ := a.board.see()
	want := engine.Paused
	if a.q.Off {
		want = engine.Following
	}
	for _, name := range a.names {
		if l.programs[name].Attention != want {
			a.send(name, engine.Pause{})
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
	return a.status(ctx)
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
