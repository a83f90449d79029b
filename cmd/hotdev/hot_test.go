package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/internal/patience"
)

// mainPid is how the programs of the tests tell their pid.
var mainPid = regexp.MustCompile(`main pid (\d+)`)

// hot is the hotdev --json that a story has started.
type hot struct {
	cmd    *exec.Cmd
	waited chan struct{} // closed when it has ended
	stderr strings.Builder
	editor *editor // that debugs the program; nil is none

	mu     sync.Mutex
	lines  []string
	used   map[int]bool  // lines that an await has found
	more   chan struct{} // gets a value for new lines
	closed bool          // its stdout has ended
}

// reporter is a test or a story.
type reporter interface {
	Logf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// older is by how much the files of a test are to be older than the hotdev that it
// starts: what was written a moment before counts as saved during the start, for the
// clock of files is coarse.
const older = 50 * time.Millisecond

func (h *hot) start(ts *testscript.TestScript, args []string) {
	var env []string
	for _, k := range []string{"PATH", "HOME", "GOCACHE", "GOMODCACHE", "GOTELEMETRY", "GOGC", "GOFLAGS", "GOENV", "GOPROXY", "XDG_CACHE_HOME", "WORK", "TMPDIR", "CGO_ENABLED", "CC"} {
		env = append(env, k+"="+ts.Getenv(k))
	}
	h.launch(ts, ts.MkAbs("."), env, args)
}

// launch starts hotdev --json.
func (h *hot) launch(t reporter, dir string, env, args []string) {
	if h.cmd != nil {
		select {
		case <-h.waited:
		default:
			t.Fatalf("hotdev runs already")
		}
	}
	*h = hot{waited: make(chan struct{}), more: make(chan struct{}, 1), used: map[int]bool{}}
	path, err := exec.LookPath("hotdev")
	if err != nil {
		t.Fatalf("%v", err)
	}
	time.Sleep(older)
	h.cmd = exec.Command(path, append([]string{"--json"}, args...)...)
	diesWithTest(h.cmd)
	h.cmd.Dir = dir
	h.cmd.Env = env
	h.cmd.Stderr = &h.stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatalf("%v", err)
	}
	go func() {
		defer close(h.waited)
		s := bufio.NewScanner(out)
		s.Buffer(nil, 64<<20)
		for s.Scan() {
			h.mu.Lock()
			h.lines = append(h.lines, apart(s.Text())...)
			h.mu.Unlock()
			h.poke()
		}
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
		h.poke()
		h.cmd.Wait() // the exit code is ended's business
	}()
}

// apart is an event's line, once for each line of output that it tells of: what
// arrives in one event, and what in two, is chance.
func apart(line string) []string {
	var e struct {
		Time    time.Time         `json:"time"`
		Program string            `json:"program,omitempty"`
		Event   string            `json:"event"`
		Gen     int               `json:"gen"`
		Lines   []json.RawMessage `json:"lines"`
	}
	if json.Unmarshal([]byte(line), &e) != nil || e.Event != "wrote" || len(e.Lines) < 2 {
		return []string{line}
	}
	all := e.Lines
	var out []string
	for i := range all {
		e.Lines = all[i : i+1]
		one, err := json.Marshal(e)
		if err != nil {
			return []string{line}
		}
		out = append(out, string(one))
	}
	return out
}

func (h *hot) poke() {
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// kill ends what a failed story left running.
func (h *hot) kill() {
	if h.cmd == nil || h.cmd.Process == nil {
		return
	}
	h.cmd.Process.Kill()
	<-h.waited
}

// match reports whether an event's line is of the kind and meets the conditions.
func match(line string, args []string) bool {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil || fields["event"] != args[0] {
		return false
	}
	for _, c := range args[1:] {
		if text, ok := strings.CutPrefix(c, "~"); ok {
			if !strings.Contains(line, text) {
				return false
			}
			continue
		}
		if text, ok := strings.CutPrefix(c, "!"); ok {
			if strings.Contains(line, text) {
				return false
			}
			continue
		}
		path, want, _ := strings.Cut(c, "=")
		var v any = fields
		for key := range strings.SplitSeq(path, ".") {
			m, _ := v.(map[string]any)
			v = m[key]
		}
		if fmt.Sprint(v) != want {
			return false
		}
	}
	return true
}

func (h *hot) await(ts *testscript.TestScript, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: await EVENT [COND ...]")
	}
	h.wait(ts, args...)
}

