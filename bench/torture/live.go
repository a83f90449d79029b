package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// programs are the programs that are changed while they run.
//
//go:embed testdata/stress testdata/traffic
var programs embed.FS

// patches checks live code: a program is changed hundreds of times, and nothing that
// runs in it or is connected to it notices. Any restart fails the trial.
func patches(ctx context.Context, a *arena) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("%w: live code needs Linux on amd64", errSkip)
	}
	parts := []struct {
		name string
		run  func(context.Context, *arena, *patched) error
		env  string
	}{
		{"traffic", traffic, "CGO_ENABLED=0"},
		{"stress", stress, "CGO_ENABLED=0"},
		{"stress with cgo", stress, "CGO_ENABLED=1"},
	}
	end := a.end
	for i, t := range parts {
		a.end = time.Now().Add(time.Until(end) / time.Duration(len(parts)-i))
		if _, err := exec.LookPath("cc"); err != nil && t.env == "CGO_ENABLED=1" {
			a.count(t.name, "skipped: there is no C compiler")
			continue
		}
		if a.short && t.name == "stress" { // package live's tests do it
			continue
		}
		p := &patched{dir: filepath.Join(a.dir, strings.ReplaceAll(t.name, " ", "-")), files: map[string]string{}}
		program, _, _ := strings.Cut(t.name, " ")
		if err := p.begin(ctx, a, program, t.env); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		err := t.run(ctx, a, p)
		if err == nil {
			err = p.end(a)
		}
		p.loop.kill()
		if err != nil {
			return fmt.Errorf("%s, generation %d: %w\nhotdev: %s", t.name, p.saves, err, p.loop.stderr.String())
		}
		a.count(t.name+": patches, none of them a restart", "%d", p.saves)
		slices.Sort(p.stopped)
		a.count(t.name+": stop of the world, p50 / p99 / longest", "%v / %v / %v", at(p.stopped, 50), at(p.stopped, 99), at(p.stopped, 100))
	}
	return nil
}

// at returns a percentile of sorted durations.
func at(list []time.Duration, percent int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return list[min(len(list)-1, len(list)*percent/100)].Round(time.Microsecond)
}

// patched is a program under hotdev, and its files as they were saved.
type patched struct {
	dir     string
	loop    *loop
	files   map[string]string
	saves   int
	bytes   int // the memory that the program has taken for patches
	stopped []time.Duration
}

// begin writes a program, starts it and waits until it can be patched.
func (p *patched) begin(ctx context.Context, a *arena, name, env string) error {
	sources, err := fs.Sub(programs, "testdata/"+name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(p.dir, sources); err != nil {
		return err
	}
	config := "[live]\nmode = \"auto\"\n"
	if name == "stress" {
		// It uses all processors. A patch should not have to wait for it.
		config += "\n[run]\nwrapper = [\"nice\", \"-n\", \"19\"]\n"
	}
	for name, text := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.24\n", ".air-like.toml": config} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := fs.WalkDir(sources, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(sources, name)
		p.files[name] = string(text)
		return err
	}); err != nil {
		return err
	}
	if p.loop, err = a.start(ctx, p.dir, options{env: []string{env, "TELL=1"}}); err != nil {
		return err
	}
	if err := p.loop.until("the program can be patched", func() bool { return p.loop.seen("patchable") > 0 }); err != nil {
		return err
	}
	if why := p.loop.latest("patchable").Why; why != "" {
		return fmt.Errorf("the program cannot be patched: %s", why)
	}
	return nil
}

// save saves a file and waits for the patch. More files may be saved with it.
func (p *patched) save(files map[string]string) error {
	for name, text := range files {
		file := filepath.Join(p.dir, filepath.FromSlash(name))
		if err := os.WriteFile(file+".tmp", []byte(text), 0o644); err != nil {
			return err
		}
		if err := os.Rename(file+".tmp", file); err != nil {
			return err
		}
	}
	p.saves++
	cycles := func() int {
		return p.loop.seen("cycle patched") + p.loop.seen("cycle started") + p.loop.seen("cycle broken") + p.loop.seen("exited")
	}
	if err := p.loop.until("the patch", func() bool { return cycles() > p.saves }); err != nil {
		return err
	}
	if p.loop.seen("cycle patched") != p.saves {
		return fmt.Errorf("it was not patched: %.2000s %.1000s", p.loop.latest("cycle").raw, p.loop.latest("exited").raw)
	}
	r := p.loop.latest("built").Result.Patched
	if r == nil {
		return fmt.Errorf("the last build is no patch")
	}
	p.bytes += r.Bytes
	p.stopped = append(p.stopped, r.Stopped)
	return nil
}

// end ends hotdev. The program must still be the one that was started first.
func (p *patched) end(a *arena) error {
	if n := p.loop.seen("started"); n != 1 {
		return fmt.Errorf("the program was started %d times", n)
	}
	if err := p.loop.quit(); err != nil {
		return err
	}
	return a.nothingLeft(p.loop)
}

// stress changes two dozen functions of every kind in each generation, while goroutines
// run all of them and the collector runs in a loop. Every third generation adds a type,
// a variable, a function and an instance of a generic function.
func stress(ctx context.Context, a *arena, p *patched) error {
	generations := a.times(500)
	if a.short {
		generations = 3
	}
	const file = "store/store.go"
	var before footprint
	for g := 2; g <= generations+1 && !a.over() && ctx.Err() == nil; g++ {
		if g == min(20, generations) {
			before = footprintOf(p.loop.latest("started").Pid)
		}
		text := strings.Replace(p.files[file], "const V = 1\n", fmt.Sprintf("const V = %d\n", g), 1)
		text = strings.Replace(text, "//PAD", strings.Repeat("\n", g%7), 1)
		if g%3 == 0 {
			text += fmt.Sprintf("\ntype nt%[1]d struct {\n\ta string\n\tp *int\n}\n\nvar ng%[1]d = &nt%[1]d{}\n\nfunc newf%[1]d() any {\n\tng%[1]d = &nt%[1]d{fmt.Sprint(V), &one}\n\treturn Sorted(map[string]nt%[1]d{\"q\": *ng%[1]d})\n}\n", g)
			text = strings.Replace(text, "return len(fmt.Sprint(n))*0", fmt.Sprintf("return len(fmt.Sprint(newf%d()))*0 + len(fmt.Sprint(n))*0", g), 1)
		}
		if err := p.save(map[string]string{file: text}); err != nil {
			return err
		}
		if now := p.loop.said("now"); strings.Contains(now, "wrong") && !strings.Contains(now, "wrong 0 ") {
			return fmt.Errorf("the program says %q", now)
		}
	}
	// Every function must reach its newest version, and must never have answered with
	// anything else than its version at the time.
	want := fmt.Sprintf("now %d wrong 0 ", p.saves+1)
	limit := time.Now().Add(3 * time.Minute)
	if err := p.loop.until(want, func() bool {
		now := p.loop.said("now")
		return strings.HasPrefix(now, want) || !strings.Contains(now, "wrong 0 ") || time.Now().After(limit)
	}); err != nil {
		return err
	}
	now := p.loop.said("now")
	if !strings.HasPrefix(now, want) {
		return fmt.Errorf("the program says %q, want %q", now, want)
	}
	after := footprintOf(p.loop.latest("started").Pid)
	a.count(fmt.Sprintf("stress, %d goroutines", strings.Count(p.files["main.go"], "store.")), "%s", now)
	a.count("the program's memory, kB a generation", "%d for patches; %d MB after 20, %d MB at the end", p.bytes/p.saves>>10, before.rss>>20, after.rss>>20)
	return nil
}
