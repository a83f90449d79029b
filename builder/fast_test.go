package builder

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// It prints by println, since a binary with package fmt takes the linker half as
// long again; TestFastRandom's has that.
const fastProgram = `
-- go.mod --
module example.com/fast

go 1.24
-- main.go --
package main

import "example.com/fast/a"

func main() { println("main 1", a.Word()) }
-- a/a.go --
package a

import "example.com/fast/b"

func Word() string { return "a" + b.Word() }
-- b/b.go --
package b

//go:noinline
func Word() string { return "b1" }
`

// fastLoop is a program that is built again and again on the fast path.
type fastLoop struct {
	t *testing.T
	b *Builder
	// slow builds by the go command, and knows the last graph that was right.
	slow     *Builder
	complain bool // go build's complaints will be asked for, too
	dir      string
	req      Request
	graph    source.Graph // of the plan that was looked at last
	// touched is what changed since slow listed the graph; nil if anything may have.
	touched []string
}

func newFastLoop(t *testing.T, files string) *fastLoop {
	l := &fastLoop{t: t, b: New(), slow: New(), dir: t.TempDir()}
	parseArchive(files).write(t, l.dir)
	out := t.TempDir()
	l.req = Request{Dir: l.dir, Target: []string{"."}, Fast: true, Scratch: filepath.Join(out, "fast"), Output: filepath.Join(out, "app")}
	return l
}

func (l *fastLoop) edit(name, old, new string) {
	l.t.Helper()
	file := filepath.Join(l.dir, name)
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), old) {
		l.t.Fatalf("%s has no %q: %v", name, old, err)
	}
	writeFile(l.t, file, strings.Replace(string(text), old, new, 1))
	l.touched = append(l.touched, file)
}

// write writes a file.
func (l *fastLoop) write(name, text string) {
	l.t.Helper()
	file := filepath.Join(l.dir, filepath.FromSlash(name))
	writeFile(l.t, file, text)
	l.touched = append(l.touched, file)
}

// build builds, publishes and plans.
func (l *fastLoop) build() Result {
	l.t.Helper()
	r, err := l.b.Build(l.t.Context(), l.req, Hooks{})
	if err != nil {
		l.t.Fatal(err)
	}
	if r.Artifact.Temp != "" {
		if err := l.b.Publish(r.Artifact); err != nil {
			l.t.Fatal(err)
		}
	}
	if r.OK() {
		if err := l.b.Plan(l.t.Context(), l.req); err != nil {
			l.t.Fatal(err)
		}
		if l.complain {
			if _, _, err := l.slow.List(l.t.Context(), l.req, l.touched); err != nil {
				l.t.Fatal(err)
			}
			l.touched = nil
		}
	}
	return r
}

// compiled are the packages that a fast build is to have compiled.
func (l *fastLoop) fast(want ...string) Result {
	l.t.Helper()
	r := l.build()
	if r.Full != "" {
		l.t.Errorf("a full build: %s", r.Full)
	}
	var got []string
	for _, c := range r.Compiled {
		got = append(got, strings.TrimPrefix(c.Package, "example.com/"))
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		l.t.Errorf("compiled %v, want %v", got, want)
	}
	if r.Unsettled > 0 {
		l.behaves()
		l.settle()
	}
	l.equal()
	return r
}

// settle brings line numbers up to date.
func (l *fastLoop) settle() {
	l.t.Helper()
	if err := l.b.Settle(l.t.Context(), l.req); err != nil {
		l.t.Fatal(err)
	}
	if r := l.build(); r.Full != "" || r.Unsettled > 0 || !r.OK() {
		l.t.Errorf("after settling: %+v", r)
	}
}

// behaves holds what the published program says to what go build's says.
func (l *fastLoop) behaves() {
	l.t.Helper()
	cmd := exec.Command("go", append([]string{"run"}, l.req.Target...)...)
	cmd.Dir, cmd.Env = l.dir, append(os.Environ(), "GOFLAGS=-buildvcs=false")
	want, err := cmd.CombinedOutput()
	if err != nil {
		l.t.Fatalf("go run: %v\n%s", err, want)
	}
	if got, err := exec.Command(l.req.Output).CombinedOutput(); err != nil || string(got) != string(want) {
		l.t.Fatalf("the program says\n%s(%v), go build's\n%s", got, err, want)
	}
}

