// Package debugger keeps one address for the debuggers of editors while the program
// behind it is built and started again and again, each time under a new Delve. It knows
// the Debug Adapter Protocol, and how Delve is driven.
//
// It starts no process, and does not know what is debugged, or why it ends.
//
// # Theory of operation
//
//	editor ◄──DAP──► Debugger ◄──DAP──────► dlv ──► program    while a client is attached
//	                          ◄──JSON-RPC──►                   always
//
// What a client asks for before the program runs (who it is, how it attaches, its
// breakpoints) is a wish, which the Debugger answers by itself: breakpoints are not
// verified yet. To engage is to have a Delve fulfil the wish: a session of the protocol
// is opened with it, the wish is repeated there, and the client is told by events what
// became of its breakpoints. It makes no difference whether the client or the program
// came first, or whether it is the program's first start: a restart is another Delve to
// engage. From then on messages pass through, with the numbers of requests and
// breakpoints exchanged, for each Delve counts its own.
//
// While there is no client, the Debugger drives the program: it has no breakpoints, and
// goes on wherever Delve stops it, as at a panic. One of the two drives at a time, and
// the other takes over while the program is halted.
//
// All state belongs to one goroutine, [Debugger.Serve].
package debugger
