package world

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/debugger"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tester"
)

// debug runs a test under a debugger of its own until it has ended. It waits for the
// test before it, which is being ended.
func (w *Tests) debug(ctx context.Context, e tester.DebugTest, emit func(tester.Event)) {
	w.debugging.Lock()
	defer w.debugging.Unlock()
	passed, err := w.debugTest(ctx, e, emit)
	if ctx.Err() == nil {
		emit(tester.Debugged{ID: e.ID, Passed: passed, Err: text(err)})
	}
}

func (w *Tests) debugTest(ctx context.Context, e tester.DebugTest, emit func(tester.Event)) (passed bool, err error) {
	delve, err := findDelve()
	if err != nil {
		return false, err
	}
	folder, err := os.MkdirTemp(e.Request.Scratch, "debug-")
	if err != nil {
		return false, fmt.Errorf("a place for tests: %w", err)
	}
	defer os.RemoveAll(folder)
	b, broken, err := w.tests.BuildForDebugger(ctx, e.Request, e.Debug.Package, tester.Pattern(e.Debug.Test), folder)
	if err != nil {
		return false, err
	}
	if len(broken) > 0 {
		return false, errors.New("it does not build: " + complaintLine(e.Request.Dir, broken[0]))
	}
	addr, err := w.Project.DebugAddr()
	if err != nil {
		return false, err
	}
	again := make(chan struct{}, 1)
	d, err := debugger.Listen(addr, debugger.Options{
		Attached: func(client string) { emit(tester.DebugAttached{ID: e.ID, Client: client}) },
		Halted:   func(int, debugger.Halt) {},
		Resumed:  func(int) {},
		Restart: func() {
			select {
			case again <- struct{}{}:
			default: // it is about to be restarted
			}
		},
	})
	if err != nil {
		return false, err
	}
	serving, stop := context.WithCancel(ctx)
	var served sync.WaitGroup
	served.Go(func() { d.Serve(serving) })
	defer served.Wait()
	defer stop()
	spec := runner.Spec{Path: b.File, Args: b.Args, Env: b.Env, Dir: b.Dir}
	write := func(lines []runner.Line) {
		var whole []string
		for _, l := range lines {
			if !l.Partial {
				whole = append(whole, runner.Uncoloured(l.Text))
			}
		}
		if len(whole) > 0 {
			emit(tester.DebugWrote{ID: e.ID, Lines: whole})
		}
	}
	emit(tester.DebugReady{ID: e.ID, Addr: d.Addr()})
	at := debugger.Stop{Wait: true, File: e.Debug.File, Line: e.Debug.Line}
	for gen := 1; ; gen++ {
		code, restart, err := runUnder(ctx, d, delve, spec, at, gen, again, write)
		if err != nil || !restart {
			return code == 0, err
		}
	}
}

// complaintLine is a diagnostic in a line, seen from the folder dir.
func complaintLine(dir string, d builder.Diagnostic) string {
	if rel, err := filepath.Rel(dir, d.File); err == nil && filepath.IsLocal(rel) {
		d.File = rel
	}
	d.Column = 0
	return d.String()
}

// runUnder runs a program under Delve for the clients of d until it has ended, or is to
// run again, or ctx ends.
func runUnder(ctx context.Context, d *debugger.Debugger, delve string, spec runner.Spec, at debugger.Stop, gen int, again <-chan struct{}, write func([]runner.Line)) (code int, restart bool, err error) {
	addr, err := freeAddr()
	if err != nil {
		return 0, false, err
	}
	spec.Wrapper = underDelve([]string{delve}, addr)
	p, err := runner.Start(spec, write)
	if err != nil {
		return 0, false, err
	}
	t, err := begin(ctx, d, p, addr, gen, at)
	if err != nil {
		<-p.Done()
		return 0, false, err
	}
	t.Run()
	select {
	case <-again:
		restart = true
	case <-p.Done():
	case <-ctx.Done():
	}
	p.Kill()
	<-p.Done()
	code, known := t.Close()
	switch {
	case restart || ctx.Err() != nil:
		return 0, restart, nil
	case !known:
		return 0, false, fmt.Errorf("dlv ended, and the test with it: exit status %d", p.Exit().Code)
	case code < 0:
		return code, false, fmt.Errorf("it was ended by %s", runner.SignalName(-code))
	}
	return code, false, nil
}
