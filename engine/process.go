package engine

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// follow makes the process what w asks for, and so ends cycle c or leaves its
// end to the start.
func (s State) follow(w want, c Cycle) (State, []Effect) {
	if s.Phase != Running {
		return s, nil
	}
	p := s.Process
	running := p.Phase == Up || p.Phase == Starting
	same := running && w == wantCurrent && p.Desire == ToRun && (p.Debug != NotDebugged) == s.Debugging() && p.Gen == s.Build.Published && !s.outdated() && sameSpec(p.spec, s.spec())
	if same {
		if files := s.reread(c.Cause); len(files) > 0 {
			same, c.Reason = false, s.changedWords(files)
		}
	}
	switch {
	case w == wantBuilt, p.Desire == ToRest:
		return s.outcome(c, OutcomeBuilt), nil
	case same, w == wantCurrent && s.isComing():
		return s.outcome(c, OutcomeUnchanged), nil
	case running && w == wantCurrent && p.after == afterNothing && s.mustPutOff(c.Cause):
		return s.putOff(c), nil
	case running && s.swaps():
		return s.swap(c)
	case running, p.Phase == Stopping:
		s.Process.cycle = c.enter("stopping", s.Now)
		return s.end(afterStart)
	default:
		s.Process.cycle = c
		return s.start()
	}
}

// spec is what the next start is to run.
func (s State) spec() runner.Spec {
	spec := s.Settings.Run
	if !s.Settings.Command {
		spec.Path = s.Settings.Build.Output
	}
	return spec
}

func sameSpec(a, b runner.Spec) bool { return reflect.DeepEqual(a, b) }

// start runs the published binary, or has it built first if code was loaded
// into a program since, or may have been. Nothing must be running.
func (s State) start() (State, []Effect) {
	if s.mustWait() {
		return s.hold()
	}
	if s.Build.Phase == Compiling && (s.outdated() || s.Build.patching) {
		s.Build.want = max(s.Build.want, wantCurrent)
		return s, nil
	}
	if s.outdated() {
		return s.begin(s.Process.cycle.Cause, wantCurrent, nil)
	}
	return s.launch(s.Build.Published)
}

// launch runs the binary of a generation.
func (s State) launch(gen int) (State, []Effect) {
	return s.startLife(Life{Gen: gen, Debug: s.Debugger.Mode, spec: s.spec()})
}

// startLife starts the program that l describes.
func (s State) startLife(l Life) (State, []Effect) {
	s.waiting, s.taking = 0, 0 // a start makes the pending restart pointless
	p := &s.Process
	s.Log = s.Log.Mark(l.Gen, Mark{Gen: l.Gen, Cause: p.cycle.Cause, Again: p.Gen == l.Gen})
	p.Phase, p.Since = Starting, s.Now
	p.cycle = p.cycle.enter("starting", s.Now)
	if p.bequeath {
		l.Reports, l.Excerpts, l.Bequeathed = p.Reports, p.Excerpts, len(p.Reports)
	}
	p.Life = l
	p.begun = s.Now
	return s.forgetLife(), []Effect{Start{Gen: l.Gen, Spec: l.spec, Debug: l.Debug, Task: s.isTask()}}
}

// end has the program end, and then a. A program that is only just starting
// cannot be told yet: started sees to it.
func (s State) end(a after) (State, []Effect) {
	s, fx := s.refuse("the program is to end")
	p := &s.Process
	p.after, p.next = a, nil
	if p.Phase != Up {
		return s, fx
	}
	p.Phase, p.Since = Stopping, s.Now
	return s, append(fx, Stop{Gen: p.Gen})
}

func (s State) started(e Started) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase != Starting {
		return s, nil
	}
	p.Phase, p.Pid, p.Since = Up, e.Pid, s.Now
	if s.Phase == Killing {
		p.Phase = Stopping
		return s, []Effect{Kill{Gen: p.Gen}}
	}
	if p.after != afterNothing {
		return s.end(p.after)
	}
	if s.isTask() {
		p.cycle = p.cycle.enter("running", s.Now)
		return s, nil
	}
	return s.arrived()
}

