package watcher

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/patience"
)

// A ledger is what somebody knows who starts from the first snapshot and reads
// a file again exactly when it is named.
type ledger struct {
	p     *probe
	mu    sync.Mutex
	known map[string]content
}

// learn takes the content that paths were named for.
func (l *ledger) learn(paths []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.p.inspect(func(tr *tree) bool {
		for _, path := range paths {
			delete(l.known, path)
			if f := tr.files[path]; f != nil && f.base.exists {
				l.known[path] = f.base
			}
		}
		return true
	})
}

// compare gives a difference between what is known and the disk, read by a
// walk of its own; "" if there is none.
func (l *ledger) compare() string {
	disk := map[string]content{}
	l.p.walk(l.p.path("w"), false, disk)
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, now := range disk {
		if l.known[path] != now {
			return fmt.Sprintf("%s: known %+v, is %+v", l.p.rel(path), l.known[path], now)
		}
	}
	for path := range l.known {
		if _, ok := disk[path]; !ok {
			return fmt.Sprintf("%s: known, is gone", l.p.rel(path))
		}
	}
	return ""
}

func (p *probe) walk(dir string, linked bool, into map[string]content) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		info, err := os.Stat(path)
		switch isLink := e.Type() == os.ModeSymlink; {
		case err != nil && !isLink:
		case err == nil && info.IsDir():
			if !linked || !isLink {
				p.walk(path, linked || isLink, into)
			}
		case strings.HasSuffix(path, ".txt"):
			f := file{path: path}
			f.check(p.tree.seed, make([]byte, 512))
			into[path] = f.cur
		}
	}
}

// A storm does random things below w, the watched folder, and out, where links
// lead to. Each may fail.
type storm struct {
	*probe
	*rand.Rand
}

func (s storm) dir() string {
	dir := "w"
	for range s.IntN(4) {
		dir += fmt.Sprintf("/d%d", s.IntN(3))
	}
	return dir
}

func (s storm) file() string {
	if s.IntN(6) == 0 {
		return fmt.Sprintf("out/o%d/f%d.txt", s.IntN(3), s.IntN(3))
	}
	return fmt.Sprintf("%s/f%d.txt", s.dir(), s.IntN(3))
}

func (s storm) text() string { return fmt.Sprint(s.IntN(10)) }

func (s storm) blow() {
	switch s.IntN(14) {
	case 0, 1, 2:
		os.WriteFile(s.path(s.file()), []byte(s.text()), 0o644)
	case 3:
		tmp := s.path("w/new.tmp.1")
		os.WriteFile(tmp, []byte(s.text()), 0o644)
		os.Rename(tmp, s.path(s.file()))
	case 4:
		os.Rename(s.path(s.file()), s.path(s.file()))
	case 5:
		os.Remove(s.path(s.file()))
	case 6, 7:
		dir := s.dir()
		os.MkdirAll(s.path(dir), 0o755)
		os.WriteFile(s.path(dir+"/f0.txt"), []byte(s.text()), 0o644)
	case 8:
		from, to := s.dir(), s.dir()
		if from != "w" && to != "w" {
			os.Rename(s.path(from), s.path(to))
		}
	case 9:
		if dir := s.dir(); dir != "w" {
			os.RemoveAll(s.path(dir))
		}
	case 10:
		os.Symlink(s.path(fmt.Sprintf("out/o%d", s.IntN(3))), s.path(s.dir()+fmt.Sprintf("/d%d", s.IntN(3))))
	case 11:
		os.Symlink(s.path(fmt.Sprintf("out/o%d/f%d.txt", s.IntN(3), s.IntN(3))), s.path(s.file()))
	case 12:
		os.Rename(s.path(fmt.Sprintf("out/o%d", s.IntN(3))), s.path(fmt.Sprintf("out/o%d", s.IntN(3))))
	case 13:
		if s.IntN(4) == 0 { // the root itself, away and back
			os.Rename(s.path("w"), s.path("v"))
			s.pause()
			os.Rename(s.path("v"), s.path("w"))
			break
		}
		dir := fmt.Sprintf("out/o%d", s.IntN(3))
		os.RemoveAll(s.path(dir))
		os.Mkdir(s.path(dir), 0o755)
		os.WriteFile(s.path(dir+"/f1.txt"), []byte(s.text()), 0o644)
	}
}

// pause lets the watcher look at half of what is going on.
func (s storm) pause() {
	if s.IntN(3) == 0 {
		time.Sleep(time.Duration(s.IntN(8)) * time.Millisecond)
	}
}

func TestStorm(t *testing.T) {
	seeds := uint64(2)
	if os.Getenv("HOTDEV_LONG") != "" { // .ci/run sets it
		seeds = 8
	}
	for _, mode := range []Poll{PollAuto, PollAlways} {
		for seed := range seeds {
			t.Run(fmt.Sprintf("%s/%d", mode, seed), func(t *testing.T) { testStorm(t, mode, seed) })
		}
	}
}

func testStorm(t *testing.T, mode Poll, seed uint64) {
	p := &probe{t: t, dir: t.TempDir(), Watcher: New()}
	p.dir, _ = filepath.EvalSymlinks(p.dir)
	s := storm{p, rand.New(rand.NewPCG(seed, 1))}
	p.mkdir("w")
	for i := range 3 {
		p.mkdir(fmt.Sprintf("out/o%d", i))
	}
	for range 100 {
		s.blow()
	}
	// Short windows make for many looks at unfinished states.
	set := p.rules("w", "**/*.txt")
	set.Quiet, set.Max = time.Millisecond, 20*time.Millisecond
	set.Poll, set.PollInterval = mode, 2*time.Millisecond
	p.watch(set)
	l := &ledger{p: p, known: map[string]content{}}
	p.walk(p.path("w"), false, l.known)

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx, func(b Batch) { l.learn(b.Paths) }) }()
	for i := range 400 {
		s.blow()
		s.pause()
		switch i % 100 {
		case 30:
			p.watch(set)
		case 60:
			paths, err := p.Settle(ctx)
			p.ok(err)
			l.learn(paths)
		}
	}
	diff := ""
	if err := patience.Until(func() bool { diff = l.compare(); return diff == "" }); err != nil {
		t.Errorf("not told: %s; %v", diff, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
