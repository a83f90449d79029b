package terminal

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// ScreenOptions connects the screen to the terminal. Paths are relative to dir.
func (t Terminal) ScreenOptions(dir string, screen config.Screen, send func(program int, e engine.Event)) tui.Options {
	host, _ := os.Hostname() // a link works without a host name, too
	opts := tui.Options{
		Send:     send,
		Input:    t.Stdin,
		Output:   t.Stdout,
		Env:      os.Environ(),
		NoColor:  t.NoColor,
		ASCII:    !screen.Unicode || !speaksUnicode(t.Getenv),
		NoMouse:  !screen.Mouse,
		Theme:    screen.Theme,
		Layout:   recallLayout(),
		Remember: rememberLayout,
		Dir:      dir,
		Host:     host,
		Open: func(file string, line, column int) (tui.Command, bool, error) {
			argv, terminal, err := tui.Editor(screen.Editor, t.Getenv, file, line, column)
			if err != nil {
				return nil, false, err
			}
			return runner.Foreground(dir, os.Environ(), argv...), terminal, nil
		},
		Browse: func(address string) tui.Command {
			return runner.Foreground(dir, os.Environ(), append(browser(), address)...)
		},
		Page: func(write func(io.Writer) error) (tui.Command, bool, func(), error) {
			return pager(dir, screen.Editor, t.Getenv, write)
		},
		Save: func(name string, write func(io.Writer) error) (string, error) {
			return saveNew(dir, name, write)
		},
	}
	if t.Suspender != nil { // a nil pointer in the interface would not be nil
		opts.Suspend = t.Suspender
	}
	return opts
}

// OwnFiles returns absolute paths of the files and folders that the screen writes; the
// last element may be a pattern.
func OwnFiles() []string {
	own := []string{filepath.Join(os.TempDir(), outputFolder)}
	if file, err := layoutFile(); err == nil {
		own = append(own, filepath.Dir(file))
	}
	return own
}

// speaksUnicode is false only if the locale says so: many terminals have no locale set
// and draw boxes well.
func speaksUnicode(getenv func(string) string) bool {
	for _, k := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(k); v != "" {
			v = strings.ToUpper(v)
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return true
}
