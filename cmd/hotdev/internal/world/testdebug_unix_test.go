//go:build unix

package world

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-dap"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/tester"
)

type noTestProject struct{ TestProject }

func (noTestProject) DebugAddr() (string, error) { return "127.0.0.1:0", nil }

// A failed test runs alone under Delve, once a debugger is there, and stops where it
// failed, even though the debugger sets its own breakpoints in that file. Then it goes on
// to its end, and nothing is left.
func TestDebugOfTest(t *testing.T) {
	if _, err := exec.LookPath("dlv"); err != nil {
		t.Skip("no Delve here")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const source = `package sum

import (
	"os"
	"testing"
)

func TestOther(t *testing.T) { println("another test") }

func TestSum(t *testing.T) {
	t.Run("small", func(t *testing.T) { println("another subtest") })
	t.Run("large", func(t *testing.T) {
		if _, err := os.Stat("sum_test.go"); err != nil || testing.Short() {
			println("stopped here")
			t.Error("short")
		}
	})
}
`
	for name, text := range map[string]string{"go.mod": "module example.com/sum\n\ngo 1.24\n", "sum/sum_test.go": source} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	scratch := t.TempDir()
	before, _, _ := strings.Cut(source, "println(\"stopped")
	file, line := filepath.Join(dir, "sum", "sum_test.go"), strings.Count(before, "\n")+1
	req := builder.TestRequest{Dir: dir, Flags: []string{"-short", "-run=Nothing"}, Scratch: scratch}
	w := NewTests(TestOptions{Project: noTestProject{}, Builder: builder.New(), Log: slog.New(slog.DiscardHandler)})
	w.Do(t.Context(), tester.List{Request: req}, func(tester.Event) {})

	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	events := make(chan tester.Event, 100)
	begin := func() string {
		go func() {
			w.Do(ctx, tester.DebugTest{ID: 1, Request: req, Debug: tester.Debug{Package: "example.com/sum/sum", Test: "TestSum/large", File: file, Line: line}},
				func(e tester.Event) { events <- e })
			over <- struct{}{}
		}()
		ready, ok := (<-events).(tester.DebugReady)
		if !ok {
			t.Fatalf("not ready: %+v", ready)
		}
		return ready.Addr
	}
	c := attach(t, begin(), file, line+1)
	if at := c.stopped(t); at != line {
		t.Errorf("it stopped in line %d, not %d", at, line)
	}
	c.send(t, "continue", map[string]any{"threadId": 1})
	if at := c.stopped(t); at != line+1 {
		t.Errorf("it stopped in line %d, not %d", at, line+1)
	}
	c.send(t, "continue", map[string]any{"threadId": 1})
	<-over
	close(events)
	var printed []string
	var last tester.Event
	for e := range events {
		if w, ok := e.(tester.DebugWrote); ok {
			printed = append(printed, w.Lines...)
		}
		last = e
	}
	if last != (tester.Debugged{ID: 1}) {
		t.Errorf("it ended so: %+v", last)
	}
	if !slices.Contains(printed, "stopped here") || slices.ContainsFunc(printed, func(l string) bool { return strings.HasPrefix(l, "another") }) {
		t.Errorf("it printed %q", printed)
	}

	events = make(chan tester.Event, 100)
	c = attach(t, begin(), file, line+1)
	c.stopped(t)
	cancel() // while it is stopped
	<-over
	if left, _ := os.ReadDir(scratch); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// A dapClient is an editor's debugger.
type dapClient struct {
	net.Conn
	r   *bufio.Reader
	seq int
}

// attach attaches to a debugger and sets a breakpoint.
func attach(t *testing.T, addr, file string, line int) *dapClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	c := &dapClient{Conn: conn, r: bufio.NewReader(conn)}
	c.send(t, "initialize", map[string]any{"clientName": "the test"})
	c.send(t, "attach", map[string]any{"mode": "remote"})
	c.send(t, "setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": []map[string]int{{"line": line}}})
	c.send(t, "configurationDone", nil)
	return c
}

func (c *dapClient) send(t *testing.T, command string, arguments any) {
	t.Helper()
	c.seq++
	text, err := json.Marshal(map[string]any{"seq": c.seq, "type": "request", "command": command, "arguments": arguments})
	if err != nil {
		t.Fatal(err)
	}
	if err := dap.WriteBaseMessage(c, text); err != nil {
		t.Fatal(err)
	}
}

// stopped waits until the program is stopped, and returns in which line.
func (c *dapClient) stopped(t *testing.T) int {
	t.Helper()
	for {
		m, err := dap.ReadProtocolMessage(c.r)
		if err != nil {
			t.Fatal(err)
		}
		switch m := m.(type) {
		case *dap.StoppedEvent:
			c.send(t, "stackTrace", map[string]any{"threadId": m.Body.ThreadId, "levels": 1})
		case *dap.StackTraceResponse:
			return m.Body.StackFrames[0].Line
		}
	}
}
