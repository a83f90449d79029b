// Package live puts changed functions into a running Go program.
//
// It is a small linker. It knows the compiler's object files, the executable that
// cmd/link made of them, and the tables of the Go runtime; it does not run the
// compiler, watch files or start programs. If it cannot prove that a patch is right, it
// makes none and returns the reason, an [Obstacle]. The caller then links and restarts,
// from the same archives.
//
// # Theory of operation
//
// [Open] learns where everything in the executable is. The symbol table has the
// functions and the package variables. Types, itabs, strings and static
// closures are not in it; but each known symbol's object lists the places that
// the linker relocated, and the linked bytes at these places hold the addresses
// of what they refer to. Following them reaches all that the linker kept.
//
// [Host.Patch] compares the objects of the changed packages with those that the program
// was made of, symbol by symbol: code, relocations, stack maps. If a function is
// inlined elsewhere, the code there differs; if a constant changes, the code that uses
// it differs: neither needs special treatment. What differs is placed in memory that
// the agent has reserved near the program's text, together with what it newly needs:
// strings, types, functions that the linker had left out, whole packages. It is
// relocated against the program's addresses, so old variables keep their values, and
// gets tables (pclntab, moduledata) of its own.
//
// [Host.Apply] hands the finished image to the agent (package agent), which maps
// it, links the moduledata in, stops the world, compares every byte that is to be
// overwritten with what it should be, and only then overwrites it: a jump at the
// entry of each replaced function; or, for functions that have no stack check
// and could have been interrupted in their first five bytes, every reference to
// them. The compiler marks the stack check as a place where goroutines are not
// preempted, and this is read from its tables, not assumed.
//
// Layouts of the runtime's structs are read from GOROOT ([Toolchain]); a field or a
// kind of symbol or relocation that is not known is an obstacle. A toolchain is trusted
// after a canary has passed (package builder).
//
// [Host.Append] does not change a process, but makes an executable from the one that the
// Host was opened for: the image is in segments after the program, every place that
// refers to a symbol which is in the image now is changed, and the list of init tasks is
// computed anew. What differs is decided by the objects alone, types, variables and line
// numbers included.
//
// # What a patch cannot do
//
// The types of existing values stay as they are, but for methods that are
// added. Functions that are running go on with their old code. The package's
// initialisation does not run again; that of new variables does. The gate
// compares declarations by go/types, the diff compares objects:
// each catches what the other does not see, such as a struct without a type
// descriptor, or a change in a dependency.
package live
