package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// mark is an environment variable that identifies the processes of a hotdev, because
// they all inherit it.
const mark = "HOTDEV_TORTURE"

// A loop is a running hotdev --json, and what it has reported so far.
type loop struct {
	cmd    *exec.Cmd
	token  string
	ended  chan struct{} // closed when it is gone; then exit is set
	exit   error
	stderr strings.Builder

	mu     sync.Mutex
	counts map[string]int // events by name; cycles also by "cycle" and their outcome
	last   map[string]event
	lines  map[string]string // the program's last line that begins with "now", and with "tag"
	again  int               // starts after which the program printed the same as before
	news   chan struct{}
}

// An event is a line of hotdev's, as far as it matters here.
type event struct {
	Event   string
	Program string // where there are several
	Gen     int
	Pid     int
	Outcome string
	Lines   []struct {
		Text    string
		Partial bool
	}
	Err     string
	Exit    struct{ Err string }
	Notices []string
	Why     string
	raw     string // the line
	Result  struct {
		Diagnostics []struct{ Message string }
		Patched     *struct {
			Gen     int
			Bytes   int
			Link    time.Duration `json:"link_ns"`
			Apply   time.Duration `json:"apply_ns"`
			Stopped time.Duration `json:"stopped_ns"`
		}
	}
}

// options are how to start a hotdev.
type options struct {
	args  []string
	env   []string          // added to the environment
	unset []string          // removed from it
	wrap  []string          // a command that runs hotdev's command line
	tee   func(line string) // called with every line
}

// start starts hotdev in dir.
func (a *arena) start(ctx context.Context, dir string, o options) (*loop, error) {
	l := &loop{
		token: fmt.Sprintf("%x", a.rng.Uint64()), ended: make(chan struct{}),
		counts: map[string]int{}, lines: map[string]string{}, last: map[string]event{}, news: make(chan struct{}, 1),
	}
	argv := append(append(append([]string{}, o.wrap...), a.hotdev, "--json"), o.args...)
	l.cmd = exec.CommandContext(ctx, argv[0], argv[1:]...)
	l.cmd.Dir = dir
	l.cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "GOCACHE="+a.gocach, "XDG_CACHE_HOME="+a.dir+"/cache", mark+"="+l.token, "PWD="+dir)
	l.cmd.Env = slices.DeleteFunc(append(l.cmd.Env, o.env...), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains(o.unset, name)
	})
	l.cmd.Stderr = &l.stderr
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { // ends with hotdev's output
		defer close(l.ended)
		l.read(out, o.tee)
		l.exit = l.cmd.Wait()
	}()
	return l, nil
}

func (l *loop) read(out io.Reader, tee func(string)) {
	s := bufio.NewScanner(out)
	s.Buffer(nil, 256<<20)
	for s.Scan() {
		if tee != nil {
			tee(s.Text())
		}
		var e event
		if json.Unmarshal(s.Bytes(), &e) != nil {
			continue
		}
		e.raw = s.Text()
		l.mu.Lock()
		l.counts[e.Event]++
		if e.Event == "started" {
			l.counts["started "+e.Program]++
		}
		if e.Event == "cycle" {
			l.counts["cycle "+e.Outcome]++
		}
		l.last[e.Event] = e
		for _, line := range e.Lines {
			if line.Partial {
				continue
			}
			switch word, _, _ := strings.Cut(line.Text, " "); word {
			case "now", "tag":
				if word == "now" && line.Text == l.lines[word] {
					l.again++
				}
				l.lines[word] = line.Text
			}
		}
		l.mu.Unlock()
		select {
		case l.news <- struct{}{}:
		default:
		}
	}
}

// said returns the last line of the program that begins with word, which is "now" or
// "tag".
func (l *loop) said(word string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[word]
}

// repeats returns the number of starts of a program that equals the one before.
func (l *loop) repeats() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.again
}

// latest returns the last event of a name.
func (l *loop) latest(name string) event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last[name]
}

func (l *loop) seen(name string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts[name]
}

// until waits for a condition on what is reported. Its error says what was waited for.
func (l *loop) until(what string, cond func() bool) error {
	for wait := patience.New(); !cond(); {
		select {
		case <-l.news: // a program that prints all the time is no sign of progress
		case <-l.ended:
			if cond() {
				return nil
			}
			return fmt.Errorf("hotdev ended before %s: %v: %s", what, l.exit, l.stderr.String())
		case <-wait.Look():
			if err := wait.Lost(); err != nil {
				return fmt.Errorf("%s: %w; last: %s", what, err, l.tail())
			}
		}
	}
	return nil
}

// wait waits for a condition, but at most for d.
func (l *loop) wait(d time.Duration, cond func() bool) {
	over := time.NewTimer(d)
	defer over.Stop()
	for !cond() {
		select {
		case <-l.news:
		case <-l.ended:
			return
		case <-over.C:
			return
		}
	}
}

// says waits until the last line with the same first word equals line.
func (l *loop) says(line string) error {
	word, _, _ := strings.Cut(line, " ")
	if err := l.until(fmt.Sprintf("the program says %q", line), func() bool { return l.said(word) == line }); err != nil {
		return fmt.Errorf("%w; it says %q", err, l.said(word))
	}
	return nil
}

// tail returns hotdev's last lines, for an error.
func (l *loop) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, name := range []string{"changed", "built", "started", "exited", "cycle"} {
		fmt.Fprintf(&b, "%s %d×%+v ", name, l.counts[name], l.last[name])
	}
	return b.String()
}

// quit ends hotdev by ctrl-C and waits for it.
func (l *loop) quit() error {
	if err := l.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	if _, err := patience.Receive(l.ended); err != nil {
		l.kill()
		return fmt.Errorf("hotdev does not end at ctrl-C: %w", err)
	}
	if l.exit != nil {
		return fmt.Errorf("at ctrl-C hotdev ended with %v: %s", l.exit, l.stderr.String())
	}
	return nil
}

// kill kills hotdev and waits for it.
func (l *loop) kill() {
	l.cmd.Process.Kill()
	<-l.ended
}
