package world

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/debugger"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// debugging is the debugger in force, if there is one.
type debugging struct {
	mu    sync.Mutex // guards what follows
	now   *debugger.Debugger
	delve []string // the command that starts it, with the flags that the user wants
	stop  context.CancelFunc
}

// openDebugger finds Delve, and serves the clients of the debugger until it is closed and
// the last program that it has is gone.
func (w *World) openDebugger(ctx context.Context, e engine.OpenDebugger, emit func(engine.Event)) {
	delve, err := findDelve()
	if err != nil {
		emit(engine.Debuggable{Err: err.Error()})
		return
	}
	addr, err := w.Project.DebugAddr()
	if err != nil {
		emit(engine.Debuggable{Err: "no debugger: " + err.Error()})
		return
	}
	d, err := debugger.Listen(addr, debugger.Options{
		Attached: func(client string) { emit(engine.Attached{Client: client}) },
		Halted: func(gen int, h debugger.Halt) {
			emit(engine.Halted{Gen: gen, Halt: engine.Halt{Reason: h.Reason, Text: h.Text, File: h.File, Line: h.Line}})
		},
		Resumed: func(gen int) { emit(engine.Resumed{Gen: gen}) },
		Restart: func() { emit(engine.Rebuild{}) },
	})
	if err != nil {
		emit(engine.Debuggable{Err: "no debugger: debug.port: " + err.Error()})
		return
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w.debugging.open(d, append([]string{delve}, e.Debug.Flags...), stop)
	emit(engine.Debuggable{Addr: d.Addr()})
	emit(engine.Noticed{Subject: "delve", Text: w.oldDelve(ctx, delve, e.Request)}) // while the program is built
	d.Serve(ctx)
	emit(engine.Noticed{Subject: "delve"})
}

func (g *debugging) open(d *debugger.Debugger, delve []string, stop context.CancelFunc) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now, g.delve, g.stop = d, delve, stop
}

// close has the clients go. A program that runs under the debugger goes on.
func (g *debugging) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now != nil {
		g.now.Close()
		g.stop()
	}
	g.now, g.stop = nil, nil
}

// under is the spec of a program that Delve is to start, and where that listens then.
func (g *debugging) under(spec runner.Spec) (_ runner.Spec, _ *debugger.Debugger, addr string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.now == nil {
		return spec, nil, "", errors.New("the debugger was turned off")
	}
	if addr, err = freeAddr(); err != nil {
		return spec, nil, "", err
	}
	spec.Wrapper = underDelve(g.delve, addr)
	return spec, g.now, addr, nil
}

// underDelve is the wrapper of a program that the command delve starts, and which it
// serves at addr.
func underDelve(delve []string, addr string) []string {
	return slices.Concat(delve[:1], []string{
		"exec", "--headless", "--accept-multiclient", "--api-version=2", "--listen=" + addr,
		"--log-dest=" + os.DevNull, // else its address is the program's first line
		"--check-go-version=false", // see oldDelve
	}, delve[1:], []string{"{program}", "--"})
}

// oldDelve returns a sentence about a Delve that is older than the Go it has to
// understand, or "" if it is not. Both count alike: Delve 1.26 is for Go 1.26 and before.
// An older one works more often than not, so it may try.
func (w *World) oldDelve(ctx context.Context, delve string, req builder.Request) string {
	tools, err := w.Builder.Tools(ctx, req.Dir, req.Env)
	if err != nil {
		return "" // the build says so
	}
	theirs := delveVersion(ctx, delve)
	if a, b := minor(theirs), minor(strings.TrimPrefix(tools.Version, "go")); a > 0 && a < b {
		return fmt.Sprintf("Delve %s is older than Go 1.%d: what debuggers show may be wrong; go install %s@latest", theirs, b, delveModule)
	}
	return ""
}

// minor returns the second number of a version, or 0 if it has none.
func minor(version string) int {
	_, rest, _ := strings.Cut(version, ".")
	digits, _, _ := strings.Cut(rest, ".")
	if i := strings.IndexFunc(digits, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = digits[:i] // go1.27rc1
	}
	n, _ := strconv.Atoi(digits)
	return n
}

// delveVersion asks Delve for its version; "" is unknown.
func delveVersion(ctx context.Context, delve string) (version string) {
	p, err := runner.Start(runner.Spec{Path: delve, Args: []string{"version"}}, func(lines []runner.Line) {
		for _, l := range lines {
			if v, ok := strings.CutPrefix(l.Text, "Version: "); ok && !l.Partial {
				version = strings.TrimSpace(v)
			}
		}
	})
	if err != nil {
		return ""
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Kill()
		<-p.Done()
	}
	return version
}

// delveModule is where Delve comes from.
const delveModule = "github.com/go-delve/delve/cmd/dlv"

// freeAddr is an address of this machine that nobody listens at now.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// findDelve looks for Delve where a shell does, and where the go command installs it.
func findDelve() (string, error) {
	name := "dlv"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if path, err := (runner.Spec{}).Find(name); err == nil {
		return path, nil
	}
	home, _ := os.UserHomeDir()
	folders := []string{os.Getenv("GOBIN")}
	for _, dir := range filepath.SplitList(cmp.Or(os.Getenv("GOPATH"), filepath.Join(home, "go"))) {
		folders = append(folders, filepath.Join(dir, "bin"))
	}
	for _, dir := range folders {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := (runner.Spec{}).Find(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", errors.New("the debugger needs Delve, which is neither in PATH nor where go install puts it: go install " + delveModule + "@latest")
}

// debugged is a program that runs under the debugger; the zero value is one that does not.
type debugged struct{ target *debugger.Target }

// takeOver takes the program over that Delve, which is process p, has started. An error
// means that there is none, and that Delve ends.
func (w *World) takeOver(ctx context.Context, d *debugger.Debugger, addr string, e engine.Start, p *runner.Process, at *place) (debugged, error) {
	if d == nil {
		return debugged{}, nil
	}
	t, err := begin(ctx, d, p, addr, e.Gen, debugger.Stop{Wait: e.Debug == engine.DebuggedAtStart})
	if err != nil {
		return debugged{}, err
	}
	at.debug(debugged{t})
	return debugged{t}, nil
}

// begin takes the program over that Delve, which is process p and listens at addr, starts.
// With an error, Delve is killed.
func begin(ctx context.Context, d *debugger.Debugger, p *runner.Process, addr string, gen int, stop debugger.Stop) (*debugger.Target, error) {
	ctx, cancel := context.WithCancel(ctx)
	var ending sync.WaitGroup
	defer ending.Wait()
	defer cancel()
	ending.Go(func() {
		select {
		case <-p.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	t, err := d.Begin(ctx, addr, gen, stop)
	if err != nil {
		p.Kill()
		return nil, err
	}
	p.Lead(t.Pid())
	return t, nil
}

// run lets the program run.
func (d debugged) run() {
	if d.target != nil {
		d.target.Run()
	}
}

// ending is how the program ended that p, its Delve, says nothing of.
func (d debugged) ending(x runner.Exit) runner.Exit {
	if d.target == nil {
		return x
	}
	status, known := d.target.Close()
	switch {
	case !known && !x.Stopped:
		x.Err = strings.TrimSuffix(fmt.Sprintf("Delve ended, and the program with it: exit status %d %s", x.Code, x.Signal), " ")
	case status < 0:
		x.Code, x.Signal = -1, runner.SignalName(-status)
	case known:
		x.Code, x.Signal = status, ""
	}
	return x
}
