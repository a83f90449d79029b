//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
)

var (
	stopSignal os.Signal = syscall.SIGSTOP
	goOnSignal os.Signal = syscall.SIGCONT
)

// endings are those that leave hotdev time to end, and those of the Go runtime after a
// fatal error: its handler prints and dies, and no deferred function runs.
var endings = []ending{
	{"SIGTERM", signalled(syscall.SIGTERM), false},
	{"SIGHUP", signalled(syscall.SIGHUP), false},
	{"SIGABRT, as by a fatal error in hotdev,", signalled(syscall.SIGABRT), true},
}

func signalled(s syscall.Signal) func(l *loop) error {
	return func(l *loop) error { return l.cmd.Process.Signal(s) }
}

// startInTerminal starts hotdev with its screen.
var startInTerminal = func(a *arena, ctx context.Context, dir string, o options) (*loop, error) {
	l := &loop{token: fmt.Sprintf("%x", a.rng.Uint64()), ended: make(chan struct{}), counts: map[string]int{}, news: make(chan struct{}, 1)}
	l.cmd = exec.CommandContext(ctx, a.hotdev, o.args...)
	l.cmd.Dir = dir
	l.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "GOCACHE="+a.gocach, "XDG_CACHE_HOME="+a.dir+"/cache", mark+"="+l.token)
	master, err := pty.StartWithSize(l.cmd, &pty.Winsize{Rows: 30, Cols: 100})
	if err != nil {
		return nil, err
	}
	go func() { // ends with the terminal
		defer close(l.ended)
		_, _ = io.Copy(io.Discard, master)
		l.exit = l.cmd.Wait()
		master.Close()
	}()
	return l, nil
}
