//go:build unix

package runner

import "syscall"

// apart has a process live in a session of its own.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
