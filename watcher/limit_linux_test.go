package watcher

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// noticed waits for a notice that has all words.
func (p *probe) noticed(words ...string) {
	p.t.Helper()
	var all []string
	for {
		b := p.next()
		for _, n := range b.Notices {
			all = append(all, n)
			miss := 0
			for _, w := range words {
				if !strings.Contains(n, w) {
					miss++
				}
			}
			if miss == 0 {
				return
			}
		}
		if len(all) > 3 {
			p.t.Fatalf("no notice with %q in %q", words, all)
		}
	}
}

func TestWatchLimit(t *testing.T) {
	refused := 0
	p := newProbe(t, &faulty{addErr: func(dir string) error {
		if strings.Contains(dir, "many") {
			refused++
			return fmt.Errorf("add: %w", syscall.ENOSPC)
		}
		return nil
	}})
	for i := range 5 {
		p.mkdir(fmt.Sprintf("w/many%d", i))
	}
	p.mkdir("w/few")
	s := p.rules("w", "**/*.go")
	s.PollInterval = time.Millisecond
	p.watch(s)
	if p.inspect(func(*tree) bool { return refused != 1 }) {
		t.Errorf("asked %d times for what there is no room for", refused)
	}
	p.noticed("fs.inotify.max_user_watches", "polled every 1ms", "sudo sysctl fs.inotify.max_user_watches=")
	p.write("w/many3/x.go", "1")
	p.settledIn([]string{"w/many3/x.go"})
	p.write("w/few/x.go", "1")
	p.settledIn([]string{"w/few/x.go"})
	p.mkdir("w/many4/deep")
	p.write("w/many4/deep/x.go", "1")
	p.settledIn([]string{"w/many4/deep/x.go"})
	p.remove("w/many3")
	p.settledIn([]string{"w/many3/x.go"})

	// Room again: the next Watch subscribes to all.
	sys := p.tree.sys.(*faulty)
	p.inspect(func(*tree) bool { sys.addErr = nil; return true })
	p.watch(s)
	if p.inspect(func(tr *tree) bool { return tr.polls() }) {
		t.Error("still polling")
	}
	p.write("w/many4/x.go", "2")
	p.settledIn([]string{"w/many4/x.go"})
}

func TestInstanceLimit(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EMFILE, syscall.ENFILE} {
		t.Run(errno.Error(), func(t *testing.T) {
			p := newProbe(t, &faulty{openErr: fmt.Errorf("inotify: %w", errno)})
			p.mkdir("w")
			s := p.rules("w", "**/*.go")
			s.PollInterval = time.Millisecond
			p.watch(s)
			word := map[syscall.Errno]string{
				syscall.EMFILE: "sudo sysctl fs.inotify.max_user_instances=", syscall.ENFILE: "ulimit -n",
			}[errno]
			p.noticed(word, "polled")
			p.mkdir("w/a/b")
			p.write("w/a/b/x.go", "1")
			p.settledIn([]string{"w/a/b/x.go"})
			p.rename("w", "v")
			p.settledIn([]string{"w/a/b/x.go"})
			p.rename("v", "w")
			p.settledIn([]string{"w/a/b/x.go"})
			if len(p.batches) > 0 {
				t.Errorf("a notice twice? %+v", p.next())
			}
		})
	}
}

// TestLimitIsOver: a new watch tries again, and says whether it still meets a limit.
func TestLimitIsOver(t *testing.T) {
	sys := &faulty{openErr: syscall.EMFILE}
	p := newProbe(t, sys)
	p.mkdir("w")
	limited := func() bool { return p.inspect(func(tr *tree) bool { return tr.stats().Limited }) }
	p.watch(p.rules("w", "*.go"))
	p.noticed("polled")
	if !limited() {
		t.Error("a watch that polls for lack of descriptors is not limited")
	}
	p.inspect(func(*tree) bool { sys.openErr = nil; return true })
	p.watch(p.rules("w", "*.go"))
	if limited() {
		t.Error("limited though nothing is lacking")
	}
	if p.inspect(func(tr *tree) bool { return len(tr.told) > 0 }) {
		t.Error("the same limit would not be told again")
	}
}

func TestLimitWithoutPolling(t *testing.T) {
	p := newProbe(t, &faulty{openErr: syscall.EMFILE})
	p.mkdir("w")
	s := p.rules("w", "*.go")
	s.Poll = PollNever
	p.watch(s)
	p.noticed("polling is off")
	if p.inspect(func(tr *tree) bool { return tr.polls() }) {
		t.Error("polls")
	}
}

