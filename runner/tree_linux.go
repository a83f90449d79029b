package runner

import (
	"math"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// executable is this process's own binary, even if another file has taken its
// path since.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// adopt makes orphans of a killed supervisor children of hotdev. It is
// idempotent, and if the system refuses, sweep knows fewer of them.
func adopt() { becomeReaper() }

// becomeReaper makes every orphan below this process its child, whatever
// session it fled to. So the tree is empty exactly when there is no child.
func becomeReaper() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// closeOnExec keeps whatever this process inherited from reaching the program.
func closeOnExec() {
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		closeOnExecEach()
	}
	// killall -9 hotdev must not take the supervisor along.
	_ = os.WriteFile("/proc/self/comm", []byte(supervisorName), 0)
}

// procAttr: a group of its own, or with a terminal a session; and the program
// dies with its supervisor (strictly, with the thread that calls this).
func procAttr(tty bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Setpgid:   !tty,
		Setsid:    tty,
		Setctty:   tty,
		Pdeathsig: syscall.SIGKILL,
	}
}

// awaitRest: there is no rest where every orphan is a child.
func (p *program) awaitRest() {}

// send sends signals to every group and process of the tree but those of the group
// spared (0 is none), and gives the number of processes found alive.
//
// Signals go to whole groups where possible: that is atomic, while a process
// that forks can slip through a walk. Only sessions below the supervisor's have
// members of the tree, so their groups hold nobody else. The IDs are
// milliseconds old; the kernel deals out all others before it deals one again.
func (p *program) send(spared int, signals ...syscall.Signal) int {
	self, own := os.Getpid(), unix.Getpgrp()
	sent := map[int]bool{}
	each := func(target int) {
		if !sent[target] {
			sent[target] = true
			for _, s := range signals {
				_ = unix.Kill(target, s) // ESRCH: it was quicker
			}
		}
	}
	if !p.reaped.Load() && spared != p.pid {
		each(-p.pid)
	}
	alive := 0
	for _, q := range below(processes(), func(q process) bool { return q.pid == self || q.session == self }) {
		if q.pid == self {
			continue
		}
		if q.state != 'Z' {
			alive++
		}
		if spared > 0 && q.group == spared {
			continue
		}
		if q.group == own || q.group == 0 {
			each(q.pid)
		} else {
			each(-q.group)
		}
	}
	return alive
}

// parentOf is the parent of a process; 0 if that is unknown.
func parentOf(pid int) int {
	p, _ := readProcess(strconv.Itoa(pid), make([]byte, 1024))
	return p.parent
}

// widen gives a pipe the capacity of a chunk. A system that refuses leaves it as
// it is.
func widen(f *os.File) {
	c, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = c.Control(func(fd uintptr) { _, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, chunkSize) })
}