// equal holds the published binary to that of go build, and commands that were
// derived to those that the go command prints.
func (l *fastLoop) equal() {
	l.t.Helper()
	if p, _, _ := l.b.program(l.req.Output).now(); p != nil && !reflect.DeepEqual(p.Graph, l.graph) {
		if l.graph.Main != "" {
			if diff, err := p.Derived(l.t.Context()); err != nil || diff != "" {
				l.t.Fatalf("the plan is not what go build prints: %s, %v", diff, err)
			}
		}
		l.graph = p.Graph
	}
	slow := l.req
	slow.Fast, slow.Output = false, filepath.Join(filepath.Dir(l.req.Output), "slow")
	_ = os.Remove(slow.Output)
	r, err := l.slow.Build(l.t.Context(), slow, Hooks{})
	if err != nil || !r.OK() {
		l.t.Fatalf("go build: %v, %v", r.Diagnostics, err)
	}
	defer os.Remove(r.Artifact.Temp)
	same, err := compiler.SameProgram(r.Artifact.Temp, l.req.Output)
	if err != nil || !same {
		l.t.Fatalf("the fast binary is not go build's (%v)", err)
	}
}

// equalUnlessFull leaves out what the go command has just made.
func (l *fastLoop) equalUnlessFull(r Result) {
	l.t.Helper()
	if r.Full == "" || r.Same {
		l.equal()
	}
}

func TestFastLevels(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	if r := l.build(); r.Full != "first build" {
		t.Errorf("the first build: %q", r.Full)
	}
	l.edit("main.go", "main 1", "main 2")
	l.fast("fast")
	l.edit("b/b.go", "b1", "b2") // its export data stays
	l.fast("fast/b")
	l.edit("b/b.go", "//go:noinline", "// no more\n//go:noinline\n") // lines move
	l.fast("fast/b")
	l.edit("b/b.go", "// no more", "// no more\n")
	if r := l.build(); r.Unsettled != 1 || r.Full != "" { // once more, before it settles
		t.Errorf("lines moved again: %+v", r)
	}
	l.edit("b/b.go", "// no more\n", "// no more\n\n")
	l.fast("fast/b")
	l.edit("b/b.go", "func Word() string", "func Word() (s string)")
	l.fast("fast/b", "fast/a", "fast")
	l.edit("b/b.go", "// no more", "// no less") // the same object
	if r := l.fast("fast/b"); !r.Same || r.Link != 0 {
		t.Errorf("a comment: %+v", r)
	}
	l.edit("b/b.go", "func Word() (s string)", "\nfunc Word() (s string)") // the pragma has lost its function
	l.edit("b/b.go", "//go:noinline\n\n", "\n\n//go:noinline\n")
	l.fast("fast/b")
	l.edit("a/a.go", `"a" +`, `"A" +`) // inlinable
	l.fast("fast/a", "fast")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	if err := l.b.Verify(t.Context(), l.req); err != nil {
		t.Error(err)
	}
	// What hotdev made with other flags than the shell's go build is another binary.
	other := l.req
	other.Env = append(os.Environ(), "GOFLAGS='-ldflags=-X=main.a=1 -X=main.b=2'")
	if err := l.b.verifyFlags(t.Context(), other); err == nil || !strings.Contains(err.Error(), `-ldflags is "-w" to hotdev, and "-X=main.a=1 -X=main.b=2 -w" to go build`) {
		t.Errorf("other flags: %v", err)
	}
	if err := l.b.Verify(t.Context(), other); err != nil {
		t.Errorf("with them: %v", err)
	}
	l.edit("a/a.go", "b.Word()", "b.Wort()")
	if err := l.b.Verify(t.Context(), l.req); err == nil || !strings.Contains(err.Error(), "undefined: b.Wort") {
		t.Errorf("broken code: %v", err)
	}
}

