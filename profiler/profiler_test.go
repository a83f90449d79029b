package profiler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/pprof"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// served is a server with the handlers of net/http/pprof.
func served() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func kind(t *testing.T, name string) Kind {
	i := slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return Kinds()[i]
}

func addr(s *httptest.Server) string { return s.Listener.Addr().String() }

//go:noinline
func parked(up, release chan struct{}) {
	up <- struct{}{}
	<-release // the place of those that wait
}

//go:noinline
func allocates() []byte { return make([]byte, 64<<20) }

//go:noinline
func spins(until <-chan struct{}) (n int) {
	for {
		select {
		case <-until:
			return n
		default:
			for i := range 1_000_000 {
				n ^= i * n
			}
		}
	}
}

// row is that of a function of this package.
func row(t *testing.T, p Profile, function string) Row {
	t.Helper()
	i := slices.IndexFunc(p.Rows, func(r Row) bool { return strings.HasSuffix(r.Function, "/profiler."+function) })
	if i < 0 {
		t.Fatalf("%s is not in %+v", function, p.Rows)
	}
	return p.Rows[i]
}

// lineOf is the line of this file that holds a text.
func lineOf(t *testing.T, text string) int {
	t.Helper()
	source, err := os.ReadFile("profiler_test.go")
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(source), text)
	return strings.Count(before, "\n") + 1
}

// Real profiles of this process: what waits is counted where the program calls the
// library, memory at its allocation, time at its own place.
func TestTake(t *testing.T) {
	s := httptest.NewServer(served())
	defer s.Close()
	folder := filepath.Join(t.TempDir(), "not there yet")
	take := func(k Kind) Profile {
		t.Helper()
		p, err := Take(t.Context(), k, Program{Addrs: []string{addr(s)}}, folder)
		if err != nil {
			t.Fatal(err)
		}
		if st, err := os.Stat(p.File); err != nil || st.Size() == 0 || filepath.Dir(p.File) != folder {
			t.Errorf("it was not kept: %v %v", p.File, err)
		}
		return p
	}

	up, release := make(chan struct{}), make(chan struct{})
	for range 7 {
		go parked(up, release)
		<-up
	}
	defer close(release)
	g := row(t, take(kind(t, "goroutines")), "parked")
	if want := lineOf(t, "<-release // the place"); g.Flat != 7 || g.Cum != 7 || g.Line != want || filepath.Base(g.File) != "profiler_test.go" || g.Library {
		t.Errorf("7 goroutines wait at line %d: %+v", want, g)
	}

	held := allocates()
	h := take(kind(t, "heap"))
	if r := row(t, h, "allocates"); r.Flat < 32<<20 || h.Unit != "bytes" || h.Total < r.Flat || r.Line != lineOf(t, "make([]byte, 64<<20)") {
		t.Errorf("64 MB are held: %+v of %d %s", r, h.Total, h.Unit)
	}
	runtime.KeepAlive(held)

	done := make(chan struct{})
	go spins(done)
	cpu := kind(t, "cpu")
	cpu.Takes = time.Second
	c := take(cpu)
	close(done)
	if r := row(t, c, "spins"); r.Flat == 0 || c.Unit != "nanoseconds" || r.Flat > c.Total {
		t.Errorf("a loop: %+v of %d %s", r, c.Total, c.Unit)
	}

	trace := kind(t, "trace")
	trace.Takes = 50 * time.Millisecond
	if p := take(trace); len(p.Rows) > 0 || !strings.HasSuffix(p.File, ".trace") {
		t.Errorf("a trace: %+v", p)
	}
	block := kind(t, "block")
	block.Takes = time.Second // net/http/pprof counts whole seconds
	if _, err := Take(t.Context(), block, Program{Addrs: []string{addr(s)}}, folder); err == nil || !strings.Contains(err.Error(), "SetBlockProfileRate") {
		t.Errorf("nothing is recorded of what blocks, and it says %v", err)
	}
}

