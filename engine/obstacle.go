package engine

import "time"

// lookAgain is how often what no watch can tell is looked at: whether there is a go
// command, whether a folder can be written to. Fast enough for somebody who looks
// at the screen, and a look costs milliseconds.
const lookAgain = 2 * time.Second

// hindered has the loop wait until the obstacle is gone, and look again as soon
// as something was changed.
func (s State) hindered(e Hindered) (State, []Effect) {
	if s.Phase != Running {
		return s, nil
	}
	o := e.Obstacle
	s.Obstacle = &o
	s.Settings = e.Settings
	s, fx := s.rewatch(s.Now)
	if e.Poll {
		s.timers++
		s.waiting = s.timers
		fx = append(fx, Wait{ID: s.waiting, Duration: lookAgain})
	}
	return s, fx
}

// beyond answers an event while there is an obstacle; handled tells that it is
// none of the usual business.
func (s State) beyond(e Event) (next State, fx []Effect, handled bool) {
	switch e := e.(type) {
	case Changed:
		for _, n := range e.Notices {
			s = s.notice("watch "+n, n)
		}
		if len(e.Paths) == 0 && !e.Overflow {
			return s, nil, true
		}
		return s, []Effect{Configure{}}, true
	case Waited:
		if e.ID != s.waiting {
			return s, nil, true
		}
		return s, []Effect{Configure{}}, true
	case Reload, Rebuild:
		return s, []Effect{Configure{}}, true
	}
	return s, nil, false
}
