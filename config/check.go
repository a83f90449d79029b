package config

import (
	"fmt"
	"go/token"
	"maps"
	"net"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Signals are the names that run.stop_signal may have: those of Unix that a
// program can be expected to end at.
func Signals() []string {
	return []string{"SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGABRT", "SIGALRM", "SIGWINCH", "SIGKILL"}
}

// Modes are the values of plugin.mode.
func Modes() []string { return []string{"auto", "restart", "plugin"} }

// Inputs are the values of run.stdin: what a program without a terminal reads.
func Inputs() []string { return []string{"none", "lines"} }

// Themes are the values of screen.theme.
func Themes() []string { return []string{"auto", "dark", "light", "ember", "sea", "contrast"} }

// minPoll is the shortest interval between two looks at every watched file. A
// shorter one would look again before it has finished in a project of some
// thousand files.
const minPoll = 10 * time.Millisecond

// check finds mistakes in values of the right type, and normalizes patterns. A value
// that was already reported has its default here.
func (d *document) check(c *Config) {
	d.checkProgram(c)
	d.checkTest(&c.Test)
	d.checkDebug(c.Debug)
	if themes := Themes(); !slices.Contains(themes, c.Screen.Theme) {
		d.choice(d.in("screen", "theme"), "theme", c.Screen.Theme, nearest.Of(c.Screen.Theme, themes), themes)
	}
	for action, keys := range c.Keys {
		if slices.Contains(keys, "") {
			d.wrong(d.in("keys", action), "a key must not be empty")
		}
	}
}

func (d *document) checkDebug(c Debug) {
	if c.Port < 0 || c.Port > 65535 {
		d.wrong(d.in("debug", "port"), "want a port from 1 to 65535, or 0 for one that hotdev chooses, have %d", c.Port)
	}
	for i, flag := range c.Flags {
		at := d.in("debug", "flags", strconv.Itoa(i))
		name, _, _ := strings.Cut(strings.TrimLeft(flag, "-"), "=")
		switch {
		case !strings.HasPrefix(flag, "-"):
			d.wrong(at, "%q is no flag of dlv: want one argument each, such as \"--backend=native\"", flag)
		case slices.Contains([]string{"listen", "l", "headless", "accept-multiclient", "api-version", "continue", "log-dest", "check-go-version"}, name):
			d.wrong(at, "hotdev sets %s itself", flag)
		}
	}
}

// checkProgram checks what there can be one of for each program.
func (d *document) checkProgram(c *Config) {
	d.checkWeb(&c.Web)
	if updates := Updates(); !slices.Contains(updates, c.Web.Update) {
		d.choice(d.in("web", "update"), "update", c.Web.Update, nearest.Of(c.Web.Update, updates), updates)
	}
	d.checkFlags(c.Build.Flags)
	for i, argv := range c.Build.Before {
		if env, _ := assignments(argv); len(env) > 0 {
			d.wrong(d.in("build", "before", strconv.Itoa(i)), "%q is no command: set variables in [build.env]", argv[0])
		}
	}
	d.checkNames("build", c.Build.Env)

	d.checkNames("run", c.Run.Env)
	d.checkPort(d.in("run", "port"), d.in("run", "env"), c.Run.Port, c.Run.Env)
	if w := c.Run.Wrapper; len(w) > 0 && (w[0] == "" || w[0] == ProgramPlace) {
		d.wrong(d.in("run", "wrapper"), "is to begin with a command, such as [\"dlv\", \"exec\"]")
	}
	for i, file := range c.Run.EnvFiles {
		if file == "" {
			d.wrong(d.in("run", "env_files", strconv.Itoa(i)), "must not be empty")
		}
	}
	d.checkInput(d.in("run", "stdin"), c.Run.Stdin, c.Run.TTY)
	d.checkSignal(d.in("run", "stop_signal"), c.Run.StopSignal)
	d.checkReady(d.in("run", "ready"), c.Run.Ready)
	d.checkSockets(c.Run.Socket)
	d.checkSwap(c.Run)

	if modes := []string{"auto", "off"}; !slices.Contains(modes, c.Live.Mode) {
		d.choice(d.in("live", "mode"), "mode", c.Live.Mode, nearest.Of(c.Live.Mode, modes), modes)
	}
	d.checkPatterns("live", "restart_on", c.Live.RestartOn)
	if modes := Modes(); !slices.Contains(modes, c.Plugin.Mode) {
		d.choice(d.in("plugin", "mode"), "mode", c.Plugin.Mode, nearest.Of(c.Plugin.Mode, modes), modes)
	}
	if s := c.Plugin.Symbol; s != "" && !(token.IsIdentifier(s) && token.IsExported(s)) {
		d.wrong(d.in("plugin", "symbol"), "%q cannot be the name of an exported function", s)
	}
	if c.Plugin.NotifySignal != "" {
		d.checkSignal(d.in("plugin", "notify_signal"), c.Plugin.NotifySignal)
	}
	for i, p := range c.Plugin.Packages {
		if p == "" || strings.Contains(p, "...") || strings.HasPrefix(p, "-") || strings.HasSuffix(p, ".go") {
			d.wrong(d.in("plugin", "packages", strconv.Itoa(i)), "%q does not name one package", p)
		}
	}
	d.checkCount("plugin", "max_generations", c.Plugin.MaxGenerations)
	d.checkCount("plugin", "max_memory", c.Plugin.MaxMemory)

	d.checkPatterns("watch", "include", c.Watch.Include)
	d.checkPatterns("watch", "exclude", c.Watch.Exclude)
	if modes := []string{"auto", "always", "never"}; !slices.Contains(modes, c.Watch.Poll) {
		d.choice(d.in("watch", "poll"), "mode", c.Watch.Poll, nearest.Of(c.Watch.Poll, modes), modes)
	}

	d.checkDuration("run", "stop_timeout", &c.Run.StopTimeout, 1)
	d.checkDuration("web", "wait", &c.Web.Wait, 1)
	d.checkDuration("watch", "poll_interval", &c.Watch.PollInterval, minPoll)
	d.checkDuration("watch", "quiet", &c.Watch.Quiet, 1)
	d.checkDuration("watch", "max", &c.Watch.Max, 1)
	if quiet, max := c.Watch.Quiet, c.Watch.Max; quiet > max && !d.bad[id(d.in("watch", "quiet"))] && !d.bad[id(d.in("watch", "max"))] {
		// Blame the one that the file sets.
		if _, set := d.places[id(d.in("watch", "quiet"))]; set {
			d.wrong(d.in("watch", "quiet"), "%s is longer than watch.max, %s", quiet, max)
		} else {
			d.wrong(d.in("watch", "max"), "%s is shorter than watch.quiet, %s", max, quiet)
		}
	}
}

// checkInput checks a stdin.
func (d *document) checkInput(at []string, input string, tty bool) {
	if inputs := Inputs(); !slices.Contains(inputs, input) {
		d.choice(at, "input", input, nearest.Of(input, inputs), inputs)
	} else if tty && input != inputs[0] {
		d.wrong(at, "with tty = true the program reads from its terminal: remove one of the two")
	}
}

// keysAt is where the actions of keys are set.
func (d *document) keysAt(keys map[string][]string) map[string]Place {
	if len(keys) == 0 {
		return nil
	}
	at := make(map[string]Place, len(keys))
	for action := range keys {
		at[action] = d.at([]string{"keys", action})
	}
	return at
}

// at is where the key at path is set.
func (d *document) at(path []string) Place {
	line, column := d.position(d.place(path).key)
	return Place{File: d.name, Line: line, Column: column, Key: spell(path)}
}

// checkFlags notes what go build must not be told, and what it would not
// understand.
func (d *document) checkFlags(flags []string) {
	skip := false // the next one is this flag's value, whatever it is
	for i, flag := range flags {
		if skip {
			skip = false
			continue
		}
		at := d.in("build", "flags", strconv.Itoa(i))
		name, _, hasValue := strings.Cut(flag, "=")
		first, _, two := strings.Cut(name, " ")
		switch plain := "-" + strings.TrimLeft(name, "-"); {
		case flag == "":
			d.wrong(at, "must not be empty")
		case !strings.HasPrefix(flag, "-"):
			d.wrong(at, "%q is no flag; the package is set by build.package", flag)
		case plain == "-o":
			d.wrong(at, "the place of the binary is set by build.output")
			skip = !hasValue
		case plain == "-C":
			d.wrong(at, "the go command runs in the folder of this file")
			skip = !hasValue
		case plain == "-json" || plain == "-n" || plain == "-v" || plain == "-x":
			d.wrong(at, "%s would change what hotdev reads from the go command", name)
		case two:
			d.wrong(at, "%q is one argument; write two: %q, %q", flag, first, strings.TrimLeft(flag[len(first):], " "))
		default:
			skip = !hasValue && takesValue(plain)
		}
	}
}

// takesValue reports whether a flag of go build, written without "=", takes the
// next argument.
func takesValue(flag string) bool {
	switch flag {
	case "-C", "-o", "-p", "-asmflags", "-buildmode", "-compiler", "-covermode", "-coverpkg", "-gccgoflags", "-gcflags",
		"-installsuffix", "-ldflags", "-mod", "-modfile", "-overlay", "-pgo", "-pkgdir", "-tags", "-toolexec":
		return true
	}
	return false
}

func (d *document) checkDuration(table, key string, v *time.Duration, least time.Duration) {
	switch {
	case *v <= 0:
		d.wrong(d.in(table, key), "must be more than 0, have %q", v.String())
	case *v < least:
		d.wrong(d.in(table, key), "must be at least %q, have %q", least, v.String())
	}
}

// checkSockets checks the addresses that hotdev is to listen on for the program.
func (d *document) checkSockets(addrs Addresses) {
	for i, addr := range addrs {
		at := d.in("run", "socket", strconv.Itoa(i))
		if _, listed := d.places[id(at)]; !listed {
			at = d.in("run", "socket")
		}
		_, port, err := net.SplitHostPort(addr)
		n, err2 := strconv.Atoi(port)
		switch {
		case err != nil || err2 != nil || n < 1 || n > 65535:
			d.wrong(at, "%q: want a host, or none, and a port from 1 to 65535, such as \":8080\" or \"127.0.0.1:8080\"", addr)
		case slices.Contains(addrs[:i], addr):
			d.wrong(at, "%q is there twice", addr)
		}
	}
}

// Swaps are the values of run.swap.
func Swaps() []string { return []string{"off", "ready"} }

// checkSwap checks that two programs can run side by side, and that it can be told which
// of them is ready.
func (d *document) checkSwap(r Run) {
	at := d.in("run", "swap")
	switch modes := Swaps(); {
	case !slices.Contains(modes, r.Swap):
		d.choice(at, "mode", r.Swap, nearest.Of(r.Swap, modes), modes)
	case r.Swap == "off":
	case len(r.Socket) == 0:
		d.wrong(at, "two programs can only run side by side on a socket that hotdev listens on for both: set run.socket")
	case r.Ready.Port > 0 || r.Ready.HTTP != "" || len(r.Ready.Command) > 0:
		d.wrong(at, "run.ready would ask the program that runs whether the next one is ready: take it out, or use its log")
	}
}

func (d *document) checkSignal(path []string, s string) {
	if slices.Contains(Signals(), s) {
		return
	}
	near := nearest.Of(s, Signals())
	if near == "" {
		near = nearest.Of("SIG"+s, Signals())
	}
	d.choice(path, "signal", s, near, Signals())
}

func (d *document) checkCount(table, key string, n int) {
	if n <= 0 {
		d.wrong(d.in(table, key), "must be more than 0, have %d", n)
	}
}

func (d *document) choice(path []string, kind, value, near string, all []string) {
	if near != "" {
		d.wrong(path, "unknown %s %q: did you mean %q?", kind, value, near)
		return
	}
	d.wrong(path, "unknown %s %q: want one of %s", kind, value, strings.Join(all, ", "))
}

func (d *document) checkNames(table string, env map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if !validName(name) {
			d.wrong(d.in(table, "env", name), "%q cannot be the name of a variable", name)
		}
	}
}

