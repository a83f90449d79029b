//go:build linux && amd64

package live

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	waiting "github.com/hotdev/hotdev/internal/patience"
)

var bareLab *lab

// bare is a program that does not have runtime/pprof.
func bare(t testing.TB) *running {
	t.Helper()
	if bareLab == nil {
		bareLab = newLab(t, "testdata/bare")
	}
	return bareLab.start(t)
}

// begin begins a profile; the function that it returns ends it.
func (r *running) begin(kind ProfileKind) (end func() Profile) {
	r.t.Helper()
	taking, err := r.host.Begin(r.conn, kind)
	if err != nil {
		r.t.Fatal(err)
	}
	return func() Profile {
		r.t.Helper()
		p, err := taking.End()
		if err != nil {
			r.t.Fatal(err)
		}
		return p
	}
}

// in is the sum of the counts of stacks with a function, and its places in them.
func (s Stacks) in(function string) (sum [4]int64, places string) {
	for _, one := range s.List {
		for _, i := range one.Frames {
			if f := s.Frames[i]; f.Function == function {
				for k, n := range one.Counts {
					sum[k] += n
				}
				places += " " + filepath.Base(f.File) + ":" + strconv.Itoa(f.Line)
				break
			}
		}
	}
	return sum, places
}

// A program without runtime/pprof is profiled, and patched while that goes on: new
// functions have their names.
func TestProfileCPU(t *testing.T) {
	r := bare(t)
	end := r.begin(CPU)
	r.ask("spin")
	if _, o := r.apply(edit{main_, "\t\ts += i * i\n", "\t\ts += spun(i)\n"}, edit{main_, "//go:noinline\nfunc spin(", "//go:noinline\nfunc spun(i int) int { return i * i / (i + 1) }\n\n//go:noinline\nfunc spin("}); o != nil {
		t.Fatal(o)
	}
	r.ask("spin")
	if _, err := r.host.Begin(r.conn, Heap); err == nil || err.Error() != "the program is being profiled already" {
		t.Errorf("a second one: %v", err)
	}
	p := end()
	spin, _ := p.in("main.spin")
	spun, at := p.in("main.spun")
	if spin[0] < 5 || spin[0] > 200 || spun[0] == 0 || !strings.Contains(at, " main.go:"+lineOf(t, r, "func spun(")) || p.Rate != 100 {
		t.Errorf("samples in spin %v, in spun %v at%s, %d a second", spin, spun, at, p.Rate)
	}
	r.ask("spin")
	end = r.begin(CPU)
	if spin, _ := end().in("main.spin"); spin[0] > 0 {
		t.Errorf("what came before is in it: %v", spin)
	}
}

// What waited, and for how long, from the beginning to the end. The program's own rates
// are in force afterwards.
func TestProfileWaits(t *testing.T) {
	r := bare(t)
	r.ask("rates")
	rate := r.word("runtime.blockprofilerate")
	r.ask("wait")
	r.ask("lock")
	for _, c := range []struct {
		kind        ProfileKind
		ask, in, at string
	}{
		{Block, "wait", "main.wait", "<-c // waits"},
		{Mutex, "lock", "main.lock", "mu.Unlock() // releases"},
	} {
		end := r.begin(c.kind)
		r.ask(c.ask)
		n, at := end().in(c.in)
		// On a busy machine, one may come too late to wait.
		if n[0] < 1 || n[0] > 3 || n[1] < 2e6 || n[1] > time.Minute.Nanoseconds() || !strings.Contains(at, " main.go:"+lineOf(t, r, c.at)) {
			t.Errorf("%s: %d waits of %v at%s", c.ask, n[0], time.Duration(n[1]), at)
		}
		if n, _ := r.begin(c.kind)().in(c.in); n[0] != 0 {
			t.Errorf("%s: %d waits when there were none", c.ask, n[0])
		}
	}
	if now := r.word("runtime.blockprofilerate"); now != rate || rate == 0 {
		t.Errorf("the program's rate was %d and is %d", rate, now)
	}
	if got := r.ask("fraction"); got != "7 done" {
		t.Errorf("the program's fraction of 7 is %s", got)
	}
}

