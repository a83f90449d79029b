//go:build linux && amd64

package live

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A loop that never returns calls the new functions, goes on with its own old
// code, and this is said.
func TestLinger(t *testing.T) {
	r := theApp(t).start(t)
	r.ask("loop")
	if _, o := r.apply(edit{main_, "step.Store(1)", "step.Store(2)"}); o != nil {
		t.Fatal(o)
	}
	if got := r.ask("ticks"); got != "2" {
		t.Errorf("ticks %s, want 2", got)
	}
	if l, err := r.host.Linger(r.conn); err != nil || len(l) > 0 {
		t.Errorf("%v, %v: nothing lingers", l, err)
	}
	for _, n := range []string{"5", "7"} {
		old := map[string]string{"5": "count.Add(1)", "7": "count.Add(5)"}[n]
		if _, o := r.apply(edit{main_, old, "count.Add(" + n + ")"}); o != nil {
			t.Fatal(o)
		}
		l, err := r.host.Linger(r.conn)
		if err != nil || len(l) != 1 || !regexp.MustCompile(`^main\.loop still runs the old code in goroutine \d+: R restarts$`).MatchString(l[0].String()) {
			t.Errorf("%v, %v", l, err)
		}
	}
	r.ask("loop")
	if l, err := r.host.Linger(r.conn); err != nil || len(l) != 1 || l[0].Count != 1 {
		t.Errorf("with a new loop beside the old one: %v, %v", l, err)
	}
}

