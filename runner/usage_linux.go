package runner

import (
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A gauge remembers the tree as it last was.
type gauge struct {
	mu   sync.Mutex
	last map[identity]uint64 // ticks at when
	when time.Time
	cpu  float64 // as it was at when
	// zombies are those of strangers, see reapStrangers.
	zombies map[identity]bool
}

// An identity outlives the reuse of a pid.
type identity struct {
	pid   int
	start uint64
}

func (p process) identity() identity { return identity{p.pid, p.start} }

// interval is the least over which CPU usage means anything: five ticks.
const interval = 50 * time.Millisecond

// Usage is what the tree uses now: its CPU since the last call (the first:
// since the start; calls in quick succession: as in the one before), its memory,
// the number of its processes. It reads /proc, a few milliseconds' work; once a
// second is often enough. It is false once the tree is gone.
func (p *Process) Usage() (Usage, bool) {
	select {
	case <-p.done:
		return Usage{}, false
	default:
	}
	p.gauge.mu.Lock()
	defer p.gauge.mu.Unlock()
	all := processes()
	watchers := map[int]bool{} // of the program, and none of it
	if lead := p.Pid(); lead != p.pid {
		for _, q := range below(all, func(q process) bool { return q.pid == p.pid }) {
			watchers[q.pid] = true
		}
		for _, q := range below(all, func(q process) bool { return q.pid == lead }) {
			delete(watchers, q.pid)
		}
	}
	now := time.Now()
	took := now.Sub(p.gauge.when)
	var u Usage
	ticks := uint64(0)
	last := make(map[identity]uint64)
	var pids []int
	for _, q := range below(all, p.mine) {
		if q.pid == p.supervisor || q.state == 'Z' || watchers[q.pid] {
			continue
		}
		u.Processes++
		pids = append(pids, q.pid)
		u.RSS += q.pages * uint64(os.Getpagesize())
		before := p.gauge.last[q.identity()]
		if q.ticks > before {
			ticks += q.ticks - before
		}
		last[q.identity()] = q.ticks
		if took < interval {
			last[q.identity()] = before
		}
	}
	if took >= interval {
		// A tick is 10 ms on every Linux, whatever the kernel's own.
		p.gauge.cpu = 100 * float64(ticks) * 0.01 / took.Seconds()
		p.gauge.when = now
	}
	u.CPU, p.gauge.last = p.gauge.cpu, last
	slices.Sort(pids)
	u.Ports = ports(pids, p.given)
	p.gauge.reapStrangers(all)
	return u, u.Processes > 0
}

// mine reports whether q is the supervisor, or surely was below it.
func (p *Process) mine(q process) bool {
	_, known := p.gauge.last[q.identity()]
	return known || q.pid == p.supervisor || q.session == p.supervisor
}

// sweep kills what a dead supervisor left, and gives its number: what is in the
// supervisor's session, what Usage saw in the tree, and what is below those.
// The rest is unknown, and so left alone: hotdev also adopts the orphans of
// builds and editors.
func (p *Process) sweep() int {
	p.gauge.mu.Lock()
	defer p.gauge.mu.Unlock()
	self, left := os.Getpid(), 0
	limit := time.Now().Add(huntLimit)
	for round := 0; time.Now().Before(limit); round++ {
		targets := 0
		for _, q := range below(processes(), p.mine) {
			// Ever after, also when its parent is gone.
			if p.gauge.last == nil {
				p.gauge.last = map[identity]uint64{}
			}
			p.gauge.last[q.identity()] = q.ticks
			if q.state != 'Z' {
				targets++
				_ = unix.Kill(q.pid, unix.SIGKILL)
			} else if q.parent == self {
				targets++
				_, _ = unix.Wait4(q.pid, nil, unix.WNOHANG, nil)
			}
		}
		if targets == 0 {
			break
		}
		if round == 0 {
			left = targets
		}
		time.Sleep(huntMin)
	}
	return left
}

// reapStrangers reaps orphans that hotdev adopted as a side effect of adopt,
// such as those of an editor that went to the background. Children that somebody
// waits for do not stay zombies from one call to the next.
func (g *gauge) reapStrangers(all []process) {
	self := os.Getpid()
	session, err := unix.Getsid(0)
	if err != nil {
		return
	}
	zombies := map[identity]bool{}
	for _, q := range all {
		if q.state != 'Z' || q.parent != self || q.session == session || q.name == supervisorName {
			continue
		}
		if g.zombies[q.identity()] {
			_, _ = unix.Wait4(q.pid, nil, unix.WNOHANG, nil)
		} else {
			zombies[q.identity()] = true
		}
	}
	g.zombies = zombies
}