// wait waits for an event that matches and that no wait has found before. The
// order in which independent events come is not a story's business.
func (h *hot) wait(t reporter, args ...string) {
	wait := patience.New()
	for seen := 0; ; {
		h.mu.Lock()
		for ; seen < len(h.lines); seen++ {
			if !isSample(h.lines[seen]) {
				wait.News()
			}
			if !h.used[seen] && match(h.lines[seen], args) {
				h.used[seen] = true
				h.mu.Unlock()
				return
			}
		}
		closed := h.closed
		h.mu.Unlock()
		if closed {
			h.fatal(t, "hotdev ended before %v", args)
		}
		select {
		case <-h.more:
		case <-wait.Look():
			if err := wait.Lost(); err != nil {
				h.fatal(t, "no %v: %v", args, err)
			}
		}
	}
}

// isSample reports whether an event is one that comes as long as a program runs.
func isSample(line string) bool { return match(line, []string{"sampled"}) }

// fatal ends the story with the events so far.
func (h *hot) fatal(t reporter, format string, args ...any) {
	h.mu.Lock()
	lines := h.lines
	h.mu.Unlock()
	for _, l := range lines[max(0, len(lines)-60):] {
		t.Logf("%.300s", l)
	}
	select {
	case <-h.waited:
		t.Logf("stderr: %s", h.stderr.String())
	default:
	}
	t.Fatalf(format, args...)
}

func (h *hot) never(ts *testscript.TestScript, args []string) {
	h.count(ts, append([]string{"0"}, args...))
}

func (h *hot) count(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := h.matching(args[1:]...); got != want {
		h.fatal(ts, "%d of %v, want %d", got, args[1:], want)
	}
}

// last is the last event of a kind so far; nil if there was none.
func (h *hot) last(event string) (fields map[string]any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range slices.Backward(h.lines) {
		if match(l, []string{event}) && json.Unmarshal([]byte(l), &fields) == nil {
			break
		}
	}
	return fields
}

// matching counts the events so far that match.
func (h *hot) matching(args ...string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 0
	for _, l := range h.lines {
		if match(l, args) {
			n++
		}
	}
	return n
}

func (h *hot) signal(ts *testscript.TestScript, args []string) {
	signals := map[string]os.Signal{"INT": os.Interrupt, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": os.Kill}
	s, ok := signals[args[0]]
	if !ok {
		ts.Fatalf("signal %s?", args[0])
	}
	ts.Check(h.cmd.Process.Signal(s))
}

func (h *hot) ended(ts *testscript.TestScript, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	h.end(ts, exit.Code(want))
}

// end waits for hotdev's end.
func (h *hot) end(t reporter, want exit.Code) {
	if _, err := patience.Receive(h.waited); err != nil {
		h.fatal(t, "hotdev does not end: %v", err)
	}
	if got := exit.Code(h.cmd.ProcessState.ExitCode()); got != want {
		h.fatal(t, "exit code %d, want %d", got, want)
	}
}

// gone waits for the end of the process that printed "NAME pid <pid>" last, in
// an event that meets the conditions.
func (h *hot) gone(ts *testscript.TestScript, args []string) {
	re := regexp.MustCompile(regexp.QuoteMeta(args[0]) + ` pid (\d+)`)
	h.mu.Lock()
	pid := 0
	for _, l := range h.lines {
		if m := re.FindStringSubmatch(l); m != nil && match(l, append([]string{"wrote"}, args[1:]...)) {
			pid, _ = strconv.Atoi(m[1])
		}
	}
	h.mu.Unlock()
	if pid == 0 {
		h.fatal(ts, "nothing printed %q", args[0]+" pid <pid>")
	}
	// There is nothing to wait on for a stranger's end.
	if err := patience.Until(func() bool { return !alive(pid) }); err != nil {
		h.fatal(ts, "%s (%d) is alive: %v", args[0], pid, err)
	}
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return p.Signal(syscall.Signal(0)) == nil
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}
