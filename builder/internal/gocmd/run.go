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

// How long output is still read after a command has ended: what it wrote is in
// the pipe already, so more is only worth waiting for if somebody it left behind
// holds the pipe, and that may be forever.
const (
	// goGrace: the go command leaves nobody behind. It only bounds the harm if
	// one of its tools does, and is too long for a loaded machine to lose output.
	goGrace = 5 * time.Second
	// BeforeGrace: a user's command may well start something that stays, at
	// every build.
	BeforeGrace = 500 * time.Millisecond
)

// A Command is one process tree, run to its end.
type Command struct {
	Argv []string
	Dir  string
	Env  []string // whole, never nil
	// Tree: it starts processes that go on without it.
	Tree bool
	// Nice: it gives way to other processes, where the system can do that.
	Nice bool
	// Grace is goGrace if zero.
	Grace time.Duration
	// Stdout and Stderr take lines without their ends, one call at a time for
	// both together. Without Stderr, Stdout takes both, in the order written.
	Stdout, Stderr func(line string)
}

// Run runs c and waits until it has ended. If ctx ends first, the whole tree is
// killed and gone when Run returns, which it does with ctx's error. A command
// that ran and failed gives an error that [Failed] knows.
func (c Command) Run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if st, err := os.Stat(c.Dir); err != nil || !st.IsDir() {
		return fmt.Errorf("folder %s: %w", c.Dir, fs.ErrNotExist) // exec would blame the command
	}
	path, err := LookPath(c.Argv[0], c.Dir, c.Env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.Argv[1:]...)
	cmd.Args[0] = c.Argv[0]
	cmd.Dir = c.Dir
	// The folder as the user knows it: without PWD the go command would resolve
	// symbolic links, and its paths would not be those that are watched.
	cmd.Env = Setenv(c.Env, "PWD", c.Dir)
	var mu sync.Mutex
	out, errs := &lines{mu: &mu, emit: c.Stdout}, &lines{mu: &mu, emit: c.Stderr}
	if c.Stderr == nil {
		errs = out // one pipe
	}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = cmp.Or(c.Grace, goGrace)
	g := group{cmd: cmd}
	g.prepare()
	cmd.Cancel = g.kill

	// Linux kills the tree's leader when the thread that started it ends, so this
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
		err = nil // it ended well; something it started goes on
	}
	return err
}

// lines cuts what is written into lines.
type lines struct {
	mu   *sync.Mutex
	emit func(string)
	rest []byte
}

// maxLine bounds a line without end; a longer one is cut in pieces.
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

// Failed reports whether err says that a command ran and failed.
func Failed(err error) bool {
	var e *exec.ExitError
	return errors.As(err, &e)
}

// NotFound reports whether err says that there is no such command, as opposed
// to one that ran and failed.
func NotFound(err error) bool {
	var e *exec.Error
	return errors.As(err, &e)
}
