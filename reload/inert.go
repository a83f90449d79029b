//go:build !hotdev || !cgo || !(linux || darwin || freebsd)

package reload

import (
	"context"
	"fmt"
	"reflect"
)

// A Slot is a function that can be replaced. Its zero value is not usable;
// [Func] makes one.
type Slot[F any] struct{ f F }

// Func makes a Slot of a function, to be called by [Slot.Get]. It is best a
// package variable. It panics if f is nil or no function.
func Func[F any](f F) *Slot[F] {
	if v := reflect.ValueOf(f); v.Kind() != reflect.Func || v.IsNil() {
		panic(fmt.Sprintf("reload.Func: want a function, have %T %v", f, f))
	}
	return &Slot[F]{f}
}

// Get is the newest function. It may be called on any goroutine, costs a few
// nanoseconds at most, and is best called anew for each use.
func (s *Slot[F]) Get() F { return s.f }

// Keep is a value that lives on when its package is reloaded: the first call
// with key in a package makes it with init, and later ones, of later generations
// too, return that. It is best the initialiser of a package variable, with a
// pointer or a map for T:
//
//	var hits = reload.Keep("hits", func() *atomic.Int64 { return new(atomic.Int64) })
//
// A type that the reloaded package declares is another type in each generation.
// If nothing in it has changed, the value is handed over as it is; otherwise by
// way of JSON, and where that would lose something (unexported fields, functions,
// channels) the program is restarted instead. It may be called on any goroutine.
func Keep[T any](key string, init func() T) T { return init() }

// OnLoad has f called when the generation of the calling package takes over, and
// at once in the program's own. ctx ends when the next one has taken over: it is
// for the goroutines that f starts. Call it from a package's init.
//
// An error or a panic of f refuses a new generation, and the old one stays; in
// the program's own generation it is a panic. f has five seconds.
func OnLoad(f func(ctx context.Context) error) {
	if err := f(context.Background()); err != nil {
		panic(fmt.Errorf("reload.OnLoad: %w", err))
	}
}

// OnUnload has f called when the generation of the calling package has been
// replaced and its context has ended. Call it from a package's init.
func OnUnload(f func()) {}

// OnPlugin has f called with the import path and the file of each new plugin of
// those that plugin.packages names, for a program that opens plugins itself, and
// at first with the newest of those that were told before. f is called on a
// goroutine of this package, one call at a time.
func OnPlugin(f func(pkg, file string)) {}

// Generation is that of the code which calls it: 0 is the program's own.
func Generation() int { return 0 }
