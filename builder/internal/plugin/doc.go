// Package plugin builds what changed in a running program as a Go plugin, if it is safe
// to load it.
//
// It knows what a program was built from, what its plugins contain, and what Go's
// plugins can do. It does not know how a plugin gets into the program, or other roads.
//
// # Theory of operation
//
// What is safe is decided by comparing the old sources with the new ones
// ([Host.Reload]): region.go finds the packages that can be reloaded, and gate.go
// compares what changed in them with what the program has. The changed packages are
// compiled under new import paths, so that the program keeps its own, and are linked
// with the archives of the other packages in the form for plugins (export.go,
// build.go).
package plugin
