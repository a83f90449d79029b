package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// restarts checks that after thousands of restarts hotdev uses no more resources than
// before.
func restarts(ctx context.Context, a *arena) error {
	if runtime.GOOS == "windows" {
		return fmt.Errorf("%w: the programs use Unix's ways", errSkip)
	}
	dir := filepath.Join(a.dir, "project")
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	const body = `start("sleep"); time.Sleep(time.Hour)`
	if err := writeProgram(dir, 1, body); err != nil {
		return err
	}
	debug := filepath.Join(a.dir, "debug.log")
	// Its memory is measured, so its garbage collector keeps its default pace.
	l, err := a.start(ctx, dir, options{args: []string{"--debug-log", debug}, unset: []string{"GOGC"}})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says("now 1"); err != nil {
		return err
	}
	now := func() footprint {
		f := footprintOf(l.cmd.Process.Pid)
		f.goroutines = goroutines(debug)
		return f
	}
	rounds := a.either(2000, 10)
	warm := min(100, rounds/2+1)
	var before footprint
	for n := 0; n < rounds; n++ {
		if n == warm {
			before = now()
		}
		if a.over() {
			rounds = n
			break
		}
		if err := writeProgram(dir, n+2, body); err != nil {
			return err
		}
		if err := l.says(fmt.Sprintf("now %d", n+2)); err != nil {
			return err
		}
	}
	if err := l.until("the last start is told", func() bool { return l.seen("started") == rounds+1 }); err != nil {
		return err
	}
	if before == (footprint{}) {
		before = now()
	}
	measures := []struct {
		name  string
		of    func(footprint) int
		slack int
	}{
		{"memory, MB", func(f footprint) int { return f.rss >> 20 }, 40},
		{"descriptors", func(f footprint) int { return f.descriptors }, 8},
		{"goroutines", func(f footprint) int { return f.goroutines }, 8},
		{"threads", func(f footprint) int { return f.threads }, 8},
		{"children (zombies too)", func(f footprint) int { return f.children }, 2},
	}
	// hotdev may still be at what it does after a start, such as planning the next builds.
	// What it loses does not go away with that.
	var after footprint
	resting := l.until("hotdev uses no more than before", func() bool {
		after = now()
		for _, m := range measures {
			if m.of(after) > m.of(before)+m.slack {
				return false
			}
		}
		return true
	})
	a.count("restarts", "%d", rounds)
	for _, m := range measures {
		a.count("hotdev's "+m.name, "%d after %d restarts, %d at the end", m.of(before), warm, m.of(after))
		if m.of(after) > m.of(before)+m.slack {
			return fmt.Errorf("hotdev's %s grew from %d to %d: %w", strings.ToLower(m.name), m.of(before), m.of(after), resting)
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

var goroutineCount = regexp.MustCompile(`goroutines=(\d+)`)

// goroutines returns the smallest number in the debug log near its end: at any one
// effect, others may be running.
func goroutines(log string) int {
	const near = 64 << 10
	text, err := os.ReadFile(log)
	if err != nil {
		return 0
	}
	least := 0
	for _, m := range goroutineCount.FindAllSubmatch(text[max(0, len(text)-near):], -1) {
		if n, err := strconv.Atoi(string(m[1])); err == nil && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}
