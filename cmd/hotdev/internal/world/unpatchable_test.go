package world

import (
	"errors"
	"testing"

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
