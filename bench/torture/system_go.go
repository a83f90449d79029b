package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Changes to the go command, its environment and its caches while hotdev runs.

// replacedGo replaces the go command, as an update does.
func replacedGo(ctx context.Context, a *arena, dir string) error {
	if _, err := os.Stat("/bin/sh"); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	bin, real, goroot, err := ownGo(ctx, dir)
	if err != nil {
		return err
	}
	project := filepath.Join(dir, "project")
	install := func(n int) error {
		file := filepath.Join(bin, "go")
		script := fmt.Sprintf("#!/bin/sh\n# number %d\nexec '%s' \"$@\"\n", n, real)
		if err := os.WriteFile(file+".new", []byte(script), 0o755); err != nil {
			return err
		}
		return os.Rename(file+".new", file)
	}
	if err := install(0); err != nil {
		return err
	}
	o := options{env: []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), goroot}}
	l, err := a.begin(ctx, project, "", plainBody, o)
	if err != nil {
		return err
	}
	defer l.kill()
	for n := range a.either(300, 2) {
		if err := l.says(fmt.Sprintf("now %d", n+1)); err != nil {
			return err
		}
		if err := install(n + 1); err != nil {
			return err
		}
		if err := writeProgram(project, n+2, plainBody); err != nil {
			return err
		}
		time.Sleep(a.within(300 * time.Millisecond))
		if err := install(n + 1000); err != nil { // possibly during the build
			return err
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

// changedEnv changes, by go env -w, settings that a build depends on, and adds a
// go.work above the module.
func changedEnv(ctx context.Context, a *arena, dir string) error {
	project, goenv := filepath.Join(dir, "project"), filepath.Join(dir, "goenv")
	if err := writeModule(project, ""); err != nil {
		return err
	}
	tagged := func(name, constraint, value string) error {
		text := fmt.Sprintf("//go:build %s\n\npackage main\n\nimport \"fmt\"\n\nfunc init() { fmt.Println(\"tag %s\") }\n", constraint, value)
		return os.WriteFile(filepath.Join(project, name), []byte(text), 0o644)
	}
	if err := tagged("with.go", "extra", "with"); err != nil {
		return err
	}
	if err := tagged("without.go", "!extra", "without"); err != nil {
		return err
	}
	if err := writeProgram(project, 1, plainBody); err != nil {
		return err
	}
	// Without the variables that would override the file.
	l, err := a.start(ctx, project, options{unset: []string{"GOFLAGS", "GOWORK"}, env: []string{"GOENV=" + goenv}})
	if err != nil {
		return err
	}
	defer l.kill()
	version := 1
	expect := func(tag string) error {
		if err := l.says(fmt.Sprintf("now %d", version)); err != nil {
			return err
		}
		if got := l.said("tag"); got != "tag "+tag {
			return fmt.Errorf("version %d was built with the wrong flags: %q, want %q", version, got, tag)
		}
		return nil
	}
	save := func() error {
		version++
		return writeProgram(project, version, plainBody)
	}
	if err := expect("without"); err != nil {
		return err
	}
	for range a.either(2, 1) {
		for _, flags := range []struct{ text, tag string }{{"GOFLAGS=-tags=extra\n", "with"}, {"GOFLAGS=\n", "without"}} {
			if err := os.WriteFile(goenv, []byte(flags.text), 0o644); err != nil {
				return err
			}
			if err := save(); err != nil {
				return err
			}
			if err := expect(flags.tag); err != nil {
				return err
			}
		}
	}
	// A workspace without the module: the go command refuses to build, and says why.
	work := filepath.Join(dir, "go.work")
	if err := os.WriteFile(work, []byte("go 1.24\n"), 0o644); err != nil {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	if err := l.until("the go command's refusal", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, d := range l.last["built"].Result.Diagnostics {
			if strings.Contains(d.Message, "workspace") {
				return true
			}
		}
		return false
	}); err != nil {
		return err
	}
	if err := os.WriteFile(work, []byte("go 1.24\n\nuse ./project\n"), 0o644); err != nil {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	if err := expect("without"); err != nil {
		return err
	}
	if err := os.Remove(work); err != nil {
		return err
	}
	if err := save(); err != nil {
		return err
	}
	if err := expect("without"); err != nil {
		return err
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

// wipedCache removes hotdev's cache, and go's, during builds.
func wipedCache(ctx context.Context, a *arena, dir string) error {
	cache, gocache, project := filepath.Join(dir, "cache"), filepath.Join(dir, "gocache"), filepath.Join(dir, "project")
	o := options{env: []string{"XDG_CACHE_HOME=" + cache}}
	if !a.short { // filling go's again takes a minute on two cores
		o.env = append(o.env, "GOCACHE="+gocache)
	}
	l, err := a.begin(ctx, project, "", plainBody, o)
	if err != nil {
		return err
	}
	defer l.kill()
	version := 1
	save := func() error {
		version++
		return writeProgram(project, version, plainBody)
	}
	for n := range a.either(10, 5) {
		if err := save(); err != nil {
			return err
		}
		time.Sleep(a.within(200 * time.Millisecond))
		// It fails if the build has just created a file there.
		_ = os.RemoveAll(cache)
		if n%5 == 0 {
			_ = os.RemoveAll(gocache)
		}
	}
	if err := l.until("rest", func() bool { return l.seen("cycle") > 1 }); err != nil {
		return err
	}
	// Whatever the result of those builds, the next save is built.
	if err := save(); err != nil {
		return err
	}
	if err := l.says(fmt.Sprintf("now %d", version)); err != nil {
		return err
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}

// clockJumps saves files with the times of a clock that was set back or forward, or
// that does not advance.
func clockJumps(ctx context.Context, a *arena, dir string) error {
	l, err := a.begin(ctx, dir, "", plainBody, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	still := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	file := filepath.Join(dir, "main.go")
	for n, jump := range []time.Time{still, still, time.Now().Add(365 * 24 * time.Hour), time.Unix(0, 0), still} {
		// The same number of digits, and so of bytes, if possible.
		text := fmt.Appendf(nil, naughtyProgram, n+2, plainBody)
		if err := os.WriteFile(file+".tmp", text, 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(file+".tmp", jump, jump); err != nil {
			return err
		}
		if err := os.Rename(file+".tmp", file); err != nil {
			return err
		}
		if err := l.says(fmt.Sprintf("now %d", n+2)); err != nil {
			return fmt.Errorf("a file of %v: %w", jump, err)
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}
