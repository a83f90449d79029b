package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/bench/internal/module"
	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/mutate"
)

// A library is a real one, with a program that serves it: what it answers to
// each input is a text.
type library struct {
	module string // path@version; empty for the one that is written here
	weight int
	answer string // the body of func answer(in string) string
	imports,
	inputs []string
}

var libraries = []library{
	{"", 45, "return village.Answer(in)", []string{"example.com/village"}, []string{"1", "20", "x y z", "b a c", "", "long long long long"}},
	{"github.com/pelletier/go-toml/v2@v2.4.3", 35,
		"var v map[string]any\n\terr := toml.Unmarshal([]byte(in), &v)\n\tout, err2 := toml.Marshal(v)\n\treturn fmt.Sprint(string(out), err, err2)",
		[]string{"github.com/pelletier/go-toml/v2"},
		[]string{"a = 1\n[b]\nc = [1979-05-27, \"x\", 2.5]\n", "[[x]]\na.b = true\n[[x]]\n\"q\" = '''m\nn'''\n", "a = ", "d = 07:32:00\ne = 1e3\nf = 0xff\ng = {h = 1}\n"}},
	{"mvdan.cc/sh/v3@v3.14.1", 17,
		"f, err := syntax.NewParser(syntax.KeepComments(true)).Parse(strings.NewReader(in), \"x\")\n\tif err != nil {\n\t\treturn err.Error()\n\t}\n\tvar b strings.Builder\n\terr = syntax.NewPrinter(syntax.Indent(2)).Print(&b, f)\n\treturn fmt.Sprint(b.String(), err)",
		[]string{"mvdan.cc/sh/v3/syntax"},
		[]string{"if true;then echo   1;fi # c\n", "foo() { case $1 in a) b;; esac; }\nfor i in `seq 3`;do echo ${i%x} $((i+1));done", "cat <<EOF | wc\n$a\nEOF\n", "a && b || (c; d) >x 2>&1 &", "((", "[[ a == b* ]] && arr=(1 2 3); echo ${arr[@]:1}"}},
	{"github.com/google/go-jsonnet@v0.22.0", 3,
		"vm := jsonnet.MakeVM()\n\tout, err := vm.EvaluateAnonymousSnippet(\"x\", in)\n\treturn fmt.Sprint(out, err)",
		[]string{"github.com/google/go-jsonnet"},
		[]string{"local f(x) = x * 2; { a: f(3), b: [x for x in [1, 2, 3] if x > 1] }", "{ a:: 1, b: self.a + 1 } + { a:: 5 }", "error 'no'", "if 1 < 2 then 'a' + 'b' else null"}},
}

// village is a small library of every kind of thing, for edits that need no
// network.
var village = map[string]string{
	"go.mod": "module example.com/village\n\ngo 1.24\n",
	"village.go": `// Package village answers questions.
package village

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"

	"example.com/village/house"
)

const limit = 12

var (
	mu   sync.Mutex
	seen = map[string]bool{}
)

// Answer answers a question.
func Answer(q string) string {
	if n, err := strconv.Atoi(q); err == nil {
		return numbers(n)
	}
	words := strings.Fields(q)
	sort.Slice(words, func(i, j int) bool { return words[i] < words[j] })
	mu.Lock()
	seen[q] = true
	mu.Unlock()
	return fmt.Sprint(len(words), " ", strings.Join(words, ","), " ", visit(words))
}

func numbers(n int) string {
	if n > limit {
		n = limit
	}
	f := house.Sum(2, 3)
	return fmt.Sprint(f(n), house.Max(n, 7), house.Max("a", "b"))
}

func visit(words []string) (r string) {
	defer func() {
		if e := recover(); e != nil {
			r = fmt.Sprint("nobody: ", e)
		}
	}()
	v := house.New(words[0], len(words))
	for _, w := range words {
		v.Add(&house.Room{Name: w, Size: len(w)})
	}
	return v.String()
}
`,
	"house/house.go": `// Package house has rooms.
package house

import "fmt"

const floors = 2

// A Room is one of a house.
type Room struct {
	Name string
	Size int
}

// Area is what a room measures.
func (r *Room) Area() int { return r.Size * floors }

type measured interface{ Area() int }

// A House has rooms.
type House struct {
	name  string
	rooms []measured
	spare int
}

// New builds a house.
func New(name string, spare int) *House { return &House{name: name, spare: spare} }

// Add adds a room.
func (h *House) Add(r *Room) { h.rooms = append(h.rooms, r) }

func (h *House) String() string {
	return fmt.Sprintf("%s has %d rooms of %d", h.name, len(h.rooms)+h.spare, total(h.rooms))
}

func total(list []measured) (n int) {
	for _, m := range list {
		switch m := m.(type) {
		case *Room:
			n += m.Area() + 1
		case fmt.Stringer:
			n += len(m.String())
		}
	}
	return n
}

// Sum adds numbers to what it is given.
func Sum(list ...int) func(int) int {
	sum := 0
	for _, n := range list {
		sum += n
	}
	return func(n int) int { return sum + n*10 }
}

// Max is the larger one.
func Max[T int | string](a, b T) T {
	if a > b {
		return a
	}
	return b
}
`,
}

