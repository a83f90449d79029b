package main

import (
	"os/exec"
	"syscall"
)

// diesWithTest has a hotdev end when the test binary does: one that runs out of
// time is killed without a chance to clean up.
func diesWithTest(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}
