//go:build !hotdev || !(linux || darwin || freebsd)

package reload

// OnPatch has f called after each [Patch], so that a program can do what its new
// code wants done: render templates anew, empty a cache, tell browsers to load the
// page again. f is called on a goroutine of this package, one call at a time, and
// is itself the newest code. Without hotdev, nothing calls it.
func OnPatch(f func(Patch)) {}