// What is put into each package of a library, and the program: it serves all
// the time, in goroutines, and rests from that while it examines itself. Its
// state is how often it was asked.
const (
	probeFile = `package %s

// HotdevProbe is what the probes have told.
var HotdevProbe uint64

func hotdevProbe(n int) { HotdevProbe = HotdevProbe*31 + uint64(n) + 1 }
`
	serverFile = `//go:build go1.24

package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
%s)

var inputs = []string{%s}

var probes = []*uint64{%s}

var (
	mu    sync.RWMutex
	asked int
	_     = strings.Fields
)

func main() {
	if len(os.Args) > 1 {
		asked, _ = strconv.Atoi(os.Args[1])
		fmt.Println(examine())
		return
	}
	for range 3 {
		go serve()
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(examine())
	}
}

func serve() {
	for n := 0; ; n++ {
		mu.RLock()
		safely(inputs[n%%len(inputs)])
		mu.RUnlock()
		time.Sleep(5 * time.Millisecond)
	}
}

func safely(in string) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprint("panic: ", e)
		}
	}()
	return answer(in)
}

func examine() string {
	mu.Lock()
	defer mu.Unlock()
	asked++
	out := fmt.Sprint("asked ", asked)
	for range 2 {
		for _, p := range probes {
			*p = 0
		}
		for _, in := range inputs {
			out += "\n" + safely(in)
		}
		for _, p := range probes {
			out += fmt.Sprint(" ", *p)
		}
		runtime.GC()
	}
	return strconv.Quote(out)
}

func answer(in string) string {
	%s
}
`
	serverFolder = "zhotdevserver"
)

// A subject is a library under test.
type subject struct {
	library
	dir     string
	b, pure *builder.Builder
	req     builder.Request
	sources *mutate.Program
	served  *served
	counts  map[string]int
	last    string // what a fresh build answered before, but for its state
	lie     func(text string) string
}

// served is the program as it runs.
type served struct {
	live  *builder.Live
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	mine  *os.File
	asked int
}

// errLate is of a program that does not answer.
var errLate = errors.New("the program does not answer")

// examinePatience is for answers that take milliseconds.
const examinePatience = 40 * time.Second

