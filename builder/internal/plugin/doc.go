// Package plugin builds what changed of a running program as a Go plugin, if it is
// safe to load that.
//
// It knows what a program was built from, what its plugins carry, and what Go's
// plugins can do. It refuses to know how a plugin comes into the program, and other
// roads.
//
// # Theory of operation
//
// What is safe is decided by comparing the sources of then and now ([Host.Reload]):
// region.go finds the packages that can be reloaded, and gate.go holds what changed
// of them to what the program has. The changed packages are compiled under import
// paths of their own, so that the program keeps its, and linked with the archives
// of the others in the form for plugins (export.go, build.go).
package plugin
