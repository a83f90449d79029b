//go:build unix

package gocmd

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
)

// A group is a command's process group, which all that it starts inherit.
type group struct{ cmd *exec.Cmd }

func (g group) prepare() {
	attr := &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(attr)
	g.cmd.SysProcAttr = attr
}

func (g group) kill() error {
	err := syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}

// niceness is how far a command gives way: on a busy machine it gets about a tenth
// of what others get, and on an idle one all there is.
const niceness = 10

// yield has the whole group, and what it starts from now on, give way to others.
func (g group) yield() {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, g.cmd.Process.Pid, niceness)
}

// guard has the whole group end if hotdev is killed, and cannot do it: the
// kernel would end the leader at the most. A shell waits for a line, which done
// writes, or for the end of the pipe, which the kernel makes. It costs a
// millisecond, beside the command.
func (g group) guard() (done func()) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() {} // out of descriptors: the command will say so better
	}
	sh := &exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", `read -r _ || kill -s KILL -- "-$0"`, strconv.Itoa(g.cmd.Process.Pid)},
		Stdin: r, Dir: "/",
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // no key and no group's end reaches it
	}
	err = sh.Start()
	r.Close()
	if err != nil {
		w.Close()
		return func() {}
	}
	return func() {
		_, _ = w.WriteString("\n")
		w.Close()
		_ = sh.Wait()
	}
}

// buryFor bounds the wait for killed processes. They cannot refuse; only one
// that hangs in the kernel (a dead network mount) takes longer, and waiting for
// that would hang hotdev with it.
const buryFor = 2 * time.Second

// bury waits until nothing of a killed group is left. The leader has been
// waited for; its children belong to init now, or to hotdev if it adopts
// orphans, and then it must reap them.
func (g group) bury() {
	if g.cmd.Process == nil {
		return // it never started
	}
	pgid := g.cmd.Process.Pid
	pause := 200 * time.Microsecond
	for deadline := time.Now().Add(buryFor); time.Now().Before(deadline); {
		for {
			pid, err := syscall.Wait4(-pgid, nil, syscall.WNOHANG, nil)
			if pid <= 0 && !errors.Is(err, syscall.EINTR) {
				break
			}
		}
		if err := syscall.Kill(-pgid, syscall.SIGKILL); errors.Is(err, syscall.ESRCH) {
			return
		}
		time.Sleep(pause)
		pause = min(2*pause, 20*time.Millisecond)
	}
}

// Alive reports whether a process exists.
func Alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