// A crash in patched code names its functions and lines as they are now.
func TestCrash(t *testing.T) {
	r := theApp(t).start(t)
	if _, o := r.apply(edit{main_, "func crash(p *int) { *p = 1 }", "func crash(p *int) {\n\tdefer println(\"deferred\")\n\tfunc() {\n\t\t*p = 1\n\t}()\n}"}); o != nil {
		t.Fatal(o)
	}
	line := lineOf(t, r, "\t\t*p = 1")
	io.WriteString(r.in, "crash\n")
	if _, err := io.ReadAll(r.out); err != nil {
		t.Fatal(err)
	}
	_ = r.cmd.Wait()
	got := r.text.String()
	for _, want := range []string{"deferred\n", "main.crash.func1(", "main.crash(", "/main.go:" + line + "\n", "main.answer.func1"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// lineOf is the number of the first line with a text in main.go as it is now.
func lineOf(t *testing.T, r *running, text string) string {
	t.Helper()
	p := r.now["main"]
	i := slices.IndexFunc(p.Files, func(f File) bool { return strings.HasSuffix(f.Path, "/main.go") })
	before, _, ok := strings.Cut(string(p.Files[i].Text), text)
	if !ok {
		t.Fatalf("no %q", text)
	}
	return strconv.Itoa(strings.Count(before, "\n") + 1)
}

// A CPU profile finds functions of a patch by their names.
func TestProfile(t *testing.T) {
	r := theApp(t).start(t)
	if got := r.ask("profile"); got != "true true" && got != "true false" {
		t.Fatalf("before: %s", got)
	}
	if _, o := r.apply(edit{main_, "\t\ts += i * i\n\t}\n\treturn s", "\t\ts += spun(i)\n\t}\n\treturn s"}, edit{main_, "//go:noinline\nfunc spin(", "//go:noinline\nfunc spun(i int) int { return i * i / (i + 1) }\n\n//go:noinline\nfunc spin("}); o != nil {
		t.Fatal(o)
	}
	if got := r.ask("profile"); got != "true true" {
		t.Errorf("functions found: %s", got)
	}
}

// The program's runtime says where its goroutines are, those of a patch by their new
// names and lines, and what allocated its memory; the agent's own goroutine is left out.
func TestProfileStacks(t *testing.T) {
	r := theApp(t).start(t)
	r.ask("loop")
	if _, o := r.apply(edit{main_, "count.Add(1)", "wait(count.Add(1))"}, edit{main_, "func loop() {", "//go:noinline\nfunc wait(n int64) int64 {\n\ttime.Sleep(time.Hour)\n\treturn n\n}\n\nfunc loop() {"}); o != nil {
		t.Fatal(o)
	}
	r.ask("loop")
	of := func(function string) (n int64, at Frame) {
		s := r.begin(Goroutines)()
		if s.Rate != 0 {
			t.Fatal(s.Rate)
		}
		for _, one := range s.List {
			for _, i := range one.Frames {
				if f := s.Frames[i]; f.Function == function {
					n, at = n+one.Counts[0], f
				}
			}
		}
		return n, at
	}
	if n, at := of("main.loop"); n != 2 || !strings.HasSuffix(at.File, "/main.go") || at.Line == 0 {
		t.Errorf("%d goroutines in main.loop, at %v", n, at)
	}
	if n, _ := of(module + "/hotdevlive.(*agent).serve"); n != 0 {
		t.Error("the agent's own goroutine is among them")
	}
	if h := r.begin(Heap)(); h.Rate != 512<<10 {
		t.Errorf("heap: a sample for %d bytes", h.Rate)
	}
	if got := r.ask("ticks"); got == "" {
		t.Error("no answer afterwards")
	}
}

// The program is as it was after an obstacle, and may be patched still.
func TestAfterRefusal(t *testing.T) {
	r := theApp(t).start(t)
	if _, o := r.apply(edit{store, "type item struct {", "type item struct {\n\tPrice int"}); o == nil {
		t.Fatal("not refused")
	}
	if _, o := r.apply(edit{store, "var total = 100", "var total = 100\n\nvar base = table[leaf(5)]"}, edit{store, "fmt.Sprint(total)", "fmt.Sprint(total, base)"}); o == nil {
		t.Fatal("not refused")
	}
	if got := r.ask("store total"); got != "101" {
		t.Errorf("total %s", got)
	}
	if _, o := r.apply(edit{store, `"v1 %s=%d"`, `"v2 %s=%d"`}); o != nil {
		t.Fatal(o)
	}
	if got := r.ask("store add x"); got != "v2 x=1" {
		t.Errorf("add %s", got)
	}
	r.ask("gc")
}

// A type that a patch brings must be the one that reflection knows.
func TestReflection(t *testing.T) {
	types := map[string]string{"slice": "[]square", "map": "map[square]square", "array": "[3]square", "chan": "<-chan square", "pointer": "*square"}
	refused := theApp(t).start(t) // which leaves it as it was
	for kind, typ := range types {
		for _, before := range []bool{false, true} {
			r := refused
			if !before || kind == "pointer" {
				r = theApp(t).start(t)
			}
			if before {
				r.ask("store made " + kind)
			}
			_, o := r.apply(edit{store, "return made(arg).String()", "return fmt.Sprint(made(arg) == reflect.TypeOf(any(*new(" + typ + "))))"})
			lists := r.lab.tc.modules.sizes["typelinks"] > 0 // by which reflection finds the types of patches
			switch {
			case o != nil && (before || !lists) && strings.HasSuffix(o.Error(), "is new to the program, and reflection would have another one"):
			case o != nil:
				t.Errorf("%s, made before %v: %v", kind, before, o)
			default:
				if got := r.ask("store made " + kind); got != "true" {
					t.Errorf("%s, made before %v: the same is %s", kind, before, got)
				}
				if before && kind != "pointer" { // which the compiler made
					t.Errorf("%s was made before, and a patch brought another one", kind)
				}
			}
		}
	}
}

// A program that is built in a way that is not known is not opened.
func TestOdd(t *testing.T) {
	l := theApp(t)
	h := l.open(t)
	x, err := openExecutable(l.program)
	if err != nil {
		t.Fatal(err)
	}
	defer x.close()
	h.exe.symbols = x.symbols
	for name, what := range map[string]string{"runtime.racefuncenter": "-race", "internal/coverage/cfile.InitHook": "-cover"} {
		h.exe.symbols[name] = 1
		if o := h.odd(); o == nil || o.Error() != "the program is built with "+what {
			t.Errorf("%s: %v", name, o)
		}
		delete(h.exe.symbols, name)
	}
	delete(h.exe.symbols, "runtime.doInit1")
	if o := h.odd(); o == nil || o.Kind != Program {
		t.Error(o)
	}
	stripped := filepath.Join(t.TempDir(), "stripped")
	l.link(t, l.base, stripped, "-s")
	if _, o := Open(Setup{Executable: stripped, Packages: l.packages(), Toolchain: l.tc}); o == nil || !strings.Contains(o.Error(), "symbol table") {
		t.Errorf("without symbols: %v", o)
	}
	// The archives are not those that the program was linked from.
	p := l.base[module+"/store"]
	p.Files = []File{{p.Files[0].Path, []byte(strings.Replace(string(p.Files[0].Text), "kind ?", "kind unknown", 1))}}
	if said, err := l.compile(&p, l.base); err != nil {
		t.Fatal(said)
	}
	other := l.packages()
	for i := range other {
		if other[i].Path == p.Path {
			other[i] = p
		}
	}
	if _, o := Open(Setup{Executable: l.program, Packages: other, Toolchain: l.tc}); o == nil || o.Error() != "the program was not linked from these archives: (*Store).Handle is another function" && o.Error() != "the program was not linked from these archives: store.kind is another function" {
		t.Errorf("other archives: %v", o)
	}
}

// A toolchain with another layout is refused.
func TestToolchain(t *testing.T) {
	root := theApp(t).tc.Root
	copied := t.TempDir()
	for _, f := range []string{"runtime/proc.go", "runtime/iface.go", "runtime/symtab.go", "runtime/symtabinl.go", "runtime/runtime2.go", "runtime/cpuprof.go", "runtime/mprof.go", "internal/abi/iface.go", "internal/abi/type.go", "internal/abi/symtab.go", "cmd/internal/objabi/symkind.go", "cmd/internal/objabi/reloctype.go", "cmd/internal/goobj/objfile.go", "cmd/internal/goobj/builtinlist.go"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(copied, "src", f)), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(copied, "src", f), string(readFileOf(t, filepath.Join(root, "src", f))))
	}
	if _, o := LoadToolchain(copied, "go1.x"); o != nil {
		t.Fatal(o)
	}
	for _, c := range []struct{ file, old, new, want string }{
		{"runtime/symtab.go", "gcdatamask, gcbssmask bitvector", "gcdatamask, gcbssmask bitvector\n\tnovel uintptr", "runtime.moduledata has a field that live code does not know: novel uintptr"},
		{"runtime/proc.go", "startedStopping  int64", "startedStopping  int32", "go1.x has another layout of worldStop"},
		{"internal/abi/type.go", "Mcount  uint16", "Mcount  uint32", "go1.x has another layout of UncommonType"},
		{"cmd/internal/objabi/reloctype.go", "R_ADDROFF\n", "R_NOVEL\n\tR_ADDROFF\n", "go1.x numbers its relocations differently"},
		{"cmd/internal/objabi/symkind.go", "SRODATA\n", "SNOVEL\n\tSRODATA\n", "cmd/internal/objabi/symkind.go numbers its symbols differently"},
		{"runtime/iface.go", "func itabsinit()", "func itabsinit(n int)", "go1.x has another runtime.itabsinit"},
	} {
		file := filepath.Join(copied, "src", c.file)
		text := string(readFileOf(t, file))
		if !strings.Contains(text, c.old) {
			t.Errorf("%s has no %q", c.file, c.old)
			continue
		}
		writeFile(t, file, strings.Replace(text, c.old, c.new, 1))
		if _, o := LoadToolchain(copied, "go1.x"); o == nil || o.Error() != c.want || o.Kind != WrongToolchain {
			t.Errorf("%s: %v, want %s", c.file, o, c.want)
		}
		writeFile(t, file, text)
	}
}