// What changes the commands has the go command print them anew, and what it
// imports is compiled without it; what the fast path does not understand goes to
// the go command, with the reason. The next build is fast again.
func TestFastRefuses(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.build()
	for _, c := range []struct {
		file, old, new string
		compiled       []string
	}{
		{"go.mod", "go 1.24", "go 1.24 // a comment", nil},
		{"go.mod", "go 1.24", "go 1.25", []string{"fast/b", "fast/a", "fast"}}, // the language's version
		{"a/a.go", `import "`, "import _ \"embed\"\nimport \"", []string{"fast/a", "fast"}},
		{"b/b.go", "package b", "//go:build !never\n\npackage b", []string{"fast/b"}},
	} {
		l.edit(c.file, c.old, c.new)
		l.fast(c.compiled...)
		l.edit("main.go", "main ", "main +")
		l.fast("fast")
	}
	writeFile(t, filepath.Join(l.dir, "b", "new.go"), "package b\n\nfunc New() {}\n")
	l.fast("fast/b") // nobody names New
	l.req.Flags = []string{"-cover"}
	if r, err := l.b.Build(t.Context(), l.req, Hooks{}); err != nil || r.Full != "flags or environment changed" {
		t.Errorf("other flags: %q, %v", r.Full, err)
	}
	if err := l.b.Plan(t.Context(), l.req); err == nil || err.Error() != "build flag -cover" {
		t.Errorf("a flag that is not understood: %v", err)
	}
	l.req.Flags = nil
	l.build()

	// An archive that is gone is not the user's fault.
	for _, program := range l.b.programs {
		p := program.plan
		p.Nodes["example.com/fast/b"].Archive = filepath.Join(l.dir, "gone.a")
	}
	l.edit("a/a.go", `"a" +`, `"x" +`)
	if r := l.build(); r.Full == "" || !r.OK() {
		t.Errorf("an archive is gone: %+v", r)
	}
	l.equal()
	l.edit("a/a.go", `"x" +`, `"y" +`)
	l.fast("fast/a", "fast")
}

// With -trimpath the names of files are those that go build writes, in stack traces
// and in what is inlined.
func TestFastTrimpath(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.req.Flags = []string{"-trimpath"}
	l.build()
	l.edit("b/b.go", "//go:noinline", "//\n//go:noinline") // lines move
	l.fast("fast/b")
	l.edit("b/b.go", "Word() string {", "Word() string { defer func() { recover() }(); ")
	l.fast("fast/b")
	l.edit("a/a.go", "func Word()", "func Inlined() []int { return make([]int, 2) }\n\nfunc Word()")
	l.edit("main.go", "a.Word()", "a.Word(), a.Inlined()[1]")
	l.fast("fast/a", "fast")
}

// With -race the standard library has archives of its own, and every program is
// linked with the detector.
func TestFastRace(t *testing.T) {
	if os.Getenv("HOTDEV_LONG") == "" {
		t.Skip("it may have to compile the standard library; HOTDEV_LONG is not set")
	}
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.req.Flags = []string{"-race"}
	if r := l.build(); !r.OK() {
		t.Skip(r.Diagnostics) // no cgo
	}
	l.edit("b/b.go", "b1", "b2")
	l.fast("fast/b")
	l.edit("a/a.go", "import ", "import \"strings\"\nimport ")
	l.edit("a/a.go", `"a" +`, `strings.ToUpper("a") +`)
	l.fast("fast/a", "fast")
	l.edit("b/b.go", "Word() string", "Word(...int) string")
	l.fast("fast/b", "fast/a")
}

// A stack trace is the same without debugging information.
func TestFastTrace(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, strings.Replace(fastProgram, `return "b1"`, `panic("b1")`, 1))
	l.build()
	l.edit("b/b.go", "b1", "b2")
	l.fastPanics("b/b.go:4")
}

func (l *fastLoop) fastPanics(place string) {
	l.t.Helper()
	if r := l.build(); r.Full != "" {
		l.t.Errorf("a full build: %s", r.Full)
	}
	out, _ := exec.Command(l.req.Output).CombinedOutput()
	if !strings.Contains(string(out), "panic: b2") || !strings.Contains(string(out), place) {
		l.t.Errorf("the trace does not name %s:\n%s", place, out)
	}
}

