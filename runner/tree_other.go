//go:build unix && !linux

package runner

import (
	"os"
	"syscall"
	"time"

	"github.com/shirou/gopsutil/v4/process"
	"golang.org/x/sys/unix"
)

func executable() (string, error) { return os.Executable() }

// Only Linux has subreapers. Elsewhere a process that leaves its group escapes.
func adopt()        {}
func becomeReaper() {}

func closeOnExec() { closeOnExecEach() }

func procAttr(tty bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !tty, Setsid: tty, Setctty: tty}
}

// awaitRest returns when the program's group is empty. Its other members
// have no parent here that could wait for them, so their end is polled for.
func (p *program) awaitRest() {
	for unix.Kill(-p.pid, 0) == nil {
		time.Sleep(5 * time.Millisecond)
	}
}

// send sends signals to the program's group, unless that is spared, and to the process
// that it is about, with its group if that is one of its own. The members of a group
// cannot be counted, so the number is 1 if there are any.
func (p *program) send(spared int, signals ...syscall.Signal) int {
	var targets []int
	if spared != p.pid {
		targets = append(targets, -p.pid)
	}
	if lead := int(p.lead.Load()); lead > 0 {
		if group, err := unix.Getpgid(lead); err == nil && group == lead {
			targets = append(targets, -lead)
		} else if err == nil {
			targets = append(targets, lead)
		}
	}
	alive := 0
	for _, target := range targets {
		for _, s := range signals {
			if unix.Kill(target, s) == nil {
				alive = 1
			}
		}
	}
	return alive
}

// sweep kills the group that a dead supervisor left.
func (p *Process) sweep() int {
	if unix.Kill(-p.pid, unix.SIGKILL) != nil {
		return 0
	}
	for limit := time.Now().Add(huntLimit); time.Now().Before(limit) && unix.Kill(-p.pid, 0) == nil; {
		time.Sleep(5 * time.Millisecond)
	}
	return 1
}

// widen does nothing: a pipe's capacity cannot be set here.
func widen(*os.File) {}

// parentOf is the parent of a process; 0 if that is unknown.
func parentOf(pid int) int {
	p, err := process.NewProcess(int32(pid))
	if err != nil {
		return 0
	}
	parent, err := p.Ppid()
	if err != nil {
		return 0
	}
	return int(parent)
}
