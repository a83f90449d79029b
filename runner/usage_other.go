//go:build !linux

package runner

import (
	"sync"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// A gauge remembers the tree as it last was.
type gauge struct {
	mu   sync.Mutex
	last map[int32]float64 // seconds of processor time
	when time.Time
}

// Usage is what the program and its descendants use now: their CPU since the
// last call (the first: since the start), their memory, their number. It is
// false once the tree is gone.
func (p *Process) Usage() (Usage, bool) {
	select {
	case <-p.done:
		return Usage{}, false
	default:
	}
	p.gauge.mu.Lock()
	defer p.gauge.mu.Unlock()
	var u Usage
	seconds := 0.0
	last := map[int32]float64{}
	var walk func(q *process.Process)
	walk = func(q *process.Process) {
		if _, ok := last[q.Pid]; ok {
			return
		}
		times, err := q.Times()
		if err != nil {
			return
		}
		last[q.Pid] = times.User + times.System
		seconds += max(0, last[q.Pid]-p.gauge.last[q.Pid])
		u.Processes++
		if m, err := q.MemoryInfo(); err == nil {
			u.RSS += m.RSS
		}
		children, _ := q.Children()
		for _, c := range children {
			walk(c)
		}
	}
	now := time.Now()
	if root, err := process.NewProcess(int32(p.Pid())); err == nil {
		walk(root)
	}
	if took := now.Sub(p.gauge.when); took > 0 {
		u.CPU = 100 * seconds / took.Seconds()
	}
	p.gauge.last, p.gauge.when = last, now
	return u, u.Processes > 0
}

// listening are the TCP sockets that listen; only Linux tells.
func listening(int) map[string]struct{} { return nil }

// polls reports whether a process waits for a socket; only Linux tells.
func polls(int, string) bool { return true }
