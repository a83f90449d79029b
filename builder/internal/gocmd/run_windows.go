package gocmd

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// A group is a command with all that it started.
type group struct{ cmd *exec.Cmd }

func (g group) prepare() {
	g.cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// kill asks taskkill, which knows how to walk the tree; the leader is killed in
// any case.
func (g group) kill() error {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(g.cmd.Process.Pid)).Run()
	return g.cmd.Process.Kill()
}

// yield: nothing does that here.
func (g group) yield() {}

// guard: nothing does that here. A command whose hotdev was killed goes on to
// its own end.
func (g group) guard() (done func()) { return func() {} }

// bury: taskkill returns when the tree has been ended.
func (g group) bury() {}

// Alive reports whether a process exists.
func Alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
