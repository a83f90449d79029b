package gocmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// How long to read output after a command has ended. What the command itself wrote is
// in the pipe by then. Waiting longer only helps if a process that it left behind still
// has the pipe open, and that may be forever.
const (
	// goGrace: the go command leaves no process behind. The limit matters only if one
	// of its tools does, and it is long enough that a loaded machine loses no output.
	goGrace = 5 * time.Second
	// BeforeGrace: a user's command may start something that stays, in every build.
	BeforeGrace = 500 * time.Millisecond
)

// A Command is one process tree, run to its end.
type Command struct {
	Argv []string
	Dir  string
	Env  []string // the whole environment, never nil
	// Tree: the command starts processes that may outlive it.
	Tree bool
	// Nice: it yields the processor to other processes, if the system can do that.
	Nice bool
	// Grace is goGrace if zero.
	Grace time.Duration
	// Stdout and Stderr are called with lines without their line ends, and never both
	// at the same time. If Stderr is nil, Stdout gets both streams, in the order
	// written.
	Stdout, Stderr func(line string)
}

// Run runs c and waits for its end. If ctx ends first, the whole tree is killed, and
// Run returns ctx's error when it is gone. If the command ran and failed, the error is
// one for which [Failed] is true.
func (c Command) Run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if st, err := os.Stat(c.Dir); err != nil || !st.IsDir() {
		return fmt.Errorf("folder %s: %w", c.Dir, fs.ErrNotExist) // exec would report the command as missing
	}
	path, err := LookPath(c.Argv[0], c.Dir, c.Env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.Args[0] = c.Argv[0]
	cmd.Dir = c.Dir
	// PWD keeps the folder as the user knows it. Without it the go command would
	// resolve symbolic links, and its paths would differ from the watched ones.
	cmd.Env = Setenv(c.Env, "PWD", c.Dir)
	var mu sync.Mutex
	out, errs := &lines{mu: &mu, emit: c.Stdout}, &lines{mu: &mu, emit: c.Stderr}
	if c.Stderr == nil {
		errs = out // one pipe for both
	}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = cmp.Or(c.Grace, goGrace)
	g := group{cmd: cmd}
	g.prepare()
	cmd.Cancel = g.kill

	// Linux kills the leader of the tree when the thread that started it ends, so this
	// thread must live as long as the command.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Start()
	if err == nil {
		if c.Nice {
			g.yield()
		}
		unguard := func() {}
		if c.Tree {
			unguard = g.guard()
		}
		defer unguard()
		err = cmd.Wait()
	}
	if ctx.Err() != nil {
		g.bury()
		return ctx.Err()
	}
	out.flush()
	errs.flush()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // the command succeeded; something that it started is still running
	}
	return err
}

// lines splits what is written into lines.
type lines struct {
	mu   *sync.Mutex
	emit func(string)
	rest []byte
}

// maxLine is the greatest length of a line; longer ones are split.
const maxLine = 1 << 20

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			break
		}
		l.send(l.rest[:i])
		l.rest = l.rest[i+1:]
	}
	if len(l.rest) > maxLine {
		l.send(l.rest)
		l.rest = nil
	}
	return len(p), nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.send(l.rest)
		l.rest = nil
	}
}

func (l *lines) send(p []byte) {
	l.emit(strings.TrimSuffix(string(p), "\r"))
}

// Failed reports whether err means that a command ran and failed.
func Failed(err error) bool {
	var e *exec.ExitError
	return errors.As(err, &e)
}

// NotFound reports whether err means that there is no such command, as opposed to one
// that ran and failed.
func NotFound(err error) bool {
	var e *exec.Error
	return errors.As(err, &e)
}
