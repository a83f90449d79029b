//go:build unix

package runner

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Run runs the command to its end. On a terminal it is the foreground process
// group meanwhile, so that the ctrl-C which vi understands as "leave insert
// mode" does not end hotdev. A suspended command (ctrl-Z) is continued at once:
// there is no shell that could do it later.
func (c *Command) Run() error {
	tty, ok := c.cmd.Stdin.(*os.File)
	if !ok {
		return c.cmd.Run()
	}
	fd, err := descriptor(tty)
	if err != nil {
		return err
	}
	front, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	if err != nil || front != unix.Getpgrp() {
		return c.cmd.Run() // no terminal, or not ours to give
	}
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Foreground: true, Ctty: fd}
	if err := c.cmd.Start(); err != nil {
		return err
	}
	pid := c.cmd.Process.Pid
	status, err := waitStopped(pid)
	// The process is reaped; this joins what os/exec copies, if anything.
	_ = c.cmd.Wait()
	// A background process that takes the terminal back is stopped by SIGTTOU,
	// unless it ignores the signal.
	signal.Ignore(unix.SIGTTOU)
	defer signal.Reset(unix.SIGTTOU)
	if e := unix.IoctlSetPointerInt(fd, unix.TIOCSPGRP, front); e != nil && err == nil {
		err = os.NewSyscallError("tcsetpgrp", e)
	}
	switch {
	case err != nil:
		return err
	case status.Signaled():
		return fmt.Errorf("signal: %v", status.Signal())
	case status.ExitStatus() != 0:
		return fmt.Errorf("exit status %d", status.ExitStatus())
	}
	return nil
}

// descriptor is f's number. Unlike f.Fd it leaves f's mode alone, on which a
// reader elsewhere may depend.
func descriptor(f *os.File) (n int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	err = raw.Control(func(fd uintptr) { n = int(fd) })
	return n, err
}

// waitStopped waits for the end of pid and continues it whenever it stops.
func waitStopped(pid int) (unix.WaitStatus, error) {
	for {
		var status unix.WaitStatus
		_, err := unix.Wait4(pid, &status, unix.WUNTRACED, nil)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return status, os.NewSyscallError("wait4", err)
		case status.Stopped():
			_ = unix.Kill(-pid, unix.SIGCONT)
		default:
			return status, nil
		}
	}
}
