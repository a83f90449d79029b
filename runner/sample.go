package runner

import (
	"math"
	"slices"
	"time"
)

// The whole tree is looked at, which takes milliseconds, after a pause that
// doubles from early to sampling: slow enough to cost little, fast enough to see
// a leak. It is idling where the last look showed nothing new, as it is most of
// the day.
const (
	early    = 200 * time.Millisecond
	sampling = 2 * time.Second
	idling   = 6 * time.Second
)

// That a program listens on a port is when it is ready, so new ports are looked
// for between those looks, which takes less than 0.1 ms: every fine at first, and
// then after a hundredth of the time since the start. So the moment is known to
// 2 ms at first, to 10 ms up to a second and to 1 % afterwards, for a hundred looks
// in the first 200 ms and about 800 in all: once the pause would be as long as
// sampling, there are no more.
//
// Where a look has to read long files, it takes milliseconds; looks then come less
// often, and take a twentieth of a processor at most.
const (
	fine     = 2 * time.Millisecond
	fraction = 100
	share    = 20
)

// Sample calls emit whenever what a user sees of the tree's usage has changed,
// and soon after the tree begins to listen on a port. It returns once the tree is
// gone; emit may block, which delays the next look. Call it once.
func (p *Process) Sample(emit func(Usage)) {
	var (
		begun = time.Now()
		last  Usage
		known map[string]bool // the listening sockets at the last whole look
		cost  = time.Hour     // of the cheapest look for ports: a hiccup is none of it
		pause = early
		due   = begun.Add(pause) // the next whole look
		timer = time.NewTimer(0)
	)
	defer timer.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-timer.C:
		}
		now := time.Now()
		sockets, news := map[string]bool{}, false
		for socket := range listening(p.Pid()) {
			if p.given[socket] && !polls(p.Pid(), socket) {
				continue
			}
			sockets[socket] = true
			news = news || !known[socket]
		}
		cost = min(cost, time.Since(now))
		whole := !now.Before(due)
		if whole || news {
			// What begins to listen from here on is news the next time.
			known = sockets
			u, ok := p.Usage()
			changed := ok && differs(u, last)
			if changed {
				last = u
				emit(u)
			}
			if whole {
				switch {
				case pause < sampling:
					pause = min(2*pause, sampling)
				case changed:
					pause = sampling
				default:
					pause = idling
				}
				due = time.Now().Add(pause)
			}
		}
		wait := time.Until(due)
		if look, ok := nextLook(time.Since(begun), cost); ok {
			wait = min(wait, look)
		}
		timer.Reset(wait)
	}
}

// nextLook is the pause before the next look for ports, of which one costs cost,
// in a tree of some age; false if there is none any more.
func nextLook(age, cost time.Duration) (time.Duration, bool) {
	pause := max(fine, age/fraction, share*cost)
	return pause, pause < sampling
}

// differs reports whether a user would see the difference: an idle program is no
// reason to draw.
func differs(a, b Usage) bool {
	return a.Processes != b.Processes || !slices.Equal(a.Ports, b.Ports) || math.Abs(a.CPU-b.CPU) >= 1 ||
		math.Abs(float64(a.RSS)-float64(b.RSS)) >= 1<<20
}