// arrived ends the cycle of a program that has come up, and prepares what is to go into
// it.
func (s State) arrived() (State, []Effect) {
	s = s.outcome(s.Process.cycle, OutcomeStarted)
	s.Log = s.Log.arrived(s.Last.Took)
	s, fx := s.firstPlugins()
	s, probe := s.watchReady()
	return s, slices.Concat(fx, s.prepareLive(), probe)
}

func (s State) exited(e Exited) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase == Down || p.Phase == Waiting || p.Phase == Crashed {
		return s, nil
	}
	s.Log = s.Log.settle()
	exit := e.Exit
	p.Exit = &exit
	s = s.overdue(exit)
	p.Pid, p.Usage, p.Since = 0, runner.Usage{}, s.Now
	s = s.notice("linger", "")
	then := p.after
	p.after = afterNothing
	p.Phase = Down
	if s.isTask() {
		return s.ran(exit, then)
	}
	var fx []Effect
	dumping := !p.asked.at.IsZero() && s.Now.Sub(p.asked.at) < dumpTime
	if crashed := exit.Code != 0 || exit.Err != ""; then == afterNothing && (crashed || dumping) {
		if crashed {
			p.Phase = Crashed
			s = s.notice("start", exit.Err)
		}
		s = s.disinherit()
		// A race was reported when it was seen.
		switch t := s.trace(); {
		case t != nil && !slices.ContainsFunc(p.Reports, t.Same):
			s, fx = s.report(*t)
		case t == nil && dumping:
			s = s.notice("dump", "the program ended after SIGQUIT and left no goroutine dump in its output; it may handle this signal itself")
		}
	}
	if s.Phase != Running {
		s.Phase = Over
		return s, nil
	}
	switch then {
	case afterStart:
		return s.start()
	case afterOld:
		return s.startOld()
	}
	if c := p.put; c != nil && then == afterNothing {
		s.Process.cycle = *c
		s, more := s.start()
		return s, append(more, fx...)
	}
	if p.Phase == Crashed {
		if c := s.conflict(); c != nil && s.gives(c.Addr) && exit.Err == "" {
			s = s.notice("socket", untaken(c.Addr))
		} else if c != nil {
			p.Conflict = c
			fx = append(fx, FindHolder{Gen: p.Gen, Addr: c.Addr})
		} else if why := s.crashedPatched(); why != "" && s.Attention == Following {
			s, more := s.replaceCrashed(why)
			return s, append(fx, more...)
		}
	}
	s, more := s.afterEnd(then)
	return s, append(more, fx...)
}

// overdue notes whether the program had to be killed because it took too long to
// stop. Once may be chance; again, it has a reason, of which one is by far the
// most common.
func (s State) overdue(e runner.Exit) State {
	p := &s.Process
	if e.Overdue == 0 {
		p.Overdue = 0
		return s.notice("overdue", "")
	}
	p.Overdue++
	if p.Overdue == 1 {
		return s.notice("overdue", fmt.Sprintf("killed: it did not stop within run.stop_timeout (%v)", e.Overdue))
	}
	return s.notice("overdue", fmt.Sprintf("killed %d times in a row: it did not stop within run.stop_timeout (%v). "+
		"http.Server's Shutdown(context.Background()) waits for open connections without end: "+
		"give it a context with a shorter deadline than run.stop_timeout, then call Close", p.Overdue, e.Overdue))
}

// restarts reports whether the program starts again by itself after its end.
func (s State) restarts() bool {
	switch s.Settings.OnCrash {
	case CrashRestarts:
		return s.Process.Phase == Crashed
	case EndRestarts:
		return s.Process.Phase == Crashed || s.Process.Phase == Down
	}
	return false
}

// afterEnd has the program start again after a pause, if that is wished.
func (s State) afterEnd(then after) (State, []Effect) {
	exit := s.Process.Exit
	if then == afterNothing && s.restarts() {
		if exit.Uptime >= steady {
			s.crashes = 0
		}
		s.crashes++
		s.timers++
		s.waiting = s.timers
		return s, []Effect{Wait{ID: s.waiting, Duration: backoff(s.crashes)}}
	}
	return s, nil
}

// steady is how long a program must have been up for its crash to count as the
// first one again.
const steady = 10 * time.Second

