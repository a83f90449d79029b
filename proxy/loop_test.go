package proxy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// A loop is hotdev, with all its parts, and the program in a folder.
type loop struct {
	t    *testing.T
	dir  string // the program's
	url  string // where hotdev serves it
	home string // of hotdev

	mu    sync.Mutex
	lines []string // events as JSON; "" for those that were awaited
}

// newLoop is a loop with an empty folder, not started.
func newLoop(t *testing.T) *loop {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells which port the program listens on")
	}
	l := &loop{t: t, home: t.TempDir()}
	l.dir = filepath.Join(l.home, "app")
	if err := os.Mkdir(l.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *loop) write(file, text string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, file), []byte(text), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *loop) edit(file, old, now string) {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, file))
	if err != nil || !strings.Contains(string(text), old) {
		l.t.Fatalf("%s: %v, or no %q", file, err, old)
	}
	l.write(file, strings.Replace(string(text), old, now, 1))
}

// start starts hotdev, and returns when it serves the web address.
func (l *loop) start(args ...string) {
	l.t.Helper()
	hotdev := filepath.Join(l.home, "hotdev")
	if out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", hotdev, "../cmd/hotdev").CombinedOutput(); err != nil {
		l.t.Fatalf("%v\n%s", err, out)
	}
	time.Sleep(50 * time.Millisecond) // the clock of files is coarse: what hotdev finds is to be older than its start

	port := freePort(l.t)
	l.url = fmt.Sprintf("http://127.0.0.1:%d/", port)
	cmd := exec.Command(hotdev, append([]string{"--json", fmt.Sprintf("--web=%d", port)}, args...)...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(l.home, "cache"), "GOFLAGS=")
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			l.t.Fatal(err)
		}
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(out)))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	go func() { // ends with hotdev
		s := bufio.NewScanner(out)
		s.Buffer(nil, 16<<20)
		for s.Scan() {
			l.mu.Lock()
			l.lines = append(l.lines, s.Text())
			l.mu.Unlock()
		}
	}()
	l.await("served", fmt.Sprint(port))
}

// await waits for an event that no earlier await has found.
func (l *loop) await(event, with string) (found struct {
	Took time.Duration `json:"took_ns"`
	Why  string
}) {
	l.t.Helper()
	err := patience.Until(func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for i, line := range l.lines {
			if strings.Contains(line, `"event":"`+event+`"`) && strings.Contains(line, with) {
				l.lines[i] = ""
				return json.Unmarshal([]byte(line), &found) == nil
			}
		}
		return false
	})
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.t.Fatalf("no %s with %q: %v\n%s", event, with, err, strings.Join(l.lines[max(0, len(l.lines)-20):], "\n"))
	}
	return found
}
