package gocmd

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// A group is a command with all processes that it started.
type group struct{ cmd *exec.Cmd }

func (g group) prepare() {
	g.cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP, HideWindow: true}
}

// kill runs taskkill, which ends the whole tree; the leader is killed in any case.
func (g group) kill() error {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(g.cmd.Process.Pid)).Run()
	return g.cmd.Process.Kill()
}

// yield does nothing on Windows.
func (g group) yield() {}

// guard does nothing on Windows. A command whose hotdev was killed runs to its end.
func (g group) guard() (done func()) { return func() {} }

// bury does nothing: taskkill returns when the tree has ended.
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
