package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/runner"
)

// The flag that starts hotdev in the background, and the one that replaces it there.
const (
	WaitReadyFlag  = "wait-ready"
	BackgroundFlag = "background"
)

// WaitReady is hotdev --wait-ready, with these arguments in dir: it ensures that a
// hotdev is running in the background, waits until the program listens, prints the
// result and returns. The hotdev in the background keeps running, whatever the result.
// If ctx ends, a hotdev that was started here is stopped.
func WaitReady(ctx context.Context, stdout, stderr io.Writer, dir string, args []string, timeout time.Duration) error {
	place, fresh, err := background(ctx, stderr, dir, args)
	if err != nil {
		return err
	}
	reply, err := place.Ask(ctx, control.Request{Verb: "await", Dir: dir, Ready: true, Timeout: control.Duration(timeout)})
	if ctx.Err() != nil { // interrupted: also stop what was only just started
		if fresh {
			err = stop(place)
		}
		return errors.Join(exit.Killed, err)
	}
	if err != nil {
		return err
	}
	fmt.Fprint(stdout, safe.Text(reply.Text))
	if fresh {
		fmt.Fprintf(stderr, "hotdev: in the background, pid %d; hotdev ctl stop ends it\n", place.Pid)
	} else {
		fmt.Fprintf(stderr, "hotdev: the one that runs here already, pid %d\n", place.Pid)
	}
	return ended(reply)
}

// stop ends a hotdev, even though the caller's context has ended.
func stop(place control.Place) error {
	ctx, cancel := context.WithTimeout(context.Background(), control.DefaultTimeout)
	defer cancel()
	_, err := place.Ask(ctx, control.Request{Verb: "stop"})
	return err
}

// background finds the hotdev that was started in dir with these arguments, whatever
// its views, or starts one; fresh reports which. If a hotdev cannot start, its messages
// go to stderr, and the error is its exit code.
func background(ctx context.Context, stderr io.Writer, dir string, args []string) (place control.Place, fresh bool, err error) {
	if !control.Supported {
		return place, false, project.Usage(errors.New("a hotdev in the background could not be spoken to: there is no control socket on this system yet"))
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return place, false, err
	}
	args = append([]string{"--" + BackgroundFlag}, withoutViews(args)...)
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
	home := filepath.Join(cache, "hotdev") // only the user may read its messages
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
	look := time.NewTicker(20 * time.Millisecond) // another process's file gives no notice
	defer look.Stop()
	for {
		select {
		case code := <-child.Done:
			text, _ := os.ReadFile(said.Name())
			_, _ = stderr.Write(text)
			if code <= 0 {
				return place, true, errors.New("the hotdev in the background has ended")
			}
			return place, true, exit.Code(code)
		case <-ctx.Done():
			p, _ := os.FindProcess(child.Pid)
			_ = p.Signal(syscall.SIGTERM)
			<-child.Done
			return place, true, exit.Killed
		case <-look.C:
			if place, ok := find(func(p control.Place) bool { return p.Pid == child.Pid }); ok {
				return place, true, nil
			}
		}
	}
}

// withoutViews removes the arguments that choose hotdev's views.
func withoutViews(args []string) []string {
	var out []string
	for i, a := range args {
		name, _, _ := strings.Cut(a, "=")
		switch name {
		case "--":
			return append(out, args[i:]...)
		case "--" + WaitReadyFlag, "--" + BackgroundFlag, "--plain", "--json", "--no-color":
		default:
			out = append(out, a)
		}
	}
	return out
}
