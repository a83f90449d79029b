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

// mark is the variable by which the processes of a hotdev are known: they all
// inherit it.
const mark = "HOTDEV_TORTURE"

// A loop is a running hotdev --json, and what it has told so far.
type loop struct {
	cmd    *exec.Cmd
	token  string
	ended  chan struct{} // closed when it is gone; then exit is set
	exit   error
	stderr strings.Builder

	mu     sync.Mutex
	counts map[string]int // events by name; cycles by "cycle" and their outcome, too
	last   map[string]event
	lines  map[string]string // the program's last one that begins with "now", and with "tag"
	again  int               // starts that made the program say the same as the one before
	news   chan struct{}
}

// An event is a line of hotdev's, as far as it matters here.
type event struct {
	Event   string
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

// options are how a hotdev is started.
type options struct {
	args  []string
	env   []string          // added to the environment
	unset []string          // taken from it
	wrap  []string          // a command that hotdev's command line is given to
	tee   func(line string) // sees every line
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

// said is the last line that the program printed and that begins with word,
// which is "now" or "tag".
func (l *loop) said(word string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[word]
}

// repeats counts the starts of a program that was the same as the one before.
func (l *loop) repeats() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.again
}

// latest is the last event of a name.
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

// until waits for what is told, and says what was waited for if it never is.
func (l *loop) until(what string, cond func() bool) error {
	for wait := patience.New(); !cond(); {
		select {
		case <-l.news: // of a program that prints on and on, no sign of progress
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

// wait waits for what is told, but not longer than d.
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

// says waits until the last line that begins as line's first word does is line.
func (l *loop) says(line string) error {
	word, _, _ := strings.Cut(line, " ")
	if err := l.until(fmt.Sprintf("the program says %q", line), func() bool { return l.said(word) == line }); err != nil {
		return fmt.Errorf("%w; it says %q", err, l.said(word))
	}
	return nil
}

// tail is what hotdev told last, for an error.
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

// kill ends hotdev at once and waits for it.
func (l *loop) kill() {
	l.cmd.Process.Kill()
	<-l.ended
}
