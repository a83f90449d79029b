//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"
	"unsafe"
)

// A Slot is a function that can be replaced. Its zero value is not usable;
// [Func] makes one.
type Slot[F any] struct{ index int }

// functions holds each slot's function, as an *F, at the slot's index. It is
// replaced as a whole: that is what swaps all slots together. A slot's index is
// within every later table.
var functions atomic.Pointer[[]unsafe.Pointer]

// Func makes a Slot of a function, to be called by [Slot.Get]. It is best a
// package variable. It panics if f is nil or no function.
func Func[F any](f F) *Slot[F] {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		panic(fmt.Sprintf("reload.Func: want a function, have %T %v", f, f))
	}
	name := runtime.FuncForPC(v.Pointer()).Name()
	return &Slot[F]{self.register(name, reflect.TypeFor[F](), unsafe.Pointer(&f))}
}

// Get is the newest function. It may be called on any goroutine, costs a few
// nanoseconds at most, and is best called anew for each use.
func (s *Slot[F]) Get() F { return *(*F)((*functions.Load())[s.index]) }

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
func Keep[T any](key string, init func() T) T {
	v := self.keep(caller(1), key, reflect.TypeFor[T](), func() reflect.Value {
		v := init()
		return reflect.ValueOf(&v).Elem()
	})
	return v.Interface().(T)
}

// OnLoad has f called when the generation of the calling package takes over, and
// at once in the program's own. ctx ends when the next one has taken over: it is
// for the goroutines that f starts. Call it from a package's init.
//
// An error or a panic of f refuses a new generation, and the old one stays; in
// the program's own generation it is a panic. f has five seconds.
func OnLoad(f func(ctx context.Context) error) { self.onLoad(caller(1), f) }

// OnUnload has f called when the generation of the calling package has been
// replaced and its context has ended. Call it from a package's init.
func OnUnload(f func()) { self.onUnload(caller(1), f) }

// OnPlugin has f called with the import path and the file of each new plugin of
// those that plugin.packages names, for a program that opens plugins itself, and
// at first with the newest of those that were told before. f is called on a
// goroutine of this package, one call at a time.
func OnPlugin(f func(pkg, file string)) { self.onPlugin(f) }

// Generation is that of the code which calls it: 0 is the program's own.
func Generation() int { return caller(1).gen }

// caller is the package of the function that called skip functions up from the
// caller's own.
func caller(skip int) origin {
	var pcs [1]uintptr
	if runtime.Callers(skip+2, pcs[:]) == 0 {
		return origin{}
	}
	frame, _ := runtime.CallersFrames(pcs[:]).Next()
	pkg, _ := splitName(frame.Function)
	return originOf(pkg)
}