// Of several ports the one with the profiles is found, and an error says what is amiss
// with the others.
func TestPorts(t *testing.T) {
	everything := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "<title>app</title>") }))
	defer everything.Close()
	elsewhere := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/debug/pprof/", http.StatusFound))
	defer elsewhere.Close()
	closed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	defer closed.Close()
	secure := httptest.NewTLSServer(served())
	defer secure.Close()
	others := []string{addr(everything), addr(elsewhere), addr(closed)}

	p, err := Take(t.Context(), kind(t, "goroutines"), Program{Addrs: append(slices.Clone(others), addr(secure))}, t.TempDir())
	if err != nil || p.From != "https://"+addr(secure) {
		t.Errorf("from %q: %v", p.From, err)
	}
	_, err = Take(t.Context(), kind(t, "goroutines"), Program{Addrs: others}, t.TempDir())
	for _, want := range []string{addr(everything), addr(elsewhere), addr(closed) + "/debug/pprof/ answers 401", `import _ "net/http/pprof"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if _, err = Take(t.Context(), kind(t, "heap"), Program{}, t.TempDir()); err == nil || !strings.Contains(err.Error(), "the program listens on no port") {
		t.Errorf("without a port: %v", err)
	}

	got := reachable([]string{"[::]:8080", "0.0.0.0:8080", "192.0.2.1:9000", "127.0.0.1:6060", "[::1]:7000"})
	if want := []string{"127.0.0.1:6060", "127.0.0.1:8080", "192.0.2.1:9000", "[::1]:7000"}; !slices.Equal(got, want) {
		t.Errorf("asked in this order: %v, want %v", got, want)
	}
}

// What the program says instead of a profile is handed on.
func TestRefusedProfile(t *testing.T) {
	busy := served().(*http.ServeMux)
	busy.HandleFunc("/debug/pprof/heap", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "not now", http.StatusInternalServerError)
	})
	busy.HandleFunc("/debug/pprof/mutex", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintln(w, "hello") })
	busy.HandleFunc("/debug/pprof/goroutine", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	busy.HandleFunc("/debug/pprof/goroutineleak", http.NotFound)
	s := httptest.NewServer(busy)
	defer s.Close()
	for name, want := range map[string]string{
		"heap": "answers 500: not now", "mutex": "is no profile", "goroutines": "end or restart", "leaks": "GOEXPERIMENT",
	} {
		folder := t.TempDir()
		if _, err := Take(t.Context(), kind(t, name), Program{Addrs: []string{addr(s)}}, folder); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", name, err, want)
		}
		if all, _ := os.ReadDir(folder); len(all) > 0 {
			t.Errorf("%s: %v was kept", name, all)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Take(ctx, kind(t, "cpu"), Program{Addrs: []string{addr(s)}}, t.TempDir()); err == nil {
		t.Error("it was given up, and there is a profile")
	}
}

// The newest stay, and no other file goes.
func TestKept(t *testing.T) {
	folder := t.TempDir()
	other := filepath.Join(folder, "0-mine.txt")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var files []string
	for i := range kept + 3 {
		file := filepath.Join(folder, fmt.Sprintf("20200101-0000%02d.000-heap.pb.gz", i))
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	last, err := keep(folder, Kind{Name: "cpu"}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range append(files, last, other) {
		_, err := os.Stat(f)
		if gone := i < 4; gone == (err == nil) {
			t.Errorf("%s: %v", filepath.Base(f), err)
		}
	}
}

// What is the standard library's is told by the files of any of its packages.
func TestLibrary(t *testing.T) {
	at := func(function, file string) *profile.Location {
		return &profile.Location{Line: []profile.Line{{Function: &profile.Function{Name: function, Filename: file}, Line: 7}}}
	}
	for _, goroot := range []string{"/go/src/", ""} {
		p := &profile.Profile{Sample: []*profile.Sample{{Value: []int64{3}, Location: []*profile.Location{
			at("unicode.IsSpace", goroot+"unicode/graphic.go"), at("strings.Fields", goroot+"strings/strings.go"),
			at("example.com/m.F", "/mod/example.com/m@v1.0.0/m.go"),
			at("example.com/app/strings.Own", "example.com/app/strings/own.go"), at("main.main", "example.com/app/main.go"),
		}}}}
		for _, l := range p.Sample[0].Location {
			p.Function = append(p.Function, l.Line[0].Function)
		}
		_, all := rows(p, 0, true)
		for _, r := range all {
			want := !strings.HasPrefix(r.File, "example.com/")
			if r.Library != want {
				t.Errorf("GOROOT %q: %+v", goroot, r)
			}
		}
		if all[0].Function != "example.com/m.F" || all[0].Flat != 3 || all[0].Line != 7 {
			t.Errorf("GOROOT %q: it waits in %+v", goroot, all[0])
		}
	}
}

// Times of the kinds are within what is waited for.
func TestKinds(t *testing.T) {
	for _, k := range Kinds() {
		if k.Name == "" || k.Shows == "" || k.path == "" || k.Takes > 10*time.Second {
			t.Errorf("%+v", k)
		}
		if longer := k.For(20 * time.Second); (longer.Takes == 20*time.Second) != (k.Takes > 0) || k.For(0).Takes != k.Takes {
			t.Errorf("%s takes %v, and %v where 20 s are asked for", k.Name, k.Takes, longer.Takes)
		}
	}
}

// fixed is a program whose live code gives a profile.
func fixed(d Direct, err error) Program {
	return Program{Live: func(context.Context, Kind) (Direct, error) { return d, err }}
}

// A program without net/http/pprof has the profiles whose stacks live code gives; heap
// samples stand for what was not sampled.
func TestStacks(t *testing.T) {
	folder := t.TempDir()
	s := Stacks{Frames: []Frame{{"runtime.gopark", "/go/src/runtime/proc.go", 1}, {"main.waits", "/app/main.go", 7}, {"main.main", "/app/main.go", 20}}}
	s.List = []Stack{{[4]int64{5, 1, 4, 400 << 10}, []int{0, 1}}, {[4]int64{1}, []int{2}}}
	take := func(name string) Profile {
		t.Helper()
		p, err := Take(t.Context(), kind(t, name), fixed(Direct{Stacks: s}, nil), folder)
		if err != nil || p.From != "live code" {
			t.Fatalf("%s: %+v, %v", name, p, err)
		}
		return p
	}
	p := take("goroutines")
	if p.Total != 6 || p.Unit != "count" {
		t.Fatalf("%+v", p)
	}
	if r := p.Rows[0]; r.Function != "main.waits" || r.Flat != 5 || r.Line != 7 || r.File != "/app/main.go" {
		t.Errorf("%+v", r)
	}
	s.Rate = 100 << 10
	// Of objects as large as the rate, 63 of 100 are sampled.
	if p = take("heap"); p.Unit != "bytes" || p.Total < 632<<10 || p.Total > 634<<10 {
		t.Errorf("%+v", p)
	}
	if len(p.Rows) != 1 || p.Rows[0].Function != "main.waits" || p.Rows[0].Flat != p.Total {
		t.Errorf("it was allocated by the runtime: %+v", p.Rows)
	}
	s.Rate = 0
	if p = take("heap"); p.Unit != "bytes" || p.Total != 400<<10 {
		t.Errorf("of a program that has turned sampling off: %+v", p)
	}
	s.Rate = 100
	if p = take("cpu"); p.Unit != "nanoseconds" || p.Total != 6*10e6 || p.Rows[0].Function != "runtime.gopark" {
		t.Errorf("six samples, of 10 ms each: %+v", p)
	}
	s.List = []Stack{{[4]int64{3, 45e6}, []int{0, 1}}}
	for _, name := range []string{"block", "mutex"} {
		if p = take(name); p.Unit != "nanoseconds" || p.Total != 45e6 || p.Rows[0].Function != "main.waits" {
			t.Errorf("three waits, 45 ms together: %+v", p)
		}
	}
}

// Live code is asked first. If it cannot be asked, the ports are, and both are named.
func TestLive(t *testing.T) {
	s := httptest.NewServer(served())
	defer s.Close()
	take := func(name string, p Program) (Profile, error) {
		k := kind(t, name)
		k.Takes = min(k.Takes, 10*time.Millisecond)
		return Take(t.Context(), k, p, t.TempDir())
	}
	file, err := os.ReadFile(func() string {
		p, err := take("goroutines", Program{Addrs: []string{addr(s)}})
		if err != nil {
			t.Fatal(err)
		}
		return p.File
	}())
	if err != nil {
		t.Fatal(err)
	}
	p := fixed(Direct{File: file}, nil)
	if got, err := take("cpu", p); err != nil || got.From != "live code" || got.Total == 0 {
		t.Errorf("a file: %+v, %v", got, err)
	}
	if _, err := take("leaks", p); err == nil || !strings.Contains(err.Error(), "on no port") {
		t.Errorf("a kind that live code does not take: %v", err)
	}
	p = fixed(Direct{}, fmt.Errorf("%w: just started", ErrNotLive))
	p.Addrs = []string{addr(s)}
	if got, err := take("goroutines", p); err != nil || got.From != "http://"+addr(s) {
		t.Errorf("not live, but it serves them: %+v, %v", got, err)
	}
	p.Addrs = nil
	if _, err := take("trace", p); err == nil || !strings.Contains(err.Error(), "just started, and") || !strings.Contains(err.Error(), `import _ "net/http/pprof"`) {
		t.Errorf("neither: %v", err)
	}
	p = fixed(Direct{}, errors.New("the program takes one itself"))
	p.Addrs = []string{addr(s)}
	if _, err := take("cpu", p); err == nil || err.Error() != "the program takes one itself" {
		t.Errorf("refused: %v", err)
	}
	for name, want := range map[string]string{"cpu": "did nothing in these", "mutex": "nothing waited in these 10ms: use the program while the profile is taken", "heap": "there is nothing in it"} {
		if _, err := take(name, fixed(Direct{}, nil)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "SetMutex") {
			t.Errorf("an empty %s: %v", name, err)
		}
	}
}
