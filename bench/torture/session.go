package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// beside are processes that run beside a program, each hard to end in its own way; the
// program comes after the last one.
var beside = []struct{ name, config string }{
	{"forking", `cmd = ["sh", "-c", "sleep 3600 & sleep 3600 & sleep 3600 & wait"]`},
	{"deaf", "cmd = [\"sh\", \"-c\", \"trap '' INT TERM HUP; while :; do sleep 1; done\"]\nstop_timeout = \"200ms\""},
	{"deaf child", "cmd = [\"sh\", \"-c\", \"(trap '' INT TERM HUP; while :; do sleep 1; done) & wait\"]\nstop_timeout = \"200ms\""},
	{"daemon", `cmd = ["sh", "-c", "setsid sh -c 'sleep 3600 & sleep 3600' & sleep 3600"]`},
	{"orphan", `cmd = ["sh", "-c", "sleep 3600 & exit 0"]`},
	{"crashing", "cmd = [\"sh\", \"-c\", \"sleep 0.05; exit 3\"]\nrestart = \"always\""},
	{"terminal", "cmd = [\"sh\", \"-c\", \"stty raw -echo; sleep 3600 & wait\"]\ntty = true"},
	{"chatty", `cmd = ["sh", "-c", "i=0; while [ $i -lt 200000 ]; do echo and on; i=$((i+1)); done; sleep 3600"]`},
	{"db", `cmd = ["sh", "-c", "sleep 3600"]`},
}

// together holds hotdev to this: however it ends, nothing of a program and all the
// processes beside it is alive a second later; where it ends politely, in order.
func together(ctx context.Context, a *arena) error {
	if runtime.GOOS == "windows" {
		return fmt.Errorf("%w: the processes use Unix's ways", errSkip)
	}
	config := "live.mode = \"off\"\nrun.after = [\"db:started\"]\n"
	for _, b := range beside {
		config += fmt.Sprintf("\n[[process]]\nname = %q\n%s\n", strings.ReplaceAll(b.name, " ", "-"), b.config)
	}
	if err := writeModule(a.dir, ""); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(a.dir, ".air-like.toml"), []byte(config), 0o644); err != nil {
		return err
	}
	if err := writeProgram(a.dir, 1, `start("sleep"); time.Sleep(time.Hour)`); err != nil {
		return err
	}
	ways := []struct {
		name string
		end  func(l *loop) error
	}{
		{"ctrl-C", func(l *loop) error { return l.cmd.Process.Signal(os.Interrupt) }},
		{"SIGKILL", func(l *loop) error { return l.cmd.Process.Kill() }},
		{"ctrl-C twice", func(l *loop) error {
			_ = l.cmd.Process.Signal(os.Interrupt) // the second one counts
			time.Sleep(a.within(50 * time.Millisecond))
			err := l.cmd.Process.Signal(os.Interrupt)
			if errors.Is(err, os.ErrProcessDone) {
				return nil
			}
			return err
		}},
		{endings[0].name, endings[0].ask},
	}
	rounds := a.either(100, 2) // a ctrl-C and a SIGKILL at least
	for n := range rounds {
		if a.over() {
			rounds = n
			break
		}
		way := ways[n%len(ways)]
		if err := a.endTogether(ctx, way.end, n/len(ways)%2 == 0, way.name); err != nil {
			return fmt.Errorf("end %d, by %s: %w", n+1, way.name, err)
		}
	}
	a.count(fmt.Sprintf("a program and %d processes ended", len(beside)), "%d times, nothing left a second later", rounds)
	return nil
}

// endTogether starts a hotdev and ends it once all runs (settled), or at any moment.
func (a *arena) endTogether(ctx context.Context, end func(*loop) error, settled bool, way string) error {
	var exited []string
	l, err := a.start(ctx, a.dir, options{tee: func(line string) {
		var e struct{ Event, Program string }
		if json.Unmarshal([]byte(line), &e) == nil && e.Event == "exited" {
			exited = append(exited, e.Program)
		}
	}})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.until("its first word", func() bool { return l.seen("configured") > 0 }); err != nil {
		return err
	}
	if settled {
		for _, b := range beside {
			name := "started " + strings.ReplaceAll(b.name, " ", "-")
			if err := l.until(name, func() bool { return l.seen(name) > 0 }); err != nil {
				return err
			}
		}
		if err := l.says("now 1"); err != nil {
			return err
		}
	}
	time.Sleep(a.within(300 * time.Millisecond))
	if err := end(l); err != nil {
		return err
	}
	if _, err := patience.Receive(l.ended); err != nil {
		return fmt.Errorf("hotdev goes on: %w", err)
	}
	if err := a.nothingLeft(l); err != nil {
		return err
	}
	polite := way == "ctrl-C" || way == endings[0].name
	if polite && l.exit != nil {
		return fmt.Errorf("hotdev ended with %v: %s", l.exit, l.stderr.String())
	}
	if db := slices.Index(exited, "db"); settled && polite && (db < 0 || !slices.Contains(exited[:db], "t")) {
		return fmt.Errorf("the program is to end before what it comes after; ended: %q", exited)
	}
	return nil
}