func newSubject(ctx context.Context, lib library, dir string, rng *rand.Rand) (*subject, error) {
	s := &subject{library: lib, dir: dir, b: builder.New(), pure: builder.New(), counts: map[string]int{}}
	if lib.module != "" {
		if err := module.Copy(ctx, lib.module, dir); err != nil {
			return nil, err
		}
	} else {
		for name, text := range village {
			if err := s.write(name, text); err != nil {
				return nil, err
			}
		}
	}
	var imports strings.Builder
	for _, i := range lib.imports {
		fmt.Fprintf(&imports, "\n\t%q\n", i)
	}
	server := func(imports, probes string) error {
		var inputs []string
		for _, in := range lib.inputs {
			inputs = append(inputs, strconv.Quote(in))
		}
		return s.write(serverFolder+"/main.go", fmt.Sprintf(serverFile, imports, strings.Join(inputs, ", "), probes, lib.answer))
	}
	if err := server(imports.String(), ""); err != nil {
		return nil, err
	}
	out := dir + "-out"
	s.req = builder.Request{
		Dir: dir, Target: []string{"./" + serverFolder}, Fast: true, Live: true,
		Env: append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off"), Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "app"),
	}
	graph, _, err := s.pure.List(ctx, s.req, nil)
	if err != nil {
		return nil, err
	}
	var files, texts, probes []string
	for i, p := range graph.Packages {
		if p.Name == "main" {
			continue
		}
		texts = append(texts, p.EmbedFiles...)
		for _, f := range p.Files {
			if filepath.Ext(f) == ".go" {
				files = append(files, f)
			}
		}
		if err := os.WriteFile(filepath.Join(p.Dir, "zzprobe.go"), fmt.Appendf(nil, probeFile, p.Name), 0o644); err != nil {
			return nil, err
		}
		fmt.Fprintf(&imports, "\tprobe%d %q\n", i, p.ImportPath)
		probes = append(probes, fmt.Sprintf("&probe%d.HotdevProbe", i))
	}
	if err := server(imports.String(), strings.Join(probes, ", ")); err != nil {
		return nil, err
	}
	r, err := s.b.Build(ctx, s.req, builder.Hooks{})
	if err != nil || !r.OK() {
		return nil, fmt.Errorf("first build: %v, %w", r.Diagnostics, err)
	}
	s.sources = mutate.New(rng, files, slices.DeleteFunc(texts, func(f string) bool { return filepath.Ext(f) == ".go" }))
	s.sources.Probe("hotdevProbe")
	return s, s.restart(ctx, r)
}

