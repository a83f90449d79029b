package loop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// profilesFolder is the folder for profiles: in the project's part of the cache, beside
// the folders of single hotdevs, so that profiles outlive this one.
func profilesFolder(own string) string { return filepath.Join(filepath.Dir(own), "profiles") }

// takeProfile takes a profile of a program that listens at addrs.
type takeProfile = func(ctx context.Context, program int, k profiler.Kind, addrs []string) (profiler.Profile, error)

// direct has live code take profiles of a world's program.
func direct(w *world.World) func(context.Context, profiler.Kind) (profiler.Direct, error) {
	return func(ctx context.Context, k profiler.Kind) (d profiler.Direct, err error) {
		found, err := w.Profile(ctx, k.Name, k.Takes)
		if errors.Is(err, builder.ErrNotLive) {
			return d, notLive{err}
		}
		d.File, d.Rate = found.File, found.Rate
		for _, f := range found.Frames {
			d.Frames = append(d.Frames, profiler.Frame(f))
		}
		for _, s := range found.List {
			d.List = append(d.List, profiler.Stack(s))
		}
		return d, err
	}
}

// notLive is a [profiler.ErrNotLive].
type notLive struct{ error }

func (notLive) Is(target error) bool { return target == profiler.ErrNotLive }

// leaving is how long a web view may take to end, because the go command removes its
// temporary folder.
const leaving = 2 * time.Second

// pprofViews are the web views of profiles, each a process of the go command. They end
// with hotdev.
type pprofViews struct {
	dir    string // of the project
	browse func(address string) tui.Command

	mu    sync.Mutex
	over  bool
	views map[string]pprofView // by the profile's file
}

type pprofView struct {
	*runner.Process
	address string
}

// serve waits for ctx to end, then ends all views, and returns when they are gone.
func (v *pprofViews) serve(ctx context.Context) {
	<-ctx.Done()
	v.mu.Lock()
	v.over = true
	views := v.views
	v.mu.Unlock()
	for _, view := range views {
		view.Stop()
	}
	for _, view := range views {
		<-view.Done()
	}
}

// show opens a view in the browser, and returns its address.
func (v *pprofViews) show(p profiler.Profile) (address string, err error) {
	view, fresh, err := v.view(p)
	if err != nil {
		return "", err
	}
	if fresh && p.Kind.Trace { // go tool trace opens the browser itself
		return view.address, nil
	}
	if err := v.browse(view.address).Run(); err != nil {
		return "", fmt.Errorf("open %s in your browser: %w", view.address, err)
	}
	return view.address, nil
}

// view returns the view of a profile, and starts it if it is not running. fresh reports
// whether it started it.
func (v *pprofViews) view(p profiler.Profile) (view pprofView, fresh bool, err error) {
	v.mu.Lock()
	view, known := v.views[p.File]
	v.mu.Unlock()
	if known {
		select {
		case <-view.Done():
		default:
			return view, false, nil
		}
	}
	addr, err := freePort()
	if err != nil {
		return pprofView{}, false, err
	}
	args := []string{"tool", "pprof", "-no_browser", "-http=" + addr, p.File}
	if p.Kind.Trace {
		args = []string{"tool", "trace", "-http=" + addr, p.File}
	}
	var said lastLine
	view, err = v.start(p.File, addr, args, &said)
	if err != nil {
		return pprofView{}, false, err
	}
	// At first the go command may have to compile the tools.
	for {
		c, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			return view, true, c.Close()
		}
		select {
		case <-view.Done():
			return pprofView{}, false, fmt.Errorf("go %s ended: %s", strings.Join(args[:2], " "), said.text())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// start starts a view, unless hotdev is ending.
func (v *pprofViews) start(file, addr string, args []string, said *lastLine) (pprofView, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.over {
		return pprofView{}, errors.New("hotdev is about to end")
	}
	if view, known := v.views[file]; known { // another call was faster
		select {
		case <-view.Done():
		default:
			return view, nil
		}
	}
	p, err := runner.Start(runner.Spec{Path: "go", Args: args, Dir: v.dir, StopTimeout: leaving}, said.take)
	if err != nil {
		return pprofView{}, err
	}
	if v.views == nil {
		v.views = map[string]pprofView{}
	}
	v.views[file] = pprofView{p, "http://" + addr}
	return v.views[file], nil
}

// freePort returns an address of this machine that no process listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// lastLine keeps the last line that a process prints.
type lastLine struct {
	mu   sync.Mutex
	last string
}

func (l *lastLine) take(lines []runner.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range lines {
		if strings.TrimSpace(line.Text) != "" {
			l.last = line.Text
		}
	}
}

func (l *lastLine) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
