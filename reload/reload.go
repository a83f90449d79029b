// Package reload lets hotdev put new code into a running program, so that its
// memory, its connections and its goroutines live on.
//
//	var score = reload.Func(rules.Score)
//
//	… score.Get()(order) …
//
// Under hotdev, a change in package rules is built as a plugin, loaded, and from
// then on score.Get returns the new function. Nothing has to be configured.
// What cannot be reloaded safely restarts the program, as always, and hotdev
// says why.
//
// Only hotdev makes this package live: it builds with the tag "hotdev". Built in
// any other way, Get returns the function that Func was given, and nothing else
// is in the program: no goroutine, no import of package plugin, no cgo.
//
// # What a reload is
//
// Reloading package rules makes a copy of it under another import path, which
// goes into the program beside the old one. A copy is called a generation; the
// program's own is 0. So:
//
//   - The new generation's package variables are initialised again. [Keep] is for
//     those that have to live on.
//   - Code of the old generation that runs goes on running until it returns.
//     [OnLoad] gives goroutines a context that ends with their generation.
//   - The memory of old generations is never freed. hotdev restarts the program
//     when there are too many.
//
// Live code, which puts changed functions into an ordinary program, does not need
// this package; [OnPatch] notifies a program of it.
//
// The packages that only it imports are reloaded together with a package. A
// function can be reloaded if it is exported, declared at the top level and not
// generic, in any package but main.
package reload
