// Package patience waits in tests for what must come, however long that takes
// on a busy machine, and gives up once it cannot come any more.
//
// A clock cannot tell the two apart: while the standard library is compiled by
// two cores that have other things to do, a minute is nothing. So what is
// counted is not time but looks at the processes that the test has started. A
// look that finds one of them working, or waiting for a processor or a disk,
// costs no patience; nor does anything before the last news. It is for tests
// only.
//
// # Theory of operation
//
// A [Patience] looks once a second. On Linux a look goes through the
// threads of all processes below this one; elsewhere, where it cannot, each look
// counts, and there are more of them. As looks are made by the waiting process,
// one that gets no processor itself does not lose its patience either.
package patience

import (
	"fmt"
	"time"
)

const (
	// interval is between two looks. A look at a few hundred threads takes some
	// milliseconds, and a test may have many waits at once.
	interval = time.Second
	// enough looks without a sign of life are a minute: what a program does when
	// it is waiting for a timer alone takes less.
	enough = 60
	// blind is the same for who cannot see processes: ten minutes.
	blind = 10 * enough
)

// Patience is for one thing that must come. It is used by one goroutine.
type Patience struct {
	looks <-chan time.Time
	idle  int // looks that saw nothing happen, since the last news
	look  func() view
}

// A view is what a look sees.
type view struct {
	able bool   // it can see processes at all
	busy bool   // one of them works, or would if it were its turn
	all  string // they all, for people
}

// New begins to wait.
func New() *Patience {
	return &Patience{looks: time.NewTicker(interval).C, look: below}
}

// Look has a value when it is time to ask [Patience.Lost], and to see whether
// what is waited for has come, if nothing else tells.
func (p *Patience) Look() <-chan time.Time { return p.looks }

// News says that something happened that may lead to what is waited for.
func (p *Patience) News() { p.idle = 0 }

// Lost looks, and returns nil while there is hope. Its error says for how long
// nothing happened, and which processes there are.
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

// Until waits until ok reports true, which nothing else tells. ok is called
// every few milliseconds.
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
