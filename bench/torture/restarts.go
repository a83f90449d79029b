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
	rounds := a.either(2000, 10)
	warm := min(100, rounds/2+1)
	var before footprint
	for n := 0; n < rounds; n++ {
		if n == warm {
			before = footprintOf(l.cmd.Process.Pid)
			before.goroutines = goroutines(debug)
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
	after := footprintOf(l.cmd.Process.Pid)
	after.goroutines = goroutines(debug)
	if before == (footprint{}) {
		before = after
	}
	a.count("restarts", "%d", rounds)
	for _, f := range []struct {
		name          string
		before, after int
		slack         int
	}{
		{"memory, MB", before.rss >> 20, after.rss >> 20, 40},
		{"descriptors", before.descriptors, after.descriptors, 8},
		{"goroutines", before.goroutines, after.goroutines, 8},
		{"threads", before.threads, after.threads, 8},
		{"children (zombies too)", before.children, after.children, 2},
	} {
		a.count("hotdev's "+f.name, "%d after %d restarts, %d at the end", f.before, warm, f.after)
		if f.after > f.before+f.slack {
			return fmt.Errorf("hotdev's %s grew from %d to %d", strings.ToLower(f.name), f.before, f.after)
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
