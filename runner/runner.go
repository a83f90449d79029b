// Package runner knows one child process tree, from its start until nothing of
// it is left.
//
// It knows nothing of Go builds, files or screens. That a program fails is
// data (an [Exit]); an error means that it could not be started.
//
// # Theory of operation
//
//	hotdev ──control──► supervisor ──fork──► program ──► its children
//	       ◄──report───                         │
//	       ◄────────── stdout, stderr (or a terminal)
//
// [Start] runs this same executable again as a supervisor ([Main] is where that
// one turns off), and hands it the task over a pipe. The supervisor starts the
// program, whose output is hotdev's pipes themselves: no byte passes through
// the supervisor. It carries out two orders, stop and kill; the end of the
// control pipe, which hotdev's death causes whatever its reason, is an order to
// kill. So a tree does not survive hotdev.
//
// On Linux the supervisor is a subreaper: an orphan below it, in whatever group
// or session, becomes its child. So the tree is the supervisor's descendants,
// and it is gone exactly when the supervisor has no child. The policy of
// ending a tree (supervise) is the same everywhere; what a tree is, and how it
// is reached, differ by system (a process group on other Unix systems, a job object
// on Windows, which needs no supervisor).
//
// The program dies with the supervisor. If the supervisor is killed with SIGKILL,
// the other processes of its tree become hotdev's own children. hotdev kills those
// that it recognises as the tree's: by their session, or because [Process.Usage]
// saw them in it.
package runner

import (
	"os"
	"time"
)

// A Spec says what to run and how to stop it.
type Spec struct {
	// Path is the absolute path of the binary, or the name of a command that is looked
	// for in the PATH of Env; Args are its arguments, without the program's name.
	Path string   `json:"path"`
	Args []string `json:"args,omitempty"`
	// Wrapper is a command that runs the program, and stays as long as that does:
	// the word {program} stands for Path, else Path comes last; Args follow. Its
	// first word is looked for in the PATH of Env. Empty: none.
	Wrapper []string `json:"wrapper,omitempty"`
	// Env is the whole environment; nil is the process's own.
	Env []string `json:"-"`
	// Dir is the working directory.
	Dir string `json:"dir"`
	// TTY gives the program a pseudo-terminal for its output (one stream then)
	// and input. Where the system has none, pipes are used.
	TTY bool `json:"tty,omitempty"`
	// Rows and Cols are the size of that terminal at the start; 0 means 24x80. See
	// [Process.Resize].
	Rows uint16 `json:"rows,omitempty"`
	Cols uint16 `json:"cols,omitempty"`
	// Raw is given what the program prints on that terminal as it comes, before the
	// lines that are made of it, on the goroutine that calls emit. It may block, which
	// blocks the program, and must not keep the slice. May be nil.
	Raw func([]byte) `json:"-"`
	// Input has a program without TTY read from a pipe, which [Process.Input] writes
	// to. Without it there is nothing to read.
	Input bool `json:"input,omitempty"`
	// Sockets are variables: for each, the program gets a socket to hotdev, whose
	// descriptor the variable names; see [Process.Socket]. Windows has none.
	Sockets []string `json:"sockets,omitempty"`
	// Listen are TCP addresses (":8080") of sockets that the program is given in the way
	// of systemd: open, listening, and named after their ports. Listeners are these
	// sockets, made by [Listen], in the same order; the caller keeps them, so that they
	// go from one program to the next. Windows has none.
	Listen    []string   `json:"listen,omitempty"`
	Listeners []*os.File `json:"-"`
	// StopSignal is the name of the polite signal ("SIGINT", "SIGTERM", …);
	// empty means SIGINT. On Windows it is always CTRL_BREAK.
	StopSignal string `json:"stop_signal,omitempty"`
	// StopTimeout is how long the tree may take after StopSignal before it is
	// killed; 0 means DefaultStopTimeout.
	StopTimeout time.Duration `json:"stop_timeout_ns,omitempty"`
}

// DefaultStopTimeout is long enough for a server to drain its requests, short
// enough to wait for at a key press.
const DefaultStopTimeout = 5 * time.Second

// A Stream tells standard output and standard error apart.
type Stream string

// The streams. Under Spec.TTY everything that the program prints is Stdout. Stdin is
// what was typed for a program with Spec.Input; the runner itself emits none.
const (
	Stdout Stream = "stdout"
	Stderr Stream = "stderr"
	Stdin  Stream = "stdin"
)

// A Line is one line of output, made safe for a screen: valid UTF-8, no control
// characters but the colour sequences (ESC [ … m), tabs kept. It is
// self-contained: it begins with the colours that earlier lines left on, and leaves
// none on.
type Line struct {
	Stream Stream `json:"stream"`
	Text   string `json:"text"`
	// Partial: the line has no end yet (a prompt, a progress line). The next
	// line of the same stream replaces it; an empty one takes it back.
	Partial bool `json:"partial,omitempty"`
}

// An Exit is how a program ended. Nothing of its tree was alive any more.
type Exit struct {
	// Code is the exit code, or -1 if a signal ended it.
	Code int `json:"code"`
	// Signal is the name of the signal that ended it ("SIGKILL"), if one did.
	Signal string `json:"signal,omitempty"`
	// Stopped: it ended because it was asked to (Stop or Kill).
	Stopped bool `json:"stopped,omitempty"`
	// Killed: the program was alive when the grace ran out or Kill was called,
	// and the tree was killed.
	Killed bool `json:"killed,omitempty"`
	// Overdue is the Spec.StopTimeout that ran out, if that is why it was killed; 0
	// if not.
	Overdue time.Duration `json:"overdue_ns,omitempty"`
	// Left counts processes that outlived the program and had to be ended: asked
	// to, if it ended by itself; killed, if it was stopped and they were with it.
	Left int `json:"left,omitempty"`
	// Uptime is from start to the program's end.
	Uptime time.Duration `json:"uptime_ns"`
	// Err says that supervision itself failed; empty if all is well.
	Err string `json:"err,omitempty"`
}

// Usage is what the whole tree uses now.
type Usage struct {
	// CPU is in percent of one core over the last interval.
	CPU float64 `json:"cpu_percent"`
	// RSS is resident memory in bytes, summed over the tree.
	RSS uint64 `json:"rss_bytes"`
	// Processes counts the tree's processes.
	Processes int `json:"processes"`
	// Ports are the TCP ports that the tree listens on, by number; only
	// Linux tells.
	Ports []Port `json:"ports,omitempty"`
}

// A Port is a TCP port that a process listens on.
type Port struct {
	// Addr is the address as the system has it, such as "127.0.0.1:8080" or
	// "[::]:8080".
	Addr string `json:"addr"`
	Pid  int    `json:"pid"`
}
