package main

import (
	"context"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// kills checks that however hotdev ends, nothing of its tree is alive a second later,
// the published binary is complete, and the next start works and removes what was left.
func kills(ctx context.Context, a *arena) error {
	dir := filepath.Join(a.dir, "project")
	p, err := newProject(a, dir, !a.short)
	if err != nil {
		return err
	}
	if err := p.write(".air-like.toml", onlyRestarts+"[build]\noutput = \"bin/app\"\n"); err != nil {
		return err
	}
	app := filepath.Join(dir, "bin", "app")
	rounds, whole := max(len(moments)+1, a.times(300)), 0
	at := map[string]int{}
	for n := 0; n < rounds; n++ {
		if a.over() {
			rounds = n
			break
		}
		moment := "drawing"
		if n%2 == 0 || startInTerminal == nil {
			moment = moments[n/2%len(moments)]
		}
		if a.short && n < len(moments) {
			moment = moments[n]
		}
		at[moment]++
		if err := a.killed(ctx, p, moment); err != nil {
			return fmt.Errorf("kill %d, %s: %w", n+1, moment, err)
		}
		if _, err := os.Stat(app); err == nil {
			if err := runs(ctx, app); err != nil {
				return fmt.Errorf("kill %d, %s: the published binary is broken: %w", n+1, moment, err)
			}
			whole++
		}
	}
	a.count("killed by SIGKILL", "%d times, after a random pause while %v", rounds, at)
	a.count("processes alive one second later", "0")
	a.count("published binaries that are whole and run", "%d of %d", whole, whole)

	some := a.times(100)
	if a.over() {
		some = 10
	}
	for _, s := range endings {
		for n := range some {
			if err := a.ended(ctx, p, s); err != nil {
				return fmt.Errorf("%s %d: %w", s.name, n+1, err)
			}
		}
		a.count(s.name+" at random moments", "%d, nothing left", some)
	}
	if stopSignal != nil {
		for n := range some {
			if err := a.frozen(ctx, p); err != nil {
				return fmt.Errorf("SIGSTOP %d: %w", n+1, err)
			}
		}
		a.count("SIGSTOP and SIGCONT around saves", "%d, none lost", some)
	}

	// The next start works, and leaves only what it should.
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := p.repair(); err != nil {
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

var wholeLine = regexp.MustCompile(`^now( \w+=\d+@[\w/]+)+\n$`)

// filesIn returns the files below dir, without go's own cache.
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

// moments are the events of hotdev's after which it is killed: each begins one of the
// things that it does. The first one is empty, for the time before all events.
var moments = []string{"", "changed", "listed", "building", "built", "published", "exited", "started", "cycle"}

// killed starts a hotdev, saves, and kills it a random pause after a moment.
func (a *arena) killed(ctx context.Context, p *project, moment string) error {
	if moment == "drawing" {
		l, err := startInTerminal(a, ctx, p.dir, options{})
		if err != nil {
			return err
		}
		defer l.kill()
		if err := p.busy(a.within(3 * time.Second)); err != nil {
			return err
		}
		l.kill()
		return a.nothingLeft(l)
	}
	if err := p.repair(); err != nil {
		return err
	}
	l, err := a.start(ctx, p.dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if moment != "" {
		if a.rng.IntN(2) == 0 { // after a later build, not the first
			if err := l.until("a start", func() bool { return l.seen("cycle") > 0 }); err != nil {
				return err
			}
		}
		// A save before the watch is active belongs to the first build, and is no
		// event.
		if err := l.until("the watch", func() bool { return l.seen("watching") > 0 }); err != nil {
			return err
		}
		before := l.seen(moment)
		for round := 0; l.seen(moment) == before; round++ {
			if round > 5 {
				return fmt.Errorf("no event %s; last: %s", moment, l.tail())
			}
			if err := p.save(p.any(), "rename", false); err != nil {
				return err
			}
			// Long enough for a busy machine, and longer each time: a save during a build
			// cancels it.
			l.wait(time.Duration(1+round)*20*time.Second, func() bool { return l.seen(moment) > before })
		}
	}
	time.Sleep(a.within(100 * time.Millisecond))
	l.kill()
	return a.nothingLeft(l)
}

// runs checks that a binary is complete, to its last byte, and prints what it should.
func runs(ctx context.Context, app string) error {
	st, err := os.Stat(app)
	if err != nil {
		return err
	}
	if f, err := elf.Open(app); err == nil { // elsewhere it is enough that it runs
		defer f.Close()
		last := int64(0)
		for _, s := range f.Sections {
			if s.Type != elf.SHT_NOBITS {
				last = max(last, int64(s.Offset+s.FileSize))
			}
		}
		if st.Size() < last {
			return fmt.Errorf("%d bytes, its sections end at %d", st.Size(), last)
		}
	}
	text, err := exec.CommandContext(ctx, app, "once").Output()
	if err != nil || !wholeLine.Match(text) {
		return fmt.Errorf("%v, it says %q", err, text)
	}
	return nil
}

// An ending is a way to ask hotdev to end, or to make it fail.
type ending struct {
	name string
	ask  func(l *loop) error
	// fails: hotdev cannot end cleanly.
	fails bool
}

// ended starts a hotdev and ends it at a random moment.
func (a *arena) ended(ctx context.Context, p *project, e ending) error {
	l, err := a.start(ctx, p.dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	// Before its first event hotdev cannot handle the request.
	if err := l.until("its first word", func() bool { return l.seen("configured") > 0 }); err != nil {
		return err
	}
	if err := p.busy(a.within(2 * time.Second)); err != nil {
		return err
	}
	if err := e.ask(l); err != nil {
		return err
	}
	if _, err := patience.Receive(l.ended); err != nil {
		return fmt.Errorf("hotdev goes on: %w", err)
	}
	if (l.exit != nil) != e.fails {
		return fmt.Errorf("hotdev ended with %v: %s", l.exit, strings.TrimSpace(l.stderr.String()))
	}
	return a.nothingLeft(l)
}

// frozen stops hotdev for a while, during which files are saved.
func (a *arena) frozen(ctx context.Context, p *project) error {
	if stopSignal == nil {
		return nil
	}
	if err := p.repair(); err != nil {
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
	if err := p.repair(); err != nil {
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
