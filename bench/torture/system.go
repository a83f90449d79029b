package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mishaps are what the system may do to hotdev. Those that need Linux are added there.
var mishaps = []struct {
	name string
	run  func(ctx context.Context, a *arena, dir string) error
}{
	{"project folders with odd names", oddPaths},
	{"a very long path", longPath},
	{"two hotdevs on one project", two},
	{"no go command any more, and again", withoutGo},
	{"the go command replaced", replacedGo},
	{"GOFLAGS and GOWORK changed", changedEnv},
	{"the cache folders wiped", wipedCache},
	{"files from the past and the future", clockJumps},
}

// system checks that hotdev works, or explains in a sentence why not, and works again
// once the cause is gone.
func system(ctx context.Context, a *arena) error {
	for i, m := range mishaps {
		dir := filepath.Join(a.dir, fmt.Sprintf("s%d", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		err := m.run(ctx, a, dir)
		if errors.Is(err, errSkip) {
			a.count(m.name, "%v", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		a.count(m.name, "held")
	}
	return nil
}

const plainBody = `time.Sleep(time.Hour)`

// begin writes a module with a program of version 1, starts hotdev in it and waits
// until the program runs. The caller kills the loop.
func (a *arena) begin(ctx context.Context, dir, config, body string, o options) (*loop, error) {
	if err := writeModule(dir, config); err != nil {
		return nil, err
	}
	if err := writeProgram(dir, 1, body); err != nil {
		return nil, err
	}
	l, err := a.start(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	if err := l.says("now 1"); err != nil {
		l.kill()
		return nil, err
	}
	return l, nil
}

// works starts hotdev on a module in dir, makes it build twice and ends it.
func (a *arena) works(ctx context.Context, dir string, o options) error {
	l, err := a.begin(ctx, dir, "", plainBody, o)
	if err != nil {
		return err
	}
	defer l.kill()
	if err := writeProgram(dir, 2, plainBody); err != nil {
		return err
	}
	if err := l.says("now 2"); err != nil {
		return err
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

// complains starts hotdev where it cannot work: it must end by itself, with an exit
// code and a sentence that contains all the words.
func (a *arena) complains(ctx context.Context, dir string, o options, words ...string) error {
	l, err := a.start(ctx, dir, o)
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.until("its end", func() bool {
		select {
		case <-l.ended:
			return true
		default:
			return false
		}
	}); err != nil {
		return err
	}
	said := l.stderr.String()
	if l.exit == nil || !strings.HasPrefix(said, "hotdev: ") {
		return fmt.Errorf("it ended with %v and said %q", l.exit, said)
	}
	for _, w := range words {
		if !strings.Contains(said, w) {
			return fmt.Errorf("it said %q, and nothing of %q", said, w)
		}
	}
	return a.nothingLeft(l)
}

func oddPaths(ctx context.Context, a *arena, dir string) error {
	odd := []string{"with space", "ünï-cødé 世界", "-dash", "quote'\"s", "$HOME", "semi;colon", "a%20b", "[x]", "tab\tin", "#hash"}
	paths := []string{filepath.Join(odd...)}
	if !a.short {
		paths = append(paths, odd...)
	}
	for _, name := range paths {
		d := filepath.Join(dir, name)
		if err := a.works(ctx, d, options{}); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
	}
	// The go command rejects this one; its message must be shown.
	d := filepath.Join(dir, "new\nline")
	if err := writeModule(d, ""); err != nil {
		return err
	}
	if err := writeProgram(d, 1, plainBody); err != nil {
		return err
	}
	l, err := a.start(ctx, d, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.until("the go command's refusal", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		ds := l.last["built"].Result.Diagnostics
		return len(ds) > 0 && strings.Contains(ds[0].Message, "invalid package directory")
	}); err != nil {
		return fmt.Errorf("a newline: %w", err)
	}
	return l.quit()
}

// longPath makes a project whose path has 4,000 bytes, almost as many as Linux allows.
func longPath(ctx context.Context, a *arena, dir string) error {
	d := dir
	const long = 4000
	for len(d) < long {
		d = filepath.Join(d, strings.Repeat("l", max(1, min(200, long-len(d)-1))))
	}
	if err := writeModule(d, ""); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	return a.works(ctx, d, options{})
}

func two(ctx context.Context, a *arena, dir string) error {
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	if err := writeProgram(dir, 1, plainBody); err != nil {
		return err
	}
	var ls []*loop
	for range 2 {
		l, err := a.start(ctx, dir, options{})
		if err != nil {
			return err
		}
		defer l.kill()
		ls = append(ls, l)
	}
	last := a.either(4, 2)
	for version := 1; version <= last; version++ {
		for _, l := range ls {
			if err := l.says(fmt.Sprintf("now %d", version)); err != nil {
				return err
			}
		}
		if err := writeProgram(dir, version+1, plainBody); err != nil {
			return err
		}
	}
	for _, l := range ls {
		if err := l.quit(); err != nil {
			return err
		}
		if err := a.nothingLeft(l); err != nil {
			return err
		}
	}
	return nil
}

// ownGo creates a folder below dir for a go command of the trial's own. real is the
// file of the machine's go command, and goroot the variable that lets it run from
// another place.
func ownGo(ctx context.Context, dir string) (bin, real, goroot string, err error) {
	if real, err = exec.LookPath("go"); err != nil {
		return "", "", "", err
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", "", "", err
	}
	bin = filepath.Join(dir, "bin")
	return bin, real, "GOROOT=" + strings.TrimSpace(string(root)), os.Mkdir(bin, 0o755)
}

func withoutGo(ctx context.Context, a *arena, dir string) error {
	bin, real, goroot, err := ownGo(ctx, dir)
	if err != nil {
		return err
	}
	project := filepath.Join(dir, "project")
	link := filepath.Join(bin, "go")
	if err := os.Symlink(real, link); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	o := options{env: []string{"PATH=" + bin, goroot}}
	l, err := a.begin(ctx, project, "", plainBody, o)
	if err != nil {
		return err
	}
	defer l.kill()
	if err := os.Remove(link); err != nil {
		return err
	}
	// A change of the imports, which only the go command can handle.
	if err := writeProgram(project, 2, "_ = os.ErrExist; "+plainBody); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(project, "more.go"), []byte("package main\n\nimport _ \"net/url\"\n"), 0o644); err != nil {
		return err
	}
	if err := l.until("a complaint about the go command", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return strings.Contains(l.last["built"].Err, "go command") || strings.Contains(l.last["listed"].Err, "go command") || l.lines["now"] == "now 2"
	}); err != nil {
		return err
	}
	if err := os.Symlink(real, link); err != nil {
		return err
	}
	if err := writeProgram(project, 3, plainBody); err != nil {
		return err
	}
	if err := l.says("now 3"); err != nil {
		return err
	}
	if err := l.quit(); err != nil {
		return err
	}
	if err := os.Remove(link); err != nil {
		return err
	}
	return a.complains(ctx, project, o, "go")
}