// word is a variable of the program.
func (r *running) word(name string) uint64 {
	r.t.Helper()
	mem, err := os.Open("/proc/" + strconv.Itoa(r.cmd.Process.Pid) + "/mem")
	if err != nil {
		r.t.Fatal(err)
	}
	defer mem.Close()
	var b [8]byte
	if _, err := mem.ReadAt(b[:], int64(r.host.at(name))); err != nil {
		r.t.Fatal(err)
	}
	return le.Uint64(b[:])
}

// An execution trace is a file, with the program's functions.
func TestProfileTrace(t *testing.T) {
	for name, r := range map[string]*running{"without runtime/trace": bare(t), "with it": theApp(t).start(t)} {
		end := r.begin(Trace)
		r.ask("wait")
		if f := end().File; !bytes.HasPrefix(f, []byte("go 1.")) || !bytes.Contains(f, []byte("main.main")) {
			t.Errorf("%s: a trace of %d bytes: %.20q", name, len(f), f)
		}
	}
}

// A profile that the program takes itself goes on, and this is said; if hotdev's was
// first, the program is told.
func TestProfileOwn(t *testing.T) {
	r := bare(t)
	r.ask("own")
	for _, kind := range []ProfileKind{CPU, Trace} {
		if _, err := r.host.Begin(r.conn, kind); err == nil || !strings.HasPrefix(err.Error(), "the program takes one itself") {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
	r = theApp(t).start(t)
	end := r.begin(CPU)
	if got := r.ask("profile"); got != "cpu profiling already in use" {
		t.Errorf("the program's own: %s", got)
	}
	z, err := gzip.NewReader(bytes.NewReader(end().File))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !bytes.Contains(text, []byte("nanoseconds")) {
		t.Errorf("a profile of %d bytes: %v", len(text), err)
	}
	if got := r.ask("profile"); !strings.HasPrefix(got, "true") {
		t.Errorf("the program's own, afterwards: %s", got)
	}
	// The linker leaves out what a program does not call.
	for name := profilers[CPU][1]; r.host.at(name) != 0; {
		r.host.addrs[r.host.lookup(name)] = 0
	}
	if _, err := r.host.Begin(r.conn, CPU); err == nil || !strings.Contains(err.Error(), "never ends") {
		t.Errorf("the program's own cannot be ended: %v", err)
	}
}

// A profile ends with the program, with hotdev, and where hotdev gives the program up.
func TestProfileCut(t *testing.T) {
	r := bare(t)
	r.begin(Block)
	_ = r.conn.socket.(io.Closer).Close()
	if err := waiting.Until(func() bool { return r.word("runtime.blockprofilerate") == 0 }); err != nil {
		t.Errorf("hotdev is gone, and the profile goes on: %v", err)
	}
	r = bare(t)
	taking, err := r.host.Begin(r.conn, Block)
	if err != nil {
		t.Fatal(err)
	}
	r.conn.send = func([]byte, *os.File) error { return os.ErrDeadlineExceeded }
	if _, err := taking.End(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
	if err := waiting.Until(func() bool { return r.word("runtime.blockprofilerate") == 0 }); err != nil {
		t.Errorf("hotdev has given up, and the profile goes on: %v", err)
	}
	r = bare(t)
	taking, err = r.host.Begin(r.conn, CPU)
	if err != nil {
		t.Fatal(err)
	}
	r.died()
	if _, err := taking.End(); err == nil || !strings.HasPrefix(err.Error(), "the program ended before it answered") {
		t.Errorf("the program is gone: %v", err)
	}
	if _, refused := errors.AsType[Refusal](err); refused {
		t.Error("it could be asked again")
	}
}
