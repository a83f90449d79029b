package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// naughty are programs that are hard to end, or to live with. Each prints "now" and its
// version first, unless it is silent.
var naughty = []struct{ name, config, body string }{
	{"well-behaved", "", `time.Sleep(time.Hour)`},
	{"deaf", "[run]\nstop_timeout = \"200ms\"\n", `signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP); time.Sleep(time.Hour)`},
	{"forking", "", `for range 20 { start("sleep") }; time.Sleep(time.Hour)`},
	{"forking deaf children", "[run]\nstop_timeout = \"200ms\"\n", `for range 5 { start("deaf") }; time.Sleep(time.Hour)`},
	{"daemonising", "", `c := exec.Command(os.Args[0], "daemon"); c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}; c.Start(); time.Sleep(time.Hour)`},
	{"exec'ing another program", "", `syscall.Exec("/bin/sleep", []string{"sleep", "3600"}, os.Environ())`},
	{"exec'ing itself", "", `syscall.Exec(os.Args[0], []string{os.Args[0], "sleep"}, os.Environ())`},
	{"flooding", "", `for { fmt.Println(strings.Repeat("x", 200)) }`},
	{"flooding without a newline", "", `for { fmt.Print(strings.Repeat("x", 200)) }`},
	{"closing its output", "", `os.Stdout.Close(); os.Stderr.Close(); time.Sleep(time.Hour)`},
	{"gone, its child holding the pipes", "", `start("sleep")`},
	{"gone, a daemon holding the pipes", "", `c := exec.Command(os.Args[0], "daemon"); c.Stdout, c.Stderr = os.Stdout, os.Stderr; c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}; c.Run()`},
	{"closing its output, its child printing on", "", `start("print"); os.Stdout.Close(); os.Stderr.Close(); time.Sleep(time.Hour)`},
	{"stopped", "[run]\nstop_timeout = \"200ms\"\n", `syscall.Kill(os.Getpid(), syscall.SIGSTOP); time.Sleep(time.Hour)`},
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
		case "print":
			for range time.Tick(time.Millisecond) {
				fmt.Println("and on")
			}
		}
		time.Sleep(time.Hour)
	}
	fmt.Println("now", %d)
	%s
}
`

// children checks that whatever the program does, it is ended before the next one
// starts, and nothing of it is left at the end.
func children(ctx context.Context, a *arena) error {
	if runtime.GOOS == "windows" {
		return fmt.Errorf("%w: the programs use Unix's ways", errSkip)
	}
	if err := a.parade(ctx, filepath.Join(a.dir, "all")); err != nil {
		return err
	}
	a.count("kinds of difficult programs", "%d, one after the other, nothing left", len(naughty))
	if a.short {
		return nil
	}
	const saves = 100
	for i, n := range naughty {
		if err := a.endure(ctx, filepath.Join(a.dir, fmt.Sprint(i)), n.config, n.body, saves); err != nil {
			return fmt.Errorf("a program %s: %w", n.name, err)
		}
	}
	a.count("each of them with a hotdev of its own", "%d saves, nothing left", saves)
	return nil
}

// parade makes each of the naughty programs in turn the program of one hotdev, in an
// order that depends on the seed, with the configuration for it.
func (a *arena) parade(ctx context.Context, dir string) error {
	order := a.rng.Perm(len(naughty))
	if err := writeModule(dir, "[run]\n"); err != nil {
		return err
	}
	if err := writeProgram(dir, 1, naughty[order[0]].body); err != nil {
		return err
	}
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	for n, i := range order {
		if n > 0 {
			config := naughty[i].config
			if config == "" {
				config = "[run]\n"
			}
			if err := writeModule(dir, config); err != nil {
				return err
			}
			if err := writeProgram(dir, n+1, naughty[i].body); err != nil {
				return err
			}
		}
		if err := l.says(fmt.Sprintf("now %d", n+1)); err != nil {
			return fmt.Errorf("a program %s: %w", naughty[i].name, err)
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

func (a *arena) endure(ctx context.Context, dir, config, body string, rounds int) error {
	write := func(version int) error { return writeProgram(dir, version, body) }
	l, err := a.begin(ctx, dir, config, body, options{})
	if err != nil {
		return err
	}
	defer l.kill()
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

// onlyRestarts is the configuration of programs that must be replaced after a save;
// live code has its own trial.
const onlyRestarts = "[live]\nmode = \"off\"\n"

func writeModule(dir, config string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/t\n\ngo 1.24\n"), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ".air-like.toml"), []byte(onlyRestarts+config), 0o644)
}

// writeProgram saves by a rename, so that no part of a file is ever built.
func writeProgram(dir string, version int, body string) error {
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file+".tmp", fmt.Appendf(nil, naughtyProgram, version, body), 0o644); err != nil {
		return err
	}
	return os.Rename(file+".tmp", file)
}
