package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// kills holds hotdev to this: however it ends, nothing of its tree is alive a
// second later, the published binary is a whole one, and the next start works
// and clears away what was left.
func kills(ctx context.Context, a *arena) error {
	dir := filepath.Join(a.dir, "project")
	p, err := newProject(a, dir)
	if err != nil {
		return err
	}
	if err := p.write(".air-like.toml", "[build]\noutput = \"bin/app\"\n"); err != nil {
		return err
	}
	app := filepath.Join(dir, "bin", "app")
	rounds := a.times(300)
	whole := 0
	for n := range rounds {
		if err := a.killed(ctx, p, n%2 == 0); err != nil {
			return fmt.Errorf("kill %d: %w", n+1, err)
		}
		if _, err := os.Stat(app); err == nil {
			text, err := exec.CommandContext(ctx, app, "once").Output()
			if err != nil || !wholeLine.Match(text) {
				return fmt.Errorf("kill %d: the published binary is broken: %v, it says %q", n+1, err, text)
			}
			whole++
		}
	}
	a.count("SIGKILL at random moments", "%d, half of them in a terminal", rounds)
	a.count("processes alive one second later", "0")
	a.count("published binaries that run", "%d of %d", whole, whole)

	for _, s := range []ending{ends["SIGTERM"], ends["SIGHUP"]} {
		for n := range a.times(100) {
			if err := a.ended(ctx, p, s); err != nil {
				return fmt.Errorf("%s %d: %w", s.name, n+1, err)
			}
		}
		a.count(s.name+" at random moments", "%d, all ended with exit code 0", a.times(100))
	}
	for n := range a.times(100) {
		if err := a.frozen(ctx, p); err != nil {
			return fmt.Errorf("SIGSTOP %d: %w", n+1, err)
		}
	}
	if stopSignal != nil {
		a.count("SIGSTOP and SIGCONT around saves", "%d, none lost", a.times(100))
	}

	// The next start works, and leaves what it should.
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := p.mend(); err != nil {
		return err
	}
	if err := l.says(p.line()); err != nil {
		return fmt.Errorf("after all kills: %w", err)
	}
	if err := l.quit(); err != nil {
		return err
	}
	if left := filesIn(filepath.Join(dir, "bin")); !slices.Equal(left, []string{"app"}) {
		return fmt.Errorf("left beside the binary: %v", left)
	}
	if left := filesIn(filepath.Join(a.dir, "cache")); len(left) > 2 {
		return fmt.Errorf("left in the cache folder: %v", left)
	}
	a.count("files left behind", "0")
	return a.nothingLeft(l)
}

var wholeLine = regexp.MustCompile(`^now( \w+=\d+)+\n$`)

// filesIn are the files below dir, but for go's own cache.
func filesIn(dir string) (files []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, path)
			files = append(files, rel)
		}
		return nil
	})
	return files
}

// busy saves at random moments for some time.
func (p *project) busy(long time.Duration) error {
	end := time.Now().Add(long)
	for {
		left := time.Until(end)
		if left <= 0 {
			return nil
		}
		pause := min(left, p.a.within(400*time.Millisecond))
		time.Sleep(pause)
		if p.a.rng.IntN(2) == 0 {
			if err := p.save(p.any(), "rename", p.a.rng.IntN(10) == 0); err != nil {
				return err
			}
		}
	}
}

// killed starts a hotdev and kills it at a random moment.
func (a *arena) killed(ctx context.Context, p *project, screen bool) error {
	start := a.start
	if screen && startInTerminal != nil {
		start = func(ctx context.Context, dir string, o options) (*loop, error) {
			return startInTerminal(a, ctx, dir, o)
		}
	}
	l, err := start(ctx, p.dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := p.busy(a.within(1500 * time.Millisecond)); err != nil {
		return err
	}
	l.kill()
	return a.nothingLeft(l)
}

// An ending is a way to ask hotdev to end.
type ending struct {
	name string
	ask  func(l *loop) error
}

// ended starts a hotdev and asks it to end at a random moment.
func (a *arena) ended(ctx context.Context, p *project, e ending) error {
	if e.ask == nil {
		return nil
	}
	l, err := a.start(ctx, p.dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	// Before its first word hotdev is not yet there to be asked.
	if err := l.until("its first word", func() bool { return l.seen("configured") > 0 }); err != nil {
		return err
	}
	if err := p.busy(a.within(time.Second)); err != nil {
		return err
	}
	if err := e.ask(l); err != nil {
		return err
	}
	select {
	case <-l.ended:
	case <-time.After(patience):
		return fmt.Errorf("hotdev goes on")
	}
	if l.exit != nil {
		return fmt.Errorf("hotdev ended with %v: %s", l.exit, strings.TrimSpace(l.stderr.String()))
	}
	return a.nothingLeft(l)
}

// frozen stops hotdev for a while in which files are saved.
func (a *arena) frozen(ctx context.Context, p *project) error {
	if stopSignal == nil {
		return nil
	}
	if err := p.mend(); err != nil {
		return err
	}
	l, err := a.start(ctx, p.dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.until("its first word", func() bool { return l.seen("configured") > 0 }); err != nil {
		return err
	}
	if err := p.busy(a.within(700 * time.Millisecond)); err != nil {
		return err
	}
	if err := l.cmd.Process.Signal(stopSignal); err != nil {
		return err
	}
	if err := p.save(p.any(), "rename", false); err != nil {
		return err
	}
	if err := p.mend(); err != nil {
		return err
	}
	time.Sleep(a.within(300 * time.Millisecond))
	if err := l.cmd.Process.Signal(goOnSignal); err != nil {
		return err
	}
	if err := l.says(p.line()); err != nil {
		return err
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}
