package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/runner"
)

// The flag that starts hotdev in the background, and the one that it then has.
const (
	waitReadyFlag  = "wait-ready"
	backgroundFlag = "background"
)

// waitReady is hotdev --wait-ready: it has a hotdev run in the background, waits
// until the program listens, says how it stands and returns. The one in the
// background goes on, whatever has become of the build; hotdev ctl speaks to it.
func waitReady(ctx context.Context, t terminal.Terminal, o options) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	request := control.Request{Verb: "await", Dir: o.Dir, Ready: true, Timeout: control.Duration(o.waitReady)}
	place, fresh, err := background(ctx, t.Stderr, o.Dir, o.args)
	if err != nil {
		return err
	}
	reply, err := place.Ask(ctx, request)
	if ctx.Err() != nil { // interrupted: what was only just started goes with it
		if fresh {
			ctx, cancel := context.WithTimeout(context.Background(), control.DefaultTimeout)
			defer cancel()
			_, err = place.Ask(ctx, control.Request{Verb: "stop"})
		}
		return errors.Join(errKilled, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(t.Stdout, safe.Text(reply.Text))
	if fresh {
		fmt.Fprintf(t.Stderr, "hotdev: in the background, pid %d; hotdev ctl stop ends it\n", place.Pid)
	} else {
		fmt.Fprintf(t.Stderr, "hotdev: the one that runs here already, pid %d\n", place.Pid)
	}
	if reply.Code == control.OK {
		return nil
	}
	return exitCode(reply.Code)
}

// background finds the hotdev that was started in dir with these arguments, however
// it is looked at, or starts one; fresh is that it did. What a hotdev complains of that cannot start
// goes to stderr; the error is then its exit code.
func background(ctx context.Context, stderr io.Writer, dir string, args []string) (place control.Place, fresh bool, err error) {
	if !control.Supported {
		return place, false, project.Usage(errors.New("a hotdev in the background could not be spoken to: there is no control socket on this system yet"))
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return place, false, err
	}
	args = append([]string{"--" + backgroundFlag}, withoutViews(args)...)
	find := func(is func(control.Place) bool) (control.Place, bool) {
		places, err := control.Find(builder.Folders(cache), dir)
		i := slices.IndexFunc(places, is)
		if err != nil || i < 0 {
			return control.Place{}, false
		}
		return places[i], true
	}
	if place, ok := find(func(p control.Place) bool { return p.Dir == dir && slices.Equal(withoutViews(p.Args), args[1:]) }); ok {
		return place, false, nil
	}
	self, err := os.Executable()
	if err != nil {
		return place, false, err
	}
	home := filepath.Join(cache, "hotdev") // nobody else is to read what is said
	if err := os.MkdirAll(home, 0o700); err != nil {
		return place, false, err
	}
	said, err := os.CreateTemp(home, ".start-")
	if err != nil {
		return place, false, err
	}
	defer said.Close()
	defer os.Remove(said.Name())
	child, err := runner.Detach(said, append([]string{self}, args...)...)
	if err != nil {
		return place, false, err
	}
	look := time.NewTicker(20 * time.Millisecond) // there is nothing to wait on for a file of another's
	defer look.Stop()
	for {
		select {
		case code := <-child.Done:
			text, _ := os.ReadFile(said.Name())
			_, _ = stderr.Write(text)
			if code <= 0 {
				return place, true, errors.New("the hotdev in the background has ended")
			}
			return place, true, exitCode(code)
		case <-ctx.Done():
			p, _ := os.FindProcess(child.Pid)
			_ = p.Signal(syscall.SIGTERM)
			<-child.Done
			return place, true, errKilled
		case <-look.C:
			if place, ok := find(func(p control.Place) bool { return p.Pid == child.Pid }); ok {
				return place, true, nil
			}
		}
	}
}

// withoutViews leaves out of hotdev's arguments how it is looked at.
func withoutViews(args []string) []string {
	var out []string
	for i, a := range args {
		name, _, _ := strings.Cut(a, "=")
		switch name {
		case "--":
			return append(out, args[i:]...)
		case "--" + waitReadyFlag, "--" + backgroundFlag, "--plain", "--json", "--no-color":
		default:
			out = append(out, a)
		}
	}
	return out
}