// validName reports whether name can be the name of an environment variable. Programs
// accept many names that no shell would.
func validName(name string) bool {
	return name != "" && !strings.ContainsAny(name, "= \t\r\n\x00")
}

// checkPatterns checks patterns in place; a leading "./" is taken away, since
// the paths that they are matched with have none.
func (d *document) checkPatterns(table, key string, patterns []string) {
	for i, pattern := range patterns {
		patterns[i] = strings.TrimPrefix(pattern, "./")
		if why := badPattern(patterns[i]); why != "" {
			if table != "watch" {
				why, _, _ = strings.Cut(why, "; what is not to be watched")
			}
			d.wrong(d.in(table, key, strconv.Itoa(i)), "%s", why)
		}
	}
}

// badPattern describes the mistake in a pattern; empty if there is none.
func badPattern(pattern string) string {
	switch {
	case pattern == "":
		return "must not be empty"
	case strings.HasPrefix(pattern, "!"):
		return fmt.Sprintf("%q: patterns are not negated; what is not to be watched goes into watch.exclude", pattern)
	case path.IsAbs(pattern) || pattern == ".." || strings.HasPrefix(pattern, "../"):
		return fmt.Sprintf("%q: patterns are relative to the folder of this file and stay in it", pattern)
	case strings.HasSuffix(pattern, "/"):
		return fmt.Sprintf("%q: for everything in a folder write %q", pattern, pattern+"**")
	case !doublestar.ValidatePattern(pattern):
		return fmt.Sprintf("%q: a bracket is not closed, or nothing follows a backslash", pattern)
	}
	return ""
}
