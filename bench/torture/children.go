package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// naughty are programs that make it hard to end them, or to live with them.
// Each says "now" and its version first, unless it is silent.
var naughty = []struct{ name, config, body string }{
	{"well-behaved", "", `time.Sleep(time.Hour)`},
	{"deaf", "[run]\nstop_timeout = \"200ms\"\n", `signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP); time.Sleep(time.Hour)`},
	{"forking", "", `for range 20 { start("sleep") }; time.Sleep(time.Hour)`},
	{"forking deaf children", "[run]\nstop_timeout = \"200ms\"\n", `for range 5 { start("deaf") }; time.Sleep(time.Hour)`},
	{"daemonising", "", `c := exec.Command(os.Args[0], "daemon"); c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}; c.Start(); time.Sleep(time.Hour)`},
	{"exec'ing itself", "", `syscall.Exec(os.Args[0], []string{os.Args[0], "sleep"}, os.Environ())`},
	{"flooding", "", `for { fmt.Println(strings.Repeat("x", 200)) }`},
	{"flooding without a newline", "", `for { fmt.Print(strings.Repeat("x", 200)) }`},
	{"closing its output", "", `os.Stdout.Close(); os.Stderr.Close(); time.Sleep(time.Hour)`},
	{"gone, its child holding the pipes", "", `start("sleep")`},
	{"ending at once", "", ``},
	{"crashing at once", "", `panic("no")`},
	{"crashing at once, restarted", "[run]\nrestart_on_crash = true\n", `os.Exit(3)`},
	{"eating memory", "", `b := make([]byte, 256<<20); for i := range b { b[i] = 1 }; time.Sleep(time.Hour)`},
	{"with a terminal in raw mode", "[run]\ntty = true\n", `exec.Command("stty", "raw", "-echo").Run(); fmt.Print("\x1b[?1049h\x1b[?1000h\x1b]0;title\x07"); time.Sleep(time.Hour)`},
}

const naughtyProgram = `package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

var _ = []any{signal.Ignore, strings.Repeat, syscall.SIGINT, time.Hour, exec.Command}

func start(how string) {
	c := exec.Command(os.Args[0], how)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Start()
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "deaf":
			signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		case "daemon":
			start("sleep")
			return
		}
		time.Sleep(time.Hour)
	}
	fmt.Println("now", %d)
	%s
}
`

// children holds hotdev to this: whatever the program does, it is ended before
// the next one starts, nothing of it is left at the end, and thousands of
// restarts cost hotdev nothing that it does not give back.
func children(ctx context.Context, a *arena) error {
	if runtime.GOOS == "windows" {
		return fmt.Errorf("%w: the programs use Unix's ways", errSkip)
	}
	for i, n := range naughty {
		dir := filepath.Join(a.dir, fmt.Sprint(i))
		if err := a.endure(ctx, dir, n.config, n.body, a.times(300)); err != nil {
			return fmt.Errorf("a program %s: %w", n.name, err)
		}
	}
	a.count("kinds of difficult programs", "%d, %d saves each, nothing left", len(naughty), a.times(300))
	return a.growth(ctx)
}

func (a *arena) endure(ctx context.Context, dir, config, body string, rounds int) error {
	write := func(version int) error { return writeProgram(dir, version, body) }
	if err := writeModule(dir, config); err != nil {
		return err
	}
	if err := write(1); err != nil {
		return err
	}
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says("now 1"); err != nil {
		return err
	}
	for n := range rounds {
		if err := write(n + 2); err != nil {
			return err
		}
		if err := l.says(fmt.Sprintf("now %d", n+2)); err != nil {
			return err
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

func writeModule(dir, config string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/t\n\ngo 1.24\n"), 0o644); err != nil {
		return err
	}
	if config == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, ".air-like.toml"), []byte(config), 0o644)
}

// writeProgram saves by a rename, so that no half of it is ever built.
func writeProgram(dir string, version int, body string) error {
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file+".tmp", fmt.Appendf(nil, naughtyProgram, version, body), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".tmp", file)
}

// growth measures hotdev itself over many restarts.
func (a *arena) growth(ctx context.Context) error {
	dir := filepath.Join(a.dir, "growth")
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	const body = `start("sleep"); time.Sleep(time.Hour)`
	if err := writeProgram(dir, 1, body); err != nil {
		return err
	}
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says("now 1"); err != nil {
		return err
	}
	rounds := a.times(2000)
	warm := min(100, rounds/2+1)
	var before footprint
	for n := range rounds {
		if n == warm {
			before = footprintOf(l.cmd.Process.Pid)
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
