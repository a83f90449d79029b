package proxy

import (
	"reflect"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
)

// In is the proxy as a view of a session, in which its program has the index program.
// It is a [session.TestView]: what went wrong in the session's tasks and tests shows in
// open pages, too.
func (p *Proxy) In(program int) session.View { return view{p, program} }

type view struct {
	proxy   *Proxy
	program int
}

func (v view) Show(s session.State, program int, e engine.Event) {
	if program == v.program {
		v.proxy.Show(s.Programs[program].State, e)
		return
	}
	one := s.Programs[program]
	if _, ended := e.(engine.Ended); !ended || one.State.Settings.Task == nil {
		return
	}
	v.others(s, func(t *troubles) { t.tasks = t.tasks.with(one.Name, taskItems(one.State, v.proxy.opts.Dir)) })
}

func (v view) ShowTests(s session.State, e tester.Event) {
	switch e.(type) {
	case tester.Tested, tester.Ended:
		v.others(s, func(t *troubles) { t.tests = testProblem(s.Tests, v.proxy.opts.Dir) })
	}
}

// others takes what is new of tasks and tests.
func (v view) others(s session.State, do func(*troubles)) {
	p := v.proxy
	p.mu.Lock()
	now := p.watch.troubles
	same := now
	p.mu.Unlock()
	if do(&now); reflect.DeepEqual(now, same) {
		return
	}
	p.change(func() {
		now.version = p.watch.troubles.version + 1
		p.watch.troubles = now
		p.tellProblem(s.Programs[v.program].State)
	})
}