// A program that does not answer is given up, and its agent hears of it. What it says
// later is no answer to another request.
func TestNoAnswer(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), "mine"), os.NewFile(uintptr(fds[1]), "theirs")
	defer mine.Close()
	defer theirs.Close()
	c := NewConn(mine)
	c.patience = time.Millisecond
	if _, _, err := c.ask(opFrames, []byte("x"), 0, 0); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
	if _, _, err := c.ask(opFrames, []byte("x"), 0, 0); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("asked again: %v", err)
	}
	if heard, err := io.ReadAll(theirs); err != nil || len(heard) != 32 {
		t.Errorf("the agent hears %d bytes before the end, want one request: %v", len(heard), err)
	}
}

// Closures of equal code, which the linker may keep once, are changed apart.
func TestEqualClosures(t *testing.T) {
	r := theApp(t).start(t)
	r.ask("twin a")
	if _, o := r.apply(edit{main_, `return "twin " + s } // first`, `return "first twin " + s } // first`}); o != nil {
		t.Fatal(o)
	}
	if got := r.ask("twin b"); got != "first twin b twin b" {
		t.Errorf("after the first has changed: %s", got)
	}
}

// A reference to a function that no relocation tells of is found, wherever there
// is code whose object is not known.
func TestStrays(t *testing.T) {
	h := theApp(t).open(t)
	if len(h.stray) > 0 {
		t.Errorf("%d functions have strays", len(h.stray))
	}
	leaf := h.lookup(module + "/store.leaf")
	end := h.addrs[leaf] + uint64(h.defs[leaf].sym().size())
	for i, p := range h.exe.parts {
		if end < p.addr || end >= p.addr+uint64(len(p.b)) {
			continue
		}
		b := slices.Clone(p.b)
		h.exe.parts[i].b = b
		if gap := b[end-p.addr:][:5]; string(gap) != "\xcc\xcc\xcc\xcc\xcc" {
			t.Skipf("behind the function is no gap: %x", gap)
		}
		b[end-p.addr] = 0xe9
		le.PutUint32(b[end-p.addr+1:], uint32(h.addrs[leaf]-end-5))
	}
	h.strays()
	if !h.stray[leaf] || len(h.stray) != 1 {
		t.Errorf("strays: %v", h.stray)
	}
}

// Archives of patches that later ones have replaced are given back.
func TestOldArchives(t *testing.T) {
	r := theApp(t).start(t)
	before := len(r.host.archives)
	for i := range 4 {
		if _, o := r.apply(edit{store, "v" + strconv.Itoa(i+1) + " %s=%d", "v" + strconv.Itoa(i+2) + " %s=%d"}); o != nil {
			t.Fatal(o)
		}
	}
	if got := r.ask("store add x"); got != "v5 x=1" {
		t.Errorf("it answers %s", got)
	}
	if n := len(r.host.archives) - before; n != 1 {
		t.Errorf("%d archives are kept, want that of the last", n)
	}
}

// Nothing is replaced but what changed, and what it is compiled into.
func TestNothingElse(t *testing.T) {
	r := theApp(t).start(t)
	for i := range 2 {
		a, o := r.apply(edit{store, "v" + strconv.Itoa(i+1) + " %s=%d", "v" + strconv.Itoa(i+2) + " %s=%d"})
		if o != nil {
			t.Fatal(o)
		}
		if !slices.Equal(a.Functions, []string{"(*Store).add"}) {
			t.Errorf("replaced %v", a.Functions)
		}
	}
}
