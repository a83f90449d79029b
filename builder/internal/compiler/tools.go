package compiler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// An Importcfg gives the compiler and the linker the archives of packages.
type Importcfg struct{ text []byte }

// Package adds a package and its archive.
func (c *Importcfg) Package(path, archive string) {
	c.Line("packagefile " + path + "=" + archive)
}

// Map makes the import path from refer to the package at to.
func (c *Importcfg) Map(from, to string) { c.Line("importmap " + from + "=" + to) }

// Line adds a line verbatim.
func (c *Importcfg) Line(l string) { c.text = append(append(c.text, l...), '\n') }

// A Compile is one call of the compiler.
type Compile struct {
	Dir     string // the compiler's current folder, absolute
	Temp    string // the folder for its temporary files
	Archive string // the file that it writes; others may be written beside it meanwhile
	Trim    string // how it shortens file names (-trimpath)
	Imports Importcfg
	Embed   string   // the content of the embedcfg; empty if nothing is embedded
	Profile string   // what [Toolchain.Preprofile] wrote; empty if there is no profile
	Flags   []string // all other flags
	Files   []string
}

// Compile compiles a package. out is what the compiler printed. If it rejected the
// package, the error is one for which [gocmd.Failed] is true.
func (t Toolchain) Compile(ctx context.Context, c Compile) (out []string, err error) {
	cfg := c.Archive + ".importcfg"
	if err := os.WriteFile(cfg, c.Imports.text, 0o600); err != nil {
		return nil, err
	}
	defer os.Remove(cfg)
	args := []string{"-o", c.Archive, "-importcfg", cfg}
	if !t.tuned() {
		args = append(args, fmt.Sprintf("-d=gcstart=%d", startHeap(availableMemory(), runtime.GOMAXPROCS(0))))
	}
	if c.Trim != "" {
		args = append(args, "-trimpath", c.Trim)
	}
	if c.Embed != "" {
		embed := c.Archive + ".embedcfg"
		if err := os.WriteFile(embed, []byte(c.Embed), 0o600); err != nil {
			return nil, err
		}
		defer os.Remove(embed)
		args = append(args, "-embedcfg", embed)
	}
	if c.Profile != "" {
		args = append(args, "-pgoprofile="+c.Profile)
	}
	return t.run(ctx, c.Dir, gocmd.WorkIn(t.Env, c.Temp), "compile", args, c.Flags, c.Files)
}

// tuned reports whether the environment tunes the garbage collector of the tools.
func (t Toolchain) tuned() bool {
	return slices.ContainsFunc(t.Env, func(v string) bool {
		return strings.HasPrefix(v, "GOGC=") || strings.HasPrefix(v, "GOMEMLIMIT=")
	})
}

// Preprofile converts a profile to the form that the compiler reads.
func (t Toolchain) Preprofile(ctx context.Context, dir, profile, output string) error {
	out, err := t.run(ctx, dir, t.Env, "preprofile", []string{"-o", output, "-i", profile})
	if err != nil {
		return fmt.Errorf("preprofile: %w: %s", err, strings.Join(out, "; "))
	}
	return nil
}

// A Link is one call of the linker.
type Link struct {
	Dir      string // the linker's current folder, absolute
	Temp     string // the folder for its temporary files
	Output   string // the file that it writes
	Packages Importcfg
	Flags    []string // all other flags
	Env      []string // in addition to the toolchain's
	Main     string   // the archive of the main package
}

// Link links a program, or a plugin. out is what the linker printed. If it failed, the
// error is one for which [gocmd.Failed] is true, and there is no output file.
func (t Toolchain) Link(ctx context.Context, l Link) (out []string, err error) {
	cfg := filepath.Join(l.Temp, "importcfg.link")
	if err := os.WriteFile(cfg, l.Packages.text, 0o600); err != nil {
		return nil, err
	}
	env := gocmd.WorkIn(append(slices.Clip(t.Env), l.Env...), l.Temp)
	out, err = t.run(ctx, l.Dir, env, "link", []string{"-o", l.Output, "-importcfg", cfg}, l.Flags, []string{l.Main})
	if err != nil {
		_ = os.Remove(l.Output)
	}
	return out, err
}

func (t Toolchain) run(ctx context.Context, dir string, env []string, tool string, args ...[]string) (out []string, err error) {
	if t.Workers != nil {
		n, err := t.Workers.Take(ctx, 1)
		if err != nil {
			return nil, err
		}
		defer t.Workers.Give(n)
	}
	err = gocmd.Command{
		Argv: append([]string{filepath.Join(t.Folder, tool)}, slices.Concat(args...)...), Dir: dir, Env: env,
		Stdout: func(l string) { out = append(out, l) },
	}.Run(ctx)
	return out, err
}
