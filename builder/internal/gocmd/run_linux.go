package gocmd

import "syscall"

// dieWithParent makes the kernel kill the command when hotdev is killed.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
