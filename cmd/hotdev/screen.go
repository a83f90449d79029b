package main

import (
	"io"
	"os"
	"strings"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// screenOptions connect the screen to this terminal and project.
func screenOptions(t terminal, o options, p *project.Project, send func(engine.Event)) tui.Options {
	screen := p.Screen()
	host, _ := os.Hostname() // a link without a host is one too
	opts := tui.Options{
		Send:     send,
		Input:    t.stdin,
		Output:   t.stdout,
		Env:      os.Environ(),
		NoColor:  o.noColor || t.getenv("NO_COLOR") != "",
		ASCII:    !screen.Unicode || !speaksUnicode(t.getenv),
		NoMouse:  !screen.Mouse,
		Theme:    screen.Theme,
		Layout:   recallLayout(),
		Remember: rememberLayout,
		Dir:      o.Dir,
		Host:     host,
		Open: func(file string, line, column int) (tui.Command, bool, error) {
			argv, terminal, err := tui.Editor(screen.Editor, t.getenv, file, line, column)
			if err != nil {
				return nil, false, err
			}
			return runner.Foreground(o.Dir, os.Environ(), argv...), terminal, nil
		},
		Page: func(write func(io.Writer) error) (tui.Command, bool, func(), error) {
			return pager(o.Dir, screen.Editor, t.getenv, write)
		},
		Save: func(name string, write func(io.Writer) error) (string, error) {
			return saveNew(o.Dir, name, write)
		},
	}
	if t.suspender != nil { // or else it would be a Command that is not nil
		opts.Suspend = t.suspender
	}
	return opts
}

// speaksUnicode is false only where the locale says so: many terminals have no
// locale set and draw boxes very well.
func speaksUnicode(getenv func(string) string) bool {
	for _, k := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(k); v != "" {
			v = strings.ToUpper(v)
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return true
}
