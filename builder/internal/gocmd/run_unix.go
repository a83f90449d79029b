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

// A group is a command's process group, which all processes that it starts inherit.
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

// niceness is the nice value of a command: on a busy machine it gets about a tenth of
// the time that others get, on an idle one all of it.
const niceness = 10

// yield lowers the priority of the whole group and of what it starts from now on.
func (g group) yield() {
	_ = syscall.Setpriority(syscall.PRIO_PGRP, g.cmd.Process.Pid, niceness)
}

// guard ends the whole group if hotdev is killed and cannot do it itself; the kernel
// would end no more than the leader. A shell waits for a line, which done writes, or
// for the end of the pipe, which comes when hotdev dies. It costs a millisecond, in
// parallel with the command.
func (g group) guard() (done func()) {
	r, w, err := os.Pipe()
	if err != nil {
		return func() {} // out of descriptors: starting the command will report it
	}
	sh := &exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", `read -r _ || kill -s KILL -- "-$0"`, strconv.Itoa(g.cmd.Process.Pid)},
		Stdin: r, Dir: "/",
		SysProcAttr: &syscall.SysProcAttr{Setsid: true}, // no key and no signal to a group reaches it
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

// buryFor limits the wait for killed processes. They cannot refuse; only a process that
// hangs in the kernel (on a dead network mount) takes longer, and waiting for it would
// make hotdev hang as well.
const buryFor = 2 * time.Second

// bury waits until nothing of a killed group is left. The leader has been waited for.
// Its children now belong to init, or to hotdev if it adopts orphans, and then hotdev
// must reap them.
func (g group) bury() {
	if g.cmd.Process == nil {
		return // the command never started
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
