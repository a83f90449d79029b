package world

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/debugger"
)

// Why live code gives no profile is as exact as what is known.
func TestUnpatchable(t *testing.T) {
	var ps places
	pl := ps.claim(1)
	said := func(want string) {
		t.Helper()
		if why, ok := builder.CanPatch(); !ok {
			want = why
		}
		if got := ps.unpatchable(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	said("it is off, or the program has only just started")
	ps.unlearned(1, errors.New("build flag -race"))
	said("build flag -race")
	ps.unlearned(2, errors.New("a program that has ended"))
	said("build flag -race")
	pl.debug(debugged{new(debugger.Target)})
	said("the program runs under the debugger")
}

// Who asks right after the start waits until the program is learned, or gives up.
func TestNewestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ps places
		ps.claim(1)
		known := ps.learning(1)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got := ps.newest(ctx); got != nil {
			t.Errorf("given up: %p", got)
		}
		var got *builder.Live
		go func() { got = ps.newest(t.Context()) }()
		synctest.Wait()
		live := new(builder.Live)
		ps.learned(1, live)
		known()
		synctest.Wait()
		if got != live {
			t.Errorf("%p, want %p", got, live)
		}
	})
}