// TestFastComplaints breaks a program in many ways, and holds what is said on
// the fast path to what go build says.
func TestFastComplaints(t *testing.T) {
	t.Parallel()
	begin := func(program string) (l *fastLoop, binary string) {
		l = newFastLoop(t, program)
		l.complain = true
		l.req.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod")
		if r := l.build(); !r.OK() {
			t.Fatal(r.Diagnostics)
		}
		l.equal()
		return l, readFile(t, l.req.Output)
	}
	one, first := begin(fastProgram)
	for _, c := range []struct{ name, file, old, new string }{
		{"undefined", "a/a.go", "b.Word()", "b.Nothing()"},
		{"a type", "a/a.go", `"a" +`, `1 +`},
		{"syntax", "b/b.go", "func Word() string {", "func Word( string {"},
		{"unused variable", "main.go", "println(", "x := 1; println("},
		{"unused import", "b/b.go", "package b", "package b\n\nimport \"os\""},
		{"missing return", "b/b.go", `return "b1"`, "_ = 1"},
		{"many errors", "b/b.go", `return "b1"`, strings.Repeat("x++; ", 15)},
		{"a continuation", "main.go", "func main() {", "type I interface{ M() }\nvar _ I = 3\n\nfunc main() {"},
		{"a missing package", "a/a.go", "import \"", "import _ \"example.com/fast/none\"\nimport \""},
		{"a missing module", "a/a.go", "import \"", "import _ \"example.org/none\"\nimport \""},
		{"an import cycle", "b/b.go", "package b", "package b\n\nimport _ \"example.com/fast/a\""},
		{"a misplaced embed", "b/b.go", "//go:noinline", "//go:embed b.go\nvar s string\n"},
		{"an embed of nothing", "b/b.go", "package b", "package b\n\nimport _ \"embed\"\n\n//go:embed none.txt\nvar s string"},
		{"the language version", "go.mod", "go 1.24", "go 1.17"},
		{"an internal package", "a/a.go", "import \"", "import _ \"internal/abi\"\nimport \""},
		{"a build constraint", "b/b.go", "package b", "//go:build (\n\npackage b"},
		{"another package's name", "b/b.go", "package b", "package other"},
		{"no main function", "main.go", "func main()", "func mane()"},
		{"assembly is missing", "b/b.go", "//go:noinline\nfunc Word() string { return \"b1\" }", "func Word() string"},
		{"a directive", "b/b.go", "//go:noinline", "//go:linkname Word\n//go:noinline"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, binary := one, first
			if c.name == "the language version" {
				l, binary = begin(strings.Replace(fastProgram, `return "b1"`, `return max("b1", "b0")`, 1))
			}
			l.t = t
			l.edit(c.file, c.old, c.new)
			r := l.build()
			if r.OK() {
				t.Errorf("it builds (full: %q)", r.Full)
			} else {
				l.sameComplaints(r)
			}
			l.edit(c.file, c.new, c.old)
			if r := l.build(); !r.OK() {
				t.Errorf("mended: %v", r.Diagnostics)
			}
			if readFile(t, l.req.Output) != binary {
				t.Error("mended, the program is another one")
			}
		})
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// With a Go that is not known the fast path is tried out first, and not taken if
// it makes anything else than go build.
func TestFastUnknownToolchain(t *testing.T) {
	known := testedToolchains
	t.Cleanup(func() { testedToolchains = known })
	testedToolchains = nil
	l := newFastLoop(t, fastProgram)
	l.build()
	l.edit("b/b.go", "b1", "b2")
	l.fast("fast/b")
	for version, passed := range l.b.triedOut {
		if !passed {
			t.Errorf("%s did not pass", version)
		}
		l.b.triedOut[version] = false // as if it had not
	}
	l.b.program(l.req.Output).plan = nil
	err := l.b.Plan(t.Context(), l.req)
	if err == nil || !strings.Contains(err.Error(), "is not known to the fast path") {
		t.Errorf("%v", err)
	}
}

// TestFastTemporaryFiles: no step of a plan or a fast build works in the folder
// for temporary files, which others share; it need not even be there.
func TestFastTemporaryFiles(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.req.Env = os.Environ()
	for _, name := range append(gocmd.TempVariables(), "GOTMPDIR") {
		l.req.Env = gocmd.Setenv(l.req.Env, name, filepath.Join(l.dir, "none"))
	}
	l.build()
	l.edit("b/b.go", "b1", "b2")
	l.fast("fast/b")
	l.edit("b/b.go", "package b", "package b\n") // lines, which settle
	l.fast("fast/b")
}

// TestFastBackToPublished: sources that were broken and are again what runs need
// no linker, though it was the go command that linked what runs.
func TestFastBackToPublished(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.build()
	l.edit("a/a.go", "b.Word()", "b.Wrod()")
	if r := l.build(); r.OK() || r.Full != "" {
		t.Fatalf("broken: %+v", r)
	}
	l.edit("a/a.go", "b.Wrod()", "b.Word()")
	if r := l.fast(); !r.Same || r.Link != 0 {
		t.Errorf("mended: same %v, linked for %s", r.Same, r.Link)
	}
	l.edit("a/a.go", `"a"`, `"A"`)
	if r := l.fast("fast/a", "fast"); r.Same || r.Link == 0 {
		t.Errorf("changed: same %v, linked for %s", r.Same, r.Link)
	}
	for _, want := range []int{1, 0} { // for a change, and for none
		linked := 0
		if want == 1 {
			l.edit("main.go", "main 1", "main 2")
		}
		r, err := l.b.Build(t.Context(), l.req, Hooks{Linking: func() { linked++ }})
		if err != nil || linked != want {
			t.Fatalf("told %d times of the linker, want %d; %v", linked, want, err)
		}
		if r.Artifact.Temp != "" {
			if err := l.b.Publish(r.Artifact); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestFastSavedBeforePlan: a plan is not of the binary that was published, if
// sources were saved between the two.
func TestFastSavedBeforePlan(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	r, err := l.b.Build(t.Context(), l.req, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.b.Publish(r.Artifact); err != nil {
		t.Fatal(err)
	}
	l.edit("a/a.go", `"a"`, `"A"`)
	if err := l.b.Plan(t.Context(), l.req); err != nil {
		t.Fatal(err)
	}
	if r := l.fast(); r.Same || r.Link == 0 {
		t.Errorf("saved: same %v, linked for %s", r.Same, r.Link)
	}
}

// TestFastOtherThanPublished: what was built and not published, and what changes
// the link alone, are not what stands there.
func TestFastOtherThanPublished(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	publish := func(want bool) {
		t.Helper()
		r, err := l.b.Build(t.Context(), l.req, Hooks{})
		if err != nil || !r.OK() {
			t.Fatal(r.Diagnostics, err)
		}
		if !want {
			l.b.Discard(r.Artifact)
		} else if err := l.b.Publish(r.Artifact); err != nil {
			t.Fatal(err)
		}
	}
	plan := func() {
		t.Helper()
		if err := l.b.Plan(t.Context(), l.req); err != nil {
			t.Fatal(err)
		}
	}
	publish(true)
	l.edit("a/a.go", `"a"`, `"A"`)
	publish(false)
	plan()
	if r := l.fast(); r.Same || r.Link == 0 {
		t.Errorf("after a build that was discarded: same %v, linked for %s", r.Same, r.Link)
	}

	l = newFastLoop(t, fastProgram)
	publish(true)
	l.edit("go.mod", "go 1.24", "go 1.24\n\ngodebug panicnil=1")
	plan()
	if r := l.fast(); r.Same || r.Link == 0 {
		t.Errorf("after a change of go.mod: same %v, linked for %s", r.Same, r.Link)
	}
	if err := os.Remove(l.req.Output); err != nil {
		t.Fatal(err)
	}
	if r := l.fast(); r.Same || r.Link == 0 {
		t.Errorf("without a binary: same %v, linked for %s", r.Same, r.Link)
	}
}
