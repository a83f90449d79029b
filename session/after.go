package session

import (
	"context"
	"slices"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
)

// conduct tells programs what their starts and their ends wait for, whenever the
// progress of another program changes that, and tasks when to run, until ctx ends.
func (s *Session) conduct(ctx context.Context, st *stage) {
	told := make([][]string, len(s.engines)) // nil: nothing was told yet
	needed := make([][]string, len(s.engines))
	for {
		now, heard := st.now()
		for _, h := range heard {
			s.follow(ctx, h)
		}
		for i := range now.Programs { // before what these wait for: then they may start
			if by := s.needing(now, i); !slices.Equal(needed[i], by) {
				needed[i] = by
				s.engines[i].send(engine.Needed{By: by})
			}
		}
		for i, p := range now.Programs {
			if len(p.State.Settings.After) == 0 && told[i] == nil {
				continue
			}
			unmet := now.unmet(p.State.Settings.After)
			if told[i] == nil || !slices.Equal(told[i], unmet) {
				told[i] = unmet
				s.engines[i].send(engine.Awaits{For: unmet})
			}
		}
		select {
		case <-st.news:
		case <-ctx.Done():
			return
		}
	}
}

// needing are those that are to come to their end before the program with this index:
// what comes after it; of what runs last, all that does not, and what does before it.
func (s *Session) needing(now State, program int) (names []string) {
	last := s.engines[program].runsLast()
	for i, p := range now.Programs {
		if p.State.Phase == engine.Over || i == program {
			continue
		}
		after := slices.ContainsFunc(p.State.Settings.After, func(a engine.After) bool { return a.Program == now.Programs[program].Name })
		if after && !last || last && (i < program || !s.engines[i].runsLast()) {
			names = append(names, p.Name)
		}
	}
	return names
}

// runsLast reports whether it is a task that runs when all else has ended.
func (e *Engine) runsLast() bool { return e.Task != nil && e.Task.When == task.AtQuit }

// unmet describes those of all that have not been reached. One that names no program of
// the session never is.
func (s State) unmet(all []engine.After) []string {
	unmet := []string{}
	for _, a := range all {
		i := slices.IndexFunc(s.Programs, func(p Program) bool { return p.Name == a.Program })
		if i < 0 || !s.Programs[i].State.Has(a.Word) {
			unmet = append(unmet, a.Program+": "+string(a.Word))
		}
	}
	return unmet
}
