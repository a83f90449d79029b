//go:build unix

package debugger

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-dap"
)

// program counts in work until it is asked to end, or panics if it is told to.
const program = `package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ask := make(chan os.Signal, 1)
	signal.Notify(ask, syscall.SIGTERM)
	println("begin", len(os.Args))
	if len(os.Args) > 1 {
		panic(os.Args[1])
	}
	for n := 0; ; n = work(n) {
		select {
		case <-ask:
			os.Exit(3)
		case <-time.After(time.Millisecond):
		}
	}
}

func work(n int) int {
	return n + 1
}
`

// line is the number of the program's line with this text.
func line(text string) int {
	before, _, _ := strings.Cut(program, text)
	return strings.Count(before, "\n") + 1
}

// A bench is a Debugger with what its tests need.
type bench struct {
	*testing.T
	*Debugger
	dlv, binary, source string

	attached chan string
	halted   chan Halt
	resumed  chan int
	restarts chan struct{}
	gen      int
}

// dir has the program's source and binary.
var dir string

var build = sync.OnceValue(func() error {
	for name, text := range map[string]string{"go.mod": "module example.com/counter\n\ngo 1.24\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	cmd := exec.Command("go", "build", "-gcflags=-N -l", "-o", "counter", ".")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	var err error
	if dir, err = os.MkdirTemp("", "debugger"); err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func haveDelve() string {
	path, _ := exec.LookPath("dlv")
	return path
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, dlv: haveDelve(), attached: make(chan string, 10), halted: make(chan Halt, 100), resumed: make(chan int, 100), restarts: make(chan struct{}, 10)}
	if b.dlv == "" {
		t.Skip("no dlv here")
	}
	err := build()
	if err != nil {
		t.Fatal(err)
	}
	b.binary, b.source = filepath.Join(dir, "counter"), filepath.Join(dir, "main.go")
	b.Debugger, err = Listen("127.0.0.1:0", Options{
		Attached: func(c string) { b.attached <- c },
		Halted:   func(_ int, h Halt) { b.halted <- h },
		Resumed:  func(gen int) { b.resumed <- gen },
		Restart:  func() { b.restarts <- struct{}{} },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { b.Serve(ctx) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return b
}

// A run is one start of the program.
type run struct {
	*Target
	b     *bench
	delve *exec.Cmd
	gone  chan struct{}
}

// start starts the program under a Delve of its own, as far as Begin.
func (b *bench) start(stop Stop, args ...string) *run {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	b.gen++
	cmd := exec.Command(b.dlv, append([]string{"exec", "--headless", "--accept-multiclient", "--api-version=2", "--listen=" + addr,
		"--log-dest=" + os.DevNull, "--check-go-version=false", b.binary, "--"}, args...)...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r := &run{b: b, delve: cmd, gone: make(chan struct{})}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_ = cmd.Wait()
		cancel()
		close(r.gone)
	}()
	if r.Target, err = b.Begin(ctx, addr, b.gen, stop); err != nil {
		_ = cmd.Process.Kill()
		<-r.gone
		b.Fatalf("%v; dlv says: %s", err, said.String())
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = syscall.Kill(r.Pid(), syscall.SIGKILL)
		<-r.gone
		r.Close()
	})
	return r
}

// end ends the program as hotdev does, and returns its status.
func (r *run) end() int {
	r.b.Helper()
	r.Release()
	if err := syscall.Kill(r.Pid(), syscall.SIGTERM); err != nil {
		r.b.Fatal(err)
	}
	return r.await()
}

// await waits for the program's end.
func (r *run) await() int {
	r.b.Helper()
	take(r.b.T, r.gone, "Delve's end")
	status, known := r.Close()
	if !known {
		r.b.Fatal("it is not known how the program ended")
	}
	return status
}

// take waits for something; there is no other way to end than that it comes, or that all
// tests are out of time.
func take[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatalf("no %s", what)
	}
	return v
}

// An editor is a client of the protocol.
type editor struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	seq  int
	seen []dap.Message // events that nobody has asked for yet
}

func (b *bench) editor() *editor {
	b.Helper()
	conn, err := net.Dial("tcp", b.Addr())
	if err != nil {
		b.Fatal(err)
	}
	e := &editor{t: b.T, conn: conn, r: bufio.NewReader(conn)}
	b.Cleanup(func() { conn.Close() })
	return e
}

// ask sends a request and returns its answer.
func (e *editor) ask(command string, arguments any) dap.ResponseMessage {
	e.t.Helper()
	e.seq++
	text, err := json.Marshal(map[string]any{"seq": e.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		e.t.Fatal(err)
	}
	if err := dap.WriteBaseMessage(e.conn, text); err != nil {
		e.t.Fatal(err)
	}
	for {
		m := e.read(command)
		if r, ok := m.(dap.ResponseMessage); ok && r.GetResponse().RequestSeq == e.seq {
			if got := r.GetResponse().Command; got != command {
				e.t.Fatalf("the answer to %s is to %s", command, got)
			}
			return r
		}
		e.seen = append(e.seen, m)
	}
}

func (e *editor) read(what string) dap.Message {
	e.t.Helper()
	_ = e.conn.SetReadDeadline(time.Now().Add(time.Minute))
	m, err := dap.ReadProtocolMessage(e.r)
	if err != nil {
		e.t.Fatalf("waiting for %s: %v", what, err)
	}
	return m
}

// event waits for the next event of a type.
func event[E dap.Message](e *editor) E {
	e.t.Helper()
	var zero E
	for {
		var m dap.Message
		if len(e.seen) > 0 {
			m, e.seen = e.seen[0], e.seen[1:]
		} else {
			m = e.read(fmt.Sprintf("%T", zero))
		}
		if v, ok := m.(E); ok {
			return v
		}
	}
}

// attach goes as far as clients do before they set breakpoints.
func (e *editor) attach() {
	e.t.Helper()
	e.ask("initialize", map[string]any{"clientName": "the test", "adapterID": "go", "pathFormat": "path", "linesStartAt1": true, "columnsStartAt1": true})
	if r := e.ask("attach", map[string]any{"mode": "remote"}).GetResponse(); !r.Success {
		e.t.Fatal(r.Message)
	}
	event[*dap.InitializedEvent](e)
}

func (e *editor) breakpoint(file string, lines ...int) []dap.Breakpoint {
	e.t.Helper()
	all := []map[string]int{}
	for _, l := range lines {
		all = append(all, map[string]int{"line": l})
	}
	r := e.ask("setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": all})
	return r.(*dap.SetBreakpointsResponse).Body.Breakpoints
}

// top is the line at the top of the stack of what has stopped.
func (e *editor) top(s *dap.StoppedEvent) int {
	e.t.Helper()
	r, ok := e.ask("stackTrace", map[string]any{"threadId": s.Body.ThreadId, "levels": 1}).(*dap.StackTraceResponse)
	if !ok || len(r.Body.StackFrames) == 0 {
		e.t.Fatal("no stack")
	}
	return r.Body.StackFrames[0].Line
}

// A client attaches once, before there is a program, and its breakpoint is hit in each
// run. When it leaves, the program goes on.
func TestRestarts(t *testing.T) {
	b := newBench(t)
	e := b.editor()
	e.attach()
	if name := take(t, b.attached, "attachment"); name != "the test" {
		t.Errorf("attached: %q", name)
	}
	at := line("return n + 1")
	set := e.breakpoint(b.source, at)
	if len(set) != 1 || set[0].Verified {
		t.Fatalf("without a program: %+v", set)
	}
	// VS Code sends these, too, whether there are such breakpoints or not.
	for _, command := range []string{"setFunctionBreakpoints", "setInstructionBreakpoints", "setDataBreakpoints"} {
		if r := e.ask(command, map[string]any{"breakpoints": []int{}}).GetResponse(); !r.Success {
			t.Errorf("%s: %s", command, r.Message)
		}
	}
	e.ask("setExceptionBreakpoints", map[string]any{"filters": []string{}})
	e.ask("configurationDone", nil)
	runs := 2
	if os.Getenv("HOTDEV_LONG") != "" {
		runs = 20
	}
	for n := range runs {
		r := b.start(Stop{})
		r.Run()
		if c := event[*dap.BreakpointEvent](e); !c.Body.Breakpoint.Verified || c.Body.Breakpoint.Id != set[0].Id || c.Body.Breakpoint.Line != at {
			t.Fatalf("run %d: %+v", n, c.Body)
		}
		s := event[*dap.StoppedEvent](e)
		if s.Body.Reason != "breakpoint" || len(s.Body.HitBreakpointIds) != 1 || s.Body.HitBreakpointIds[0] != set[0].Id {
			t.Fatalf("run %d: %+v", n, s.Body)
		}
		if got := e.top(s); got != at {
			t.Errorf("run %d: stopped in line %d, want %d", n, got, at)
		}
		if h := take(t, b.halted, "halt"); h.Reason != "breakpoint" || h.File != b.source || h.Line != at {
			t.Errorf("run %d: %+v", n, h)
		}
		if n == 0 { // it is hit again, and again
			e.ask("continue", map[string]any{"threadId": s.Body.ThreadId})
			take(t, b.resumed, "going on")
			event[*dap.StoppedEvent](e)
			take(t, b.halted, "second halt")
		}
		if status := r.end(); status != 3 {
			t.Errorf("run %d: status %d", n, status)
		}
		event[*dap.ContinuedEvent](e)
		take(t, b.resumed, "release")
	}
	if r := e.ask("stackTrace", map[string]any{"threadId": 1}).GetResponse(); r.Success {
		t.Error("a stack without a program")
	}
	r := b.start(Stop{})
	r.Run()
	event[*dap.StoppedEvent](e)
	take(t, b.halted, "halt")
	e.ask("disconnect", nil)
	take(t, b.resumed, "going on")
	if name := take(t, b.attached, "leave"); name != "" {
		t.Errorf("attached: %q", name)
	}
	if status := r.end(); status != 3 {
		t.Errorf("after the client: status %d", status)
	}
}

// Clients may count their requests from 0, as nvim-dap does.
func TestFirstRequest(t *testing.T) {
	b := newBench(t)
	e := b.editor()
	if err := dap.WriteBaseMessage(e.conn, []byte(`{"seq":0,"type":"request","command":"initialize","arguments":{}}`)); err != nil {
		t.Fatal(err)
	}
	if text, err := dap.ReadBaseMessage(e.r); err != nil || !strings.Contains(string(text), `"request_seq":0`) {
		t.Errorf("%s, %v", text, err)
	}
}

// A program that runs is attached to, stopped, and left again; nobody else gets in
// meanwhile.
func TestAttachLater(t *testing.T) {
	b := newBench(t)
	r := b.start(Stop{})
	r.Run()
	e := b.editor()
	e.attach()
	set := e.breakpoint(b.source, line("return n + 1"))
	e.ask("configurationDone", nil)
	s := event[*dap.StoppedEvent](e)
	if len(s.Body.HitBreakpointIds) != 1 || s.Body.HitBreakpointIds[0] != set[0].Id {
		t.Errorf("%+v", s.Body)
	}
	second := b.editor()
	if r := second.ask("initialize", map[string]any{"pathFormat": "path"}).GetResponse(); r.Success || !strings.Contains(r.Message, "the test is attached already") {
		t.Errorf("a second client: %+v", r)
	}
	if set := e.breakpoint(b.source); len(set) != 0 {
		t.Errorf("%+v", set)
	}
	e.ask("continue", map[string]any{"threadId": s.Body.ThreadId})
	set = e.breakpoint(b.source, line("return n + 1")) // while it runs
	if len(set) != 1 || !set[0].Verified {
		t.Errorf("%+v", set)
	}
	if s := event[*dap.StoppedEvent](e); s.Body.HitBreakpointIds[0] != set[0].Id {
		t.Errorf("%+v", s.Body)
	}
	if r := e.ask("restart", nil).GetResponse(); !r.Success {
		t.Error(r.Message)
	}
	take(t, b.restarts, "restart")
	e.conn.Close() // without a word
	if status := r.end(); status != 3 {
		t.Errorf("status %d", status)
	}
}

// Without a client the program runs as it would without Delve: it panics to death.
func TestPanic(t *testing.T) {
	b := newBench(t)
	r := b.start(Stop{}, "over")
	r.Run()
	if status := r.await(); status != 2 {
		t.Errorf("status %d", status)
	}
}

// A program that is to stop at its start waits for a client, and stops in main.
func TestStopAtStart(t *testing.T) {
	b := newBench(t)
	r := b.start(Stop{Wait: true})
	r.Run()
	if h := take(t, b.halted, "halt"); h.Reason != Waiting {
		t.Errorf("%+v", h)
	}
	e := b.editor()
	e.attach()
	e.ask("configurationDone", nil)
	take(t, b.resumed, "start")
	s := event[*dap.StoppedEvent](e)
	if s.Body.Reason != "entry" || e.top(s) != line("func main()") {
		t.Errorf("%+v", s.Body)
	}
	if h := take(t, b.halted, "halt"); h.Reason != "entry" || h.Line != line("func main()") {
		t.Errorf("%+v", h)
	}
	e.breakpoint(b.source, line("return n + 1"))
	e.ask("continue", map[string]any{"threadId": s.Body.ThreadId})
	event[*dap.StoppedEvent](e) // by then it takes signals
	if status := r.end(); status != 3 {
		t.Errorf("status %d", status)
	}
}

// With a client, a panic stops the program first; the client stays when it has died, and
// finds the next one.
func TestPanicAttached(t *testing.T) {
	b := newBench(t)
	e := b.editor()
	e.attach()
	e.ask("configurationDone", nil)
	r := b.start(Stop{}, "over")
	r.Run()
	s := event[*dap.StoppedEvent](e)
	if s.Body.Reason != "exception" {
		t.Errorf("%+v", s.Body)
	}
	if h := take(t, b.halted, "halt"); h.Reason != "exception" || h.Text != "" && !strings.Contains(h.Text, "over") || // an old Delve cannot read it
		h.File != b.source || h.Line != line("panic(") {
		t.Errorf("%+v", h)
	}
	e.ask("continue", map[string]any{"threadId": s.Body.ThreadId})
	if status := r.await(); status != 2 {
		t.Errorf("status %d", status)
	}
	take(t, b.resumed, "going on")
	e.breakpoint(b.source, line("return n + 1"))
	r = b.start(Stop{})
	r.Run()
	event[*dap.StoppedEvent](e)
	if status := r.end(); status != 3 {
		t.Errorf("status %d", status)
	}
}