func TestEventlessFileSystem(t *testing.T) {
	p := newProbe(t, &faulty{kind: func(dir string) string {
		if strings.Contains(dir, "share") {
			return "9p"
		}
		return ""
	}})
	p.mkdir("w/share/sub")
	p.write("w/share/sub/x.go", "1")
	s := p.rules("w", "**/*.go")
	s.PollInterval = time.Millisecond
	p.watch(s)
	p.noticed("9p", p.path("w/share"), "2 folders are polled")
	p.write("w/share/sub/x.go", "2")
	p.settledIn([]string{"w/share/sub/x.go"})
	p.replace("w/share/sub/x.go", "3")
	p.settledIn([]string{"w/share/sub/x.go"})
	p.rename("w/share/sub", "w/share/other")
	p.settledIn([]string{"w/share/sub/x.go", "w/share/other/x.go"})
	now := time.Now()
	p.ok(os.Chtimes(p.path("w/share/other/x.go"), now, now))
	p.nothing("w/share/end.go")
}

func TestPollAlways(t *testing.T) {
	p := newProbe(t, &faulty{openErr: errors.New("opened a notifier")})
	p.mkdir("w/a")
	p.mkdir("target")
	p.write("target/y.go", "1")
	p.link("../../target/y.go", "w/a/y.go")
	s := p.rules("w", "**/*.go")
	s.Poll, s.PollInterval = PollAlways, time.Millisecond
	p.watch(s)
	p.write("w/a/x.go", "1")
	p.settledIn([]string{"w/a/x.go"})
	// Same size, at once, again and again: within one tick of the clock that
	// stamps files the times are the same.
	for i := range 20 {
		p.write("w/a/x.go", fmt.Sprint(i%10))
		p.agree("w/a/x.go")
	}
	p.until("w/a/x.go")
	p.write("target/y.go", "2")
	p.settledIn([]string{"w/a/y.go"}, "w/a/x.go")
	if p.inspect(func(tr *tree) bool { return len(tr.notices) > 0 }) {
		t.Error("a notice about what was asked for")
	}
	// Back to events, if only that were possible here: it says why not.
	s.Poll = PollAuto
	p.watch(s)
	p.noticed("opened a notifier")
}

func TestOverflow(t *testing.T) {
	m := newMute()
	p := newProbe(t, &faulty{mute: m})
	p.mkdir("w/a")
	p.write("w/a/x.go", "1")
	p.watch(p.rules("w", "**/*.go"))
	p.write("w/a/x.go", "2")
	p.mkdir("w/b")
	p.write("w/b/y.go", "1")
	m.errs <- fsnotify.ErrEventOverflow
	b := p.next()
	if !b.Overflow || len(b.Paths) != 2 {
		t.Errorf("%+v", b)
	}
	m.mu.Lock()
	if m.added[p.path("w/a")] != 2 || m.added[p.path("w/b")] != 1 {
		t.Errorf("an overflow may hide that a folder was replaced; subscribed: %v", m.added)
	}
	m.mu.Unlock()
	// Also where no watched file changed.
	m.errs <- fsnotify.ErrEventOverflow
	if b := p.next(); !b.Overflow || len(b.Paths) != 0 {
		t.Errorf("%+v", b)
	}
}

// The notifier of some systems opens every file, and runs out of descriptors
// long after the folder was added.
func TestNotifierRunsOutLater(t *testing.T) {
	m := newMute()
	p := newProbe(t, &faulty{mute: m})
	p.mkdir("w")
	s := p.rules("w", "*.go")
	s.PollInterval = time.Millisecond
	p.watch(s)
	m.errs <- syscall.EMFILE
	waitFor(t, func() bool { return p.inspect(func(tr *tree) bool { return tr.crowded }) })
	p.write("w/a.go", "1")
	p.settledIn([]string{"w/a.go"})
	p.watch(s)
	if p.inspect(func(tr *tree) bool { return tr.polls() }) {
		t.Error("still polling, though the next set may be smaller")
	}
}

// A file that exists but cannot be read keeps its old content.
func TestUnreadable(t *testing.T) {
	const unreadable = "/proc/self/mem" // a regular file whose first byte is an error, for root too
	if _, err := os.Stat(unreadable); err != nil {
		t.Skip(err)
	}
	p := newProbe(t, realSystem{})
	p.mkdir("w")
	p.write("w/a.go", "1")
	s := p.rules("w", "*.go")
	s.PollInterval = time.Millisecond
	p.watch(s)
	p.link(unreadable, "w/tmp")
	p.rename("w/tmp", "w/a.go")
	waitFor(t, func() bool { return p.inspect(func(tr *tree) bool { return len(tr.blocked) == 1 && tr.polls() }) })
	p.nothing("w/b.go")
	p.write("w/new", "1")
	p.rename("w/new", "w/a.go")
	p.nothing("w/c.go")
	if p.inspect(func(tr *tree) bool { return tr.polls() }) {
		t.Error("still polling")
	}
	p.replace("w/a.go", "2")
	p.only("w/a.go")
}
