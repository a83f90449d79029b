//go:build unix

package runner

import (
	"errors"
	"io"
	"os"
	"os/signal"

	"golang.org/x/sys/unix"
)

// InFront reports whether tty is this process's controlling terminal and this
// process is in its foreground group: whether keys that are typed there are its.
func InFront(tty *os.File) bool {
	fd, err := descriptor(tty)
	if err != nil {
		return false
	}
	front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && front == unix.Getpgrp()
}

// A Suspender stops this process as ctrl-Z does, until its shell brings it back.
// A program under a supervisor goes on meanwhile: it is in another session.
type Suspender struct{ asked chan os.Signal }

// NewSuspender catches SIGTSTP, so that the caller can restore the terminal first. It
// returns nil if this process was started with the signal ignored: then there is no
// shell to continue it.
func NewSuspender() *Suspender {
	if signal.Ignored(unix.SIGTSTP) {
		return nil
	}
	s := &Suspender{make(chan os.Signal, 1)}
	signal.Notify(s.asked, unix.SIGTSTP)
	return s
}

// Asked receives when SIGTSTP was sent. On a nil Suspender it never does.
func (s *Suspender) Asked() <-chan os.Signal {
	if s == nil {
		return nil
	}
	return s.asked
}

// Close gives SIGTSTP back to the system.
func (s *Suspender) Close() {
	if s != nil {
		signal.Stop(s.asked)
	}
}

var errNoShell = errors.New("no shell is there to come back from")

// Run stops the process group and returns once it was continued. It returns an error
// if no shell would continue it.
func (s *Suspender) Run() error {
	if !hasShell() {
		return errNoShell
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	own := make(chan os.Signal, 1)
	signal.Notify(own, unix.SIGTSTP)
	defer signal.Stop(own)
	signal.Stop(s.asked)
	defer signal.Notify(s.asked, unix.SIGTSTP)
	// The whole group, as the terminal does it: make is stopped with hotdev. Having
	// once been notified of SIGTSTP, a Go program does not stop for it any more.
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return os.NewSyscallError("kill", err)
	}
	// A thread that is stopped on its way into the signal handler runs it once it
	// is continued, and what asked for this stop would ask for another.
	<-own
	if err := unix.Kill(os.Getpid(), unix.SIGSTOP); err != nil {
		return os.NewSyscallError("kill", err)
	}
	<-continued
	return nil
}

// hasShell reports whether an ancestor in another group of this session may
// continue this one's. (Where there is none the group is called orphaned, and the
// system itself does not stop it.)
func hasShell() bool {
	session, err := unix.Getsid(0)
	if err != nil {
		return false
	}
	for pid := os.Getpid(); pid > 1; {
		pid = parentOf(pid)
		if s, err := unix.Getsid(pid); err != nil || s != session {
			return false
		}
		if group, err := unix.Getpgid(pid); err != nil || group != unix.Getpgrp() {
			return err == nil
		}
	}
	return false
}

// SetStdin, SetStdout and SetStderr do nothing: nothing is read or written.
func (s *Suspender) SetStdin(io.Reader)  {}
func (s *Suspender) SetStdout(io.Writer) {}
func (s *Suspender) SetStderr(io.Writer) {}