// backoff is the pause before the restart after the n-th crash in a row: half a
// second, doubled each time, up to half a minute.
func backoff(n int) time.Duration {
	return min(500*time.Millisecond<<min(n-1, 10), 30*time.Second)
}

func (s State) waited(e Waited) (State, []Effect) {
	switch {
	case e.ID == 0:
		return s, nil
	case e.ID == s.holding:
		return s.letGo()
	case e.ID == s.doubting:
		return s.believe()
	}
	if e.ID == s.readying {
		return s.unready(), nil
	}
	if e.ID == s.taking {
		return s.untakenSockets(), nil
	}
	if e.ID != s.waiting || !s.restarts() || s.Phase != Running || s.Process.Desire == ToRest {
		return s, nil
	}
	s.Process.cycle = begun(s.Build.Published, Cause{Kind: ByCrash}, s.Now)
	return s.start()
}

func (s State) stopStart() (State, []Effect) {
	if s.Phase != Running || s.Gen == 0 {
		return s, nil
	}
	switch p := &s.Process; p.Phase {
	case Up, Starting:
		if p.Desire == ToRest { // asked for while it was starting
			p.Desire, p.after = ToRun, afterNothing
			return s, nil
		}
		p.Desire = ToRest
		return s.end(afterRest)
	case Waiting:
		p.Desire, p.Phase = ToRest, Down
		return s.outcome(p.cycle, OutcomeBuilt), nil
	case Stopping:
		if p.Desire == ToRest {
			p.Desire, p.after = ToRun, afterStart
			p.cycle = begun(s.Build.Published, Cause{Kind: ByKey}, s.Now).enter("stopping", s.Now)
		} else {
			p.Desire, p.after = ToRest, afterRest
		}
		return s, nil
	default:
		if p.Desire == ToRun && s.Build.Phase == Compiling && p.Phase == Down && s.Build.Published == 0 {
			return s, nil // it starts by itself
		}
		p.Desire = ToRun
		switch {
		case s.Build.Published > 0:
			return s.follow(wantCurrent, begun(s.Build.Published, Cause{Kind: ByKey}, s.Now))
		case s.Build.Phase == Compiling:
			return s, nil
		default:
			return s.begin(Cause{Kind: ByKey}, wantCurrent, nil)
		}
	}
}

// dumpTime is how long after SIGQUIT a program's end is the signal's doing, however
// many goroutines it prints.
const dumpTime = 10 * time.Second

// dump has the program print its goroutines. Its end is then a crash.
func (s State) dump() (State, []Effect) {
	if s.Phase != Running || s.Process.Phase != Up {
		return s, nil
	}
	s.Process.asked = asked{s.Now, s.Log.Dropped() + s.Log.Len()}
	return s, []Effect{Signal{Gen: s.Process.Gen, Signal: "SIGQUIT"}}
}

// quit takes the first request to leave, which stops the program once nobody needs it
// any more, or the second, which kills it.
func (s State) quit() (State, []Effect) {
	p := &s.Process
	gone := p.Phase == Down || p.Phase == Waiting || p.Phase == Crashed
	switch s.Phase {
	case Running:
		s.Phase = Quitting
		var fx []Effect
		if s.Build.Phase == Compiling {
			fx = append(fx, Cancel{Gen: s.Build.Gen})
			s.Build.Phase = Idle
			if len(s.Build.Diagnostics) > 0 {
				s.Build.Phase = Broken
			}
		}
		var more []Effect
		switch {
		case s.heldUp():
			s, more = s.refuse("hotdev is leaving")
		case s.runsLast():
			s, more = s.runLast()
		case gone:
			s.Phase = Over
		default:
			s, more = s.end(afterQuit)
		}
		return s, append(fx, more...)
	case Quitting:
		if gone { // it was to run last
			s.Phase = Over
			return s, nil
		}
		s.Phase = Killing
		if p.Phase == Up { // it was held up
			p.Phase, p.Since, p.after = Stopping, s.Now, afterQuit
		}
		var fx []Effect // what is only starting, its start sees to
		if b := p.Beside; b != nil && b.Phase != Starting {
			fx = append(fx, Kill{Gen: b.Gen})
		}
		if p.Phase != Starting && p.parted == nil {
			fx = append(fx, Kill{Gen: p.Gen})
		}
		return s, fx
	}
	return s, nil
}
