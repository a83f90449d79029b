// Package patience waits, in tests, for events that must come, however long that takes
// on a busy machine, and gives up when they can no longer come.
//
// A clock cannot distinguish the two: while two busy cores compile the standard
// library, a minute is short. So it does not count time, but looks at the processes
// that the test has started. A look that finds one of them working, or waiting for a
// processor or a disk, does not count; nor do looks before the last news. It is for
// tests only.
//
// # Theory of operation
//
// A [Patience] looks once a second. On Linux a look examines the threads of all
// processes below this one. Elsewhere it cannot, so every look counts, and more are
// allowed. The waiting process makes the looks itself, so its patience does not run out
// while it gets no processor.
package patience

import (
	"fmt"
	"time"
)

const (
	// interval is the time between two looks. A look at a few hundred threads takes
	// some milliseconds, and a test may have many waits at once.
	interval = time.Second
	// enough is the number of looks without activity after which it gives up: a minute.
	// A program that is only waiting for a timer takes less.
	enough = 60
	// blind is the same where processes cannot be seen: ten minutes.
	blind = 10 * enough
)

// Patience is for one event that must come. Only one goroutine may use it.
type Patience struct {
	looks <-chan time.Time
	idle  int // looks without activity since the last news
	look  func() view
}

// A view is the result of a look.
type view struct {
	able bool   // processes can be seen
	busy bool   // a process works, or would if it got a processor
	all  string // a description of all processes
}

// New starts waiting.
func New() *Patience {
	return &Patience{looks: time.NewTicker(interval).C, look: below}
}

// Look returns a channel that receives when it is time to call [Patience.Lost], and to
// check for the event if nothing else reports it.
func (p *Patience) Look() <-chan time.Time { return p.looks }

// News records that something happened that may lead to the event.
func (p *Patience) News() { p.idle = 0 }

// Lost looks at the processes, and returns nil while there is hope. Its error says for
// how long nothing happened, and which processes there are.
func (p *Patience) Lost() error {
	v := p.look()
	if v.busy {
		return nil
	}
	p.idle++
	most := blind
	if v.able {
		most = enough
	}
	if p.idle < most {
		return nil
	}
	return fmt.Errorf("nothing happened for %v; %s", time.Duration(p.idle)*interval, v.all)
}

// Until polls ok every few milliseconds until it returns true.
func Until(ok func() bool) error {
	for p := New(); !ok(); {
		select {
		case <-p.Look():
			if err := p.Lost(); err != nil {
				return err
			}
		case <-time.After(2 * time.Millisecond):
		}
	}
	return nil
}

// Receive receives from c; like <-c, it returns at once if c is closed.
func Receive[T any](c <-chan T) (v T, err error) {
	for p := New(); ; {
		select {
		case v := <-c:
			return v, nil
		case <-p.Look():
			if err := p.Lost(); err != nil {
				return v, err
			}
		}
	}
}
