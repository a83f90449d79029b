package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/atomicfile"
	"github.com/hotdev/hotdev/proxy"
	"github.com/hotdev/hotdev/session"
)

// webToken is the secret that hotdev's own endpoints want, which a page gets with the
// script. It stays the same, so that an open page survives hotdev's restart; where it
// cannot be kept, it holds for this run.
func webToken() string {
	token := rand.Text()
	cache, err := os.UserCacheDir()
	if err != nil {
		return token
	}
	file := filepath.Join(cache, "hotdev", "web.token")
	kept := func() string {
		text, _ := os.ReadFile(file)
		return strings.TrimSpace(string(text))
	}
	if old := kept(); len(old) == len(token) {
		return old
	}
	// Another hotdev may do the same at this moment.
	if os.MkdirAll(filepath.Dir(file), 0o700) != nil || atomicfile.Write(file, []byte(token+"\n"), 0o600) != nil {
		return token
	}
	return kept()
}

// webOpen opens a file from a page, in an editor that has a window of its own. The
// terminal is the screen's.
func webOpen(t terminal.Terminal, dir string, p *project.Project) func(file string, line, column int) error {
	return func(file string, line, column int) error {
		command, needsTerminal, err := t.ScreenOptions(dir, p.Screen(), nil).Open(file, line, column)
		switch {
		case err != nil:
			return err
		case needsTerminal:
			return errors.New("your editor runs in a terminal: press enter at this place on hotdev's screen")
		}
		return command.Run()
	}
}

// A webView shows a proxy the program that it is of.
type webView struct {
	proxy   *proxy.Proxy
	program int
}

func (v webView) Show(s session.State, program int, e engine.Event) {
	if program == v.program {
		v.proxy.Show(s.Programs[program].State, e)
	}
}

// withWebPort makes "--web 8080" one argument: the port is optional, and a flag's
// optional value has to be part of it.
func withWebPort(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...)
		}
		if args[i] == "--web" && i+1 < len(args) {
			if _, err := strconv.ParseUint(args[i+1], 10, 16); err == nil {
				out = append(out, "--web="+args[i+1])
				i++
				continue
			}
		}
		out = append(out, args[i])
	}
	return out
}

// webPort is the value of --web.
type webPort int

func (p *webPort) String() string { return strconv.Itoa(int(*p)) }
func (p *webPort) Type() string   { return "port" }

func (p *webPort) Set(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("%q is no port: want a number from 1 to 65535", s)
	}
	*p = webPort(n)
	return nil
}
