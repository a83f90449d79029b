package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// scale measures hotdev on a program of 2,000 packages in a tree with 200,000 unrelated
// files, and checks that it watches no more than the program is made of.
func scale(ctx context.Context, a *arena) error {
	packages, others := a.times(2000), a.times(200_000)
	dir := filepath.Join(a.dir, "project")
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	imports := "package main\n\nimport (\n"
	for i := range packages {
		d := fmt.Sprintf("p%d/q%d", i%40, i)
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, d, "x.go"), fmt.Appendf(nil, "package q%d\n\nconst V = %d\n", i, i), 0o644); err != nil {
			return err
		}
		imports += fmt.Sprintf("\t_ \"example.com/t/%s\"\n", d)
	}
	if err := os.WriteFile(filepath.Join(dir, "imports.go"), []byte(imports+")\n"), 0o644); err != nil {
		return err
	}
	foreign := []string{filepath.Join(dir, "web"), filepath.Join(dir, "web", "node_modules")}
	for i := range others {
		d := filepath.Join(dir, "web", "node_modules", fmt.Sprintf("m%d", i/20), "lib")
		if i%20 == 0 {
			if err := os.MkdirAll(d, 0o755); err != nil {
				return err
			}
			foreign = append(foreign, filepath.Dir(d), d)
		}
		file := filepath.Join(d, fmt.Sprintf("f%d.js", i))
		if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
			return err
		}
		foreign = append(foreign, file)
	}
	if err := writeProgram(dir, 1, plainBody); err != nil {
		return err
	}
	env := append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOCACHE="+a.gocach)
	command := func(args ...string) (time.Duration, error) {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir, cmd.Env = dir, env
		began := time.Now()
		if text, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("go %v: %w: %.500s", args, err, text)
		}
		return time.Since(began), nil
	}
	app := filepath.Join(a.dir, "app")
	if _, err := command("build", "-o", app, "."); err != nil { // fills the cache
		return err
	}
	list, err := command("list", "-deps", "-json=ImportPath", ".")
	if err != nil {
		return err
	}
	build, err := command("build", "-o", app, ".")
	if err != nil {
		return err
	}
	touched, blind := watchReads(foreign, filepath.Join(a.dir, "canary"))
	if blind != nil && !errors.Is(blind, errSkip) {
		return blind
	}
	began := time.Now()
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says("now 1"); err != nil {
		return err
	}
	started := time.Since(began)
	if err := l.until("watching", func() bool { return l.seen("watching") > 0 }); err != nil {
		return err
	}
	watching := time.Since(began)
	began = time.Now()
	if err := writeProgram(dir, 2, plainBody); err != nil {
		return err
	}
	if err := l.says("now 2"); err != nil {
		return err
	}
	saved := time.Since(began)
	f := footprintOf(l.cmd.Process.Pid)
	a.count("packages, other files", "%d, %d", packages, others)
	a.count("go list, go build (nothing to do)", "%v, %v", list.Round(time.Millisecond), build.Round(time.Millisecond))
	a.count("hotdev's start to the program's first word", "%v", started.Round(time.Millisecond))
	a.count("hotdev's start until it watches", "%v", watching.Round(time.Millisecond))
	a.count("save of main.go to the new program's word", "%v", saved.Round(time.Millisecond))
	a.count("hotdev's inotify watches, memory", "%d, %d MB", f.watches, f.rss>>20)
	// One for each package's folder, one for each folder above, a few for the module's
	// own files.
	if most := packages + 40 + 20; f.watches > most {
		return fmt.Errorf("%d watches, %d would do", f.watches, most)
	}
	if err := l.quit(); err != nil {
		return err
	}
	if blind != nil {
		a.count("other files and folders that were read", "%v", blind)
		return a.nothingLeft(l)
	}
	read, err := touched()
	if err != nil {
		return err
	}
	if len(read) > 0 {
		return fmt.Errorf("%d files and folders were read that are none of the program's, such as %s", len(read), read[0])
	}
	a.count("other files and folders that were read", "0")
	return a.nothingLeft(l)
}
