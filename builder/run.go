package builder

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
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
	// beforeGrace: a user's command may well start something that stays, at
	// every build.
	beforeGrace = 500 * time.Millisecond
)

// A command is one process tree, run to its end.
type command struct {
	argv []string
	dir  string
	env  []string // whole, never nil
	// tree: it starts processes that go on without it.
	tree bool
	// grace is goGrace if zero.
	grace time.Duration
	// stdout and stderr take lines without their ends, one call at a time for
	// both together. Without stderr, stdout takes both, in the order written.
	stdout, stderr func(line string)
}

// run runs c and waits until it has ended. If ctx ends first, the whole tree is
// killed and gone when run returns, which it does with ctx's error. A command
// that ran and failed gives an *exec.ExitError.
func (c command) run(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if st, err := os.Stat(c.dir); err != nil || !st.IsDir() {
		return fmt.Errorf("folder %s: %w", c.dir, fs.ErrNotExist) // exec would blame the command
	}
	path, err := lookPath(c.argv[0], c.dir, c.env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, c.argv[1:]...)
	cmd.Args[0] = c.argv[0]
	cmd.Dir = c.dir
	// The folder as the user knows it: without PWD the go command would resolve
	// symbolic links, and its paths would not be those that are watched.
	cmd.Env = setenv(c.env, "PWD", c.dir)
	var mu sync.Mutex
	out, errs := &lines{mu: &mu, emit: c.stdout}, &lines{mu: &mu, emit: c.stderr}
	if c.stderr == nil {
		errs = out // one pipe
	}
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.WaitDelay = cmp.Or(c.grace, goGrace)
	g := group{cmd: cmd}
	g.prepare()
	cmd.Cancel = g.kill

	// Linux kills the tree's leader when the thread that started it ends, so this
	// thread must live as long as the command.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err = cmd.Start()
	if err == nil {
		unguard := func() {}
		if c.tree {
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

// environ is the whole environment of a request.
func environ(env []string) []string {
	if env == nil {
		return os.Environ()
	}
	return env
}

// getenv finds a variable; the last one counts, as for a process.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		k, v, ok := strings.Cut(env[i], "=")
		if ok && (k == name || runtime.GOOS == "windows" && strings.EqualFold(k, name)) {
			return v
		}
	}
	return ""
}

// setenv returns env with name=value at its end, where it wins.
func setenv(env []string, name, value string) []string {
	return append(env[:len(env):len(env)], name+"="+value)
}

// lookPath finds a command in the PATH of env, not in hotdev's own.
func lookPath(name, dir string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return exec.LookPath(name)
	}
	for _, folder := range filepath.SplitList(getenv(env, "PATH")) {
		if folder == "" {
			continue // it would mean the current folder, which exec refuses as well
		}
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// notFound reports whether err says that there is no such command, as opposed
// to one that ran and failed.
func notFound(err error) bool {
	var e *exec.Error
	return errors.As(err, &e)
}
