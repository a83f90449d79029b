// Package fast builds a program without the go command: after a first go build, it
// calls the compiler and the linker directly, and only for what must change.
//
// It knows one program's commands and archives, and when an archive is stale. It does
// not know what a binary is used for, or other roads.
//
// # Theory of operation
//
// go build compiles every package above a changed one, because a package's place in the
// cache depends on the whole archives of its imports, object code included. But a
// dependent reads only the export data of an archive. So if the export data of the new
// archive is that of the old one, byte for byte, then the dependents' objects equal
// those that go build would make, and are not compiled again. If the object code is the
// same as well, there is nothing to link.
//
// Nothing is guessed. The commands are those that the go command prints with -n for
// this program, with the archives in its cache. A change that may affect some commands
// (of imports, build constraints, embed patterns, the set of files, go.mod) leads to a
// new plan that keeps the archives; its commands are derived from the old ones and from
// what the go command lists, or the go command prints them again. A change that may
// affect all commands (of flags, the environment, the toolchain) makes the go command
// do the whole build, and a new plan follows it. The same happens after any failure
// that is not the user's mistake.
//
// The files, in reading order: what a plan is (plan.go, listing.go); how its commands
// are read (commands.go, profile.go), derived from earlier ones (replan.go, derive.go,
// rewire.go) and kept for the next start (keep.go); what is compiled when (schedule.go,
// early.go); how far a change of one package reaches (node.go, text.go, lines.go,
// names.go, worth.go); what takes the place of compiling a dependent (numbers.go,
// spare.go, usage.go); the work for quiet moments (settle.go, verify.go), for other
// packages (extra.go), for test binaries (testbinary.go) and for tests of this one
// (judge.go). Together they hold one invariant: the archive of a node that is not stale
// equals what the compiler makes of its source and of its imports' archives, except for
// line numbers while the plan is unsettled, and for what its export data say about the
// imports of other packages, which no compiler uses.
package fast
