// Package fast builds a program without the go command: after a first go build,
// the compiler and the linker are called directly, for what must change and
// nothing else.
//
// It knows one program's commands and archives, and when an archive is stale. It
// refuses to know what comes of a binary, and other roads.
//
// # Theory of operation
//
// go build compiles every package above a changed one, because a package's
// place in the cache depends on the whole archives of its imports, object code
// included. But a dependent reads only the export data of an archive. So if the
// export data of the new archive is that of the old one, byte for byte, then
// the dependents' objects are what go build would make anew, and they are left
// alone. If the object code is the same as well, there is nothing to link.
//
// Nothing is guessed. The commands are those that the go command prints with -n
// for this very program; what they name are the archives that it has in its
// cache. What may change a command within the program (imports, build constraints,
// embed patterns, files that come or go, go.mod) makes a plan that keeps the
// archives; its commands follow from those before and from what the go command
// lists, or it prints them anew. What may change every command (flags, the
// environment, the toolchain) has the go command do the whole build, and a new
// plan made after it. So has everything that fails without being the user's
// mistake.
//
// The files are in this order: what a plan is (plan.go, listing.go), how its
// commands are learned (commands.go), and learned or derived anew (replan.go,
// derive.go, rewire.go) or kept (keep.go), what is compiled when (schedule.go),
// how far a change of one package reaches (node.go, lines.go, names.go, worth.go),
// and then what is done when all is quiet (settle.go, verify.go) or for others
// (extra.go). Together they hold one invariant: the archive of a node that is not
// stale is what the compiler makes of its source and of its imports' archives, but
// for line numbers while the plan is unsettled.
package fast
