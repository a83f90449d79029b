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

// A subject is a library under test.
type subject struct {
	library
	dir     string
	b, pure *builder.Builder
	req     builder.Request
	sources *mutate.Program
	served  *served
	edit    mutate.Edit
	counts  map[string]int
	last    string // the last answer of a fresh build, without its state
	lie     func(text string) string
}

// served is the running program.
type served struct {
	live  *builder.Live
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	mine  *os.File
	asked int
}

// errLate means that the program does not answer.
var errLate = errors.New("the program does not answer")

// examinePatience is for answers that usually take milliseconds.
const examinePatience = 40 * time.Second

// newSubject builds a library's program: one that is patched while it runs, or one that
// is linked by appending.
func newSubject(ctx context.Context, lib library, dir string, rng *rand.Rand, appends bool) (*subject, error) {
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
		Dir: dir, Target: []string{"./" + serverFolder}, Fast: true, Live: !appends, Append: appends,
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

// restart replaces the running program by the result of a build.
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
	if s.req.Append {
		return nil // it runs once for each examination
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

// examine makes the running program examine itself.
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

// fresh builds the program with the go command alone, and makes it examine itself in
// the state of the running one. ok is false if it does not compile, or does not answer.
func (s *subject) fresh(ctx context.Context) (text string, ok bool, err error) {
	binary := s.req.Output + "-fresh"
	asked := 0
	if s.served != nil {
		asked = s.served.asked
	}
	build := exec.CommandContext(ctx, "go", "build", "-ldflags=-w", "-o", binary, s.req.Target[0])
	build.Dir, build.Env = s.dir, s.req.Env
	if _, err := build.CombinedOutput(); err != nil {
		return "", false, ctx.Err()
	}
	text, err = s.once(ctx, binary, asked)
	if err != nil {
		return "", false, ctx.Err()
	}
	return text, true, nil
}

// once makes a program examine itself in a state, and end.
func (s *subject) once(ctx context.Context, binary string, asked int) (string, error) {
	late, cancel := context.WithTimeout(ctx, examinePatience/4)
	defer cancel()
	cmd := exec.CommandContext(late, binary, strconv.Itoa(asked))
	cmd.Env = append(os.Environ(), "GOMEMLIMIT=500MiB")
	if s.req.Append {
		cmd.Env = append(cmd.Env, "HOTDEV_LINES=1")
	}
	var out bytes.Buffer
	cmd.Stdout = &out
	err := cmd.Run()
	return strings.TrimSpace(out.String()), err
}

// change makes one edit, and returns what the program must answer then. ok is false if it
// does not work, and then the edit is undone: it does not compile, it crashes, or it never
// ends.
func (s *subject) change(ctx context.Context) (e mutate.Edit, want string, ok bool, err error) {
	if e, err = s.sources.Edit(); err != nil {
		return e, "", false, err
	}
	s.edit = e
	if want, ok, err = s.expected(ctx); err != nil || ok {
		return e, want, ok, err
	}
	s.counts["not tried: does not work: "+e.What]++
	return e, "", false, e.Undo()
}

// expected is what fresh says, or a lie for the test of the test.
func (s *subject) expected(ctx context.Context) (want string, ok bool, err error) {
	want, ok, err = s.fresh(ctx)
	if err == nil && ok && s.lie != nil {
		want = s.lie(want)
	}
	return want, ok, err
}

// step makes one edit. Then the running program must answer as a fresh build does,
// whether it was patched or restarted. If a patch has noted that something keeps its
// old value or code, the program may differ, and is then restarted.
func (s *subject) step(ctx context.Context) error {
	e, want, ok, err := s.change(ctx)
	if err != nil || !ok {
		return err
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
		want, _, err = s.expected(ctx) // in the state of a new program
		if err != nil {
			return err
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
	if len(notes) > 0 { // the notes must not excuse later differences
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

// numbers matches the parts in which instances of a reason differ: places and numbers.
var numbers = regexp.MustCompile(`[a-z_]+\.go:\d+: |\d+`)

// differential edits libraries at random, in turn, while programs serve them, and
// compares what runs after each edit with the answer of a fresh build. If appends is set,
// the programs are linked by appending instead, and run for each answer.
func differential(ctx context.Context, tmp string, seed uint64, edits int, only string, appends bool) error {
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
			if all[i], err = newSubject(ctx, lib, filepath.Join(tmp, fmt.Sprint("random", i)), rand.New(rand.NewPCG(seed, uint64(i))), appends); err != nil {
				err = fmt.Errorf("%s: %w", lib.module, err)
				break
			}
		}
		examine := all[i].step
		if appends {
			examine = all[i].appendStep
		}
		if err = examine(ctx); err != nil {
			err = fmt.Errorf("%s: edit %d: %w\n%s(replay with -random %d -seed %d -only %q -append=%v)", lib.module, step, err, all[i].edit.Diff(), step+1, seed, only, appends)
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

// turn chooses the library of the next edit.
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
