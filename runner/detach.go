package runner

import (
	"os"
	"os/exec"
)

// A Detached is a process that outlives this one.
type Detached struct {
	Pid int
	// Done receives the exit code when it has ended; -1 if a signal ended it.
	Done <-chan int
}

// Detach starts a process in a session of its own, without a terminal, in the
// current folder. Its standard error goes to stderr; its standard output is
// discarded.
func Detach(stderr *os.File, argv ...string) (*Detached, error) {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stderr = stderr
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	done := make(chan int, 1)
	go func() { // ends with the process, or with this one
		_ = cmd.Wait() // the exit code has it
		done <- cmd.ProcessState.ExitCode()
	}()
	return &Detached{Pid: cmd.Process.Pid, Done: done}, nil
}
