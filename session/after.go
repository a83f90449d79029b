package session

import (
	"context"
	"slices"

	"github.com/hotdev/hotdev/engine"
)

// conduct tells programs what their starts wait for, whenever the progress of another
// program changes that, and tasks when to run, until ctx ends.
func (s *Session) conduct(ctx context.Context, st *stage) {
	told := make([][]string, len(s.engines)) // nil: nothing was told yet
	for {
		select {
		case <-st.news:
		case <-ctx.Done():
			return
		}
		now, heard := st.now()
		for _, h := range heard {
			s.follow(ctx, h)
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
	}
}

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