func (s *subject) write(name, text string) error {
	file := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// restart runs what a build made in the place of what runs.
func (s *subject) restart(ctx context.Context, r builder.Result) error {
	s.end()
	if r.Artifact.Temp != "" {
		if err := s.b.Publish(r.Artifact); err != nil {
			return err
		}
	}
	if err := s.b.Plan(ctx, s.req); err != nil {
		return err
	}
	if err := s.b.TryLive(ctx, s.req); err != nil {
		return err
	}
	mine, theirs, err := builder.LiveSocket()
	if err != nil {
		return err
	}
	p := &served{mine: mine, cmd: exec.CommandContext(ctx, s.req.Output)}
	p.cmd.Env = append(os.Environ(), builder.LiveVariable+"=3")
	p.cmd.ExtraFiles = []*os.File{theirs}
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.out = bufio.NewReader(out)
	err = p.cmd.Start()
	theirs.Close()
	if err != nil {
		return err
	}
	s.served = p
	p.live, err = s.b.OpenLive(ctx, s.req, mine)
	return err
}

func (s *subject) end() {
	p := s.served
	if p == nil {
		return
	}
	if p.live != nil {
		p.live.Close()
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.mine.Close()
	s.served = nil
}

// examine has the running program examine itself.
func (p *served) examine() (string, error) {
	late := time.AfterFunc(examinePatience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	if _, err := io.WriteString(p.in, "examine\n"); err != nil {
		return "", err
	}
	p.asked++
	text, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%w: %w", errLate, err)
	}
	return strings.TrimSuffix(text, "\n"), nil
}

// fresh builds the program by the go command alone, and has it examine itself in
// the state of the one that runs. It is not ok if it does not compile, or does
// not answer.
func (s *subject) fresh(ctx context.Context) (text string, ok bool, err error) {
	binary := s.req.Output + "-fresh"
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-w", "-o", binary, s.req.Target[0])
	build.Dir, build.Env = s.dir, s.req.Env
	if _, err := build.CombinedOutput(); err != nil {
		return "", false, ctx.Err()
	}
	late, cancel := context.WithTimeout(ctx, examinePatience/4)
	defer cancel()
	cmd := exec.CommandContext(late, binary, strconv.Itoa(s.served.asked))
	cmd.Env = append(os.Environ(), "GOMEMLIMIT=500MiB")
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil {
		return "", false, ctx.Err()
	}
	return strings.TrimSpace(out.String()), true, nil
}

// step makes one edit. What runs afterwards must answer as a fresh build does,
// whether it was patched or started anew. Where a patch has said that something
// keeps its old value or code, the program may differ, and is started anew then.
func (s *subject) step(ctx context.Context) error {
	e, err := s.sources.Edit()
	if err != nil {
		return err
	}
	want, ok, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	if !ok { // it does not compile, crashes or never ends
		s.counts["not tried: does not work: "+e.What]++
		return e.Undo()
	}
	if s.lie != nil {
		want = s.lie(want)
	}
	began := time.Now()
	r, err := s.b.Patch(ctx, s.req, s.served.live, builder.Hooks{})
	if err != nil || !r.OK() {
		return fmt.Errorf("%s: %v, %w", e.What, r.Diagnostics, err)
	}
	how := "patched"
	var notes []string
	if r.Patched == nil {
		how = "restarted"
		why := r.Unpatched
		if r.Full != "" {
			why = r.Full
		}
		s.counts["restarted: "+numbers.ReplaceAllString(why, "N")]++
		if err := s.restart(ctx, r); err != nil {
			return fmt.Errorf("%s, restarted since %s: %w", e.What, why, err)
		}
		want, _, err = s.fresh(ctx) // in the state of a new program
		if err != nil {
			return err
		}
		if s.lie != nil {
			want = s.lie(want)
		}
	} else {
		notes = r.Patched.Notes
		s.served.live.Rest()
		s.counts["ms of patches"] += int(time.Since(began).Milliseconds())
	}
	got, err := s.served.examine()
	if err != nil {
		return fmt.Errorf("%s, %s: %w", e.What, how, err)
	}
	if got != want {
		if len(notes) == 0 {
			return fmt.Errorf("%s, %s: the program answers\n%s\nand a fresh build\n%s", e.What, how, got, want)
		}
		s.counts["patched, differs as it was said: "+e.What]++
	}
	if len(notes) > 0 { // so that they excuse nothing later
		r, err := s.b.Build(ctx, s.req, builder.Hooks{})
		if err != nil || !r.OK() {
			return fmt.Errorf("%s: %v, %w", e.What, r.Diagnostics, err)
		}
		if err := s.restart(ctx, r); err != nil || got != want {
			return err
		}
	}
	if _, answers, _ := strings.Cut(want, `\n`); answers != s.last {
		s.counts["with another answer"]++
		s.last = answers
	}
	if how == "patched" {
		s.counts["patched: "+e.What]++
	}
	return nil
}

// numbers are what one reason has otherwise than the next: places and names.
var numbers = regexp.MustCompile(`[a-z_]+\.go:\d+: |\d+`)

// differential edits libraries at random, in turns, while programs serve them,
// and holds what runs after each edit to what a fresh build answers.
func differential(ctx context.Context, tmp string, seed uint64, edits int, only string) error {
	fmt.Printf("seed %d\n", seed)
	all := make([]*subject, len(libraries))
	defer func() {
		for _, s := range all {
			if s != nil {
				s.end()
			}
		}
	}()
	total := map[string]int{}
	began := time.Now()
	rng := rand.New(rand.NewPCG(seed, 99))
	var err error
	for step := 0; step < edits && err == nil; step++ {
		i := turn(rng)
		lib := libraries[i]
		if only != "" && !strings.Contains(lib.module, only) && only != "village" || only == "village" && lib.module != "" {
			step--
			continue
		}
		if all[i] == nil {
			if all[i], err = newSubject(ctx, lib, filepath.Join(tmp, fmt.Sprint("random", i)), rand.New(rand.NewPCG(seed, uint64(i)))); err != nil {
				err = fmt.Errorf("%s: %w", lib.module, err)
				break
			}
		}
		if err = all[i].step(ctx); err != nil {
			err = fmt.Errorf("%s: edit %d: %w (replay with -random %d -seed %d)", lib.module, step, err, step+1, seed)
		}
		if step%50 == 49 {
			fmt.Printf("%d edits in %v\n", step+1, time.Since(began).Round(time.Second))
		}
	}
	for _, s := range all {
		if s != nil {
			for k, n := range s.counts {
				total[k] += n
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(total)) {
		fmt.Printf("  %5d %s\n", total[k], k)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// turn is whose the next edit is.
func turn(rng *rand.Rand) int {
	sum := 0
	for _, l := range libraries {
		sum += l.weight
	}
	n := rng.IntN(sum)
	for i, l := range libraries {
		if n -= l.weight; n < 0 {
			return i
		}
	}
	panic("unreachable")
}
