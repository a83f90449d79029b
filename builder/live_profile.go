package builder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hotdev/hotdev/builder/internal/live"
)

// A Profile is one of a running program: stacks, or a file.
type Profile = live.Profile

// ErrNotLive is that live code cannot ask the program any more; the error that wraps it
// says why.
var ErrNotLive = errors.New("live code gives no profile")

// profiles are the kinds of profiles.
var profiles = map[string]live.ProfileKind{
	"goroutines": live.Goroutines, "heap": live.Heap, "cpu": live.CPU, "block": live.Block, "mutex": live.Mutex, "trace": live.Trace,
}

// Profile takes a profile of the program, which needs nothing in its source for that:
// of where its "goroutines" are, of what allocated its "heap", or of a time from now on:
// where the "cpu" is, where goroutines "block" or wait for a "mutex", or a "trace". It
// blocks for that time, or until ctx or the program ends. The program can be patched
// meanwhile.
func (l *Live) Profile(ctx context.Context, kind string, takes time.Duration) (p Profile, err error) {
	k, ok := profiles[kind]
	if !ok {
		return p, fmt.Errorf("live code takes no profile of kind %s", kind)
	}
	taking, err := l.beginProfile(k, kind)
	if err != nil {
		return p, err
	}
	select {
	case <-time.After(takes):
	case <-ctx.Done():
	case <-l.closed:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.profiling = ""
	if l.dead != "" {
		taking.Abandon()
		return p, fmt.Errorf("the profile was not finished: %s", l.dead)
	}
	p, err = taking.End() // also if ctx has ended: the program would go on with it
	return p, cmp.Or(ctx.Err(), l.asked(err))
}

func (l *Live) beginProfile(k live.ProfileKind, kind string) (*live.Profiling, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead != "":
		return nil, fmt.Errorf("%w: %s", ErrNotLive, l.dead)
	case l.profiling != "":
		return nil, fmt.Errorf("another profile of the program is being taken: %s", l.profiling)
	}
	taking, err := l.host.Begin(l.conn, k)
	if err == nil {
		l.profiling = kind
	}
	return taking, l.asked(err)
}

// asked records that the program does not answer any more. The caller holds the mutex.
func (l *Live) asked(err error) error {
	if _, refused := errors.AsType[live.Refusal](err); err != nil && !refused {
		l.dead = err.Error()
	}
	return err
}
