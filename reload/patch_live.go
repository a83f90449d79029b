//go:build hotdev && (linux || darwin || freebsd)

package reload

import (
	"slices"
	"sync"

	"github.com/hotdev/hotdev/internal/wire"
)

// OnPatch has f called after each [Patch], so that a program can do what its new
// code wants done: render templates anew, empty a cache, tell browsers to load the
// page again. f is called on a goroutine of this package, one call at a time, and
// is itself the newest code. Without hotdev, nothing calls it.
func OnPatch(f func(Patch)) { patches.add(f) }

// patches are the functions that are told of patches.
var patches patchHooks

type patchHooks struct {
	mu sync.Mutex
	fs []func(Patch)
}

func (p *patchHooks) add(f func(Patch)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fs = append(p.fs, f)
}

// tell calls them all.
func (p *patchHooks) tell(m wire.Message) {
	p.mu.Lock()
	fs := slices.Clone(p.fs)
	p.mu.Unlock()
	for _, f := range fs {
		f(Patch{Gen: m.Gen, Functions: m.Slots, Files: m.Files})
	}
}
