package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// notProgram says why what was built can never be run; empty if it can be.
func (w *world) notProgram(ctx context.Context) string {
	p, err := w.builder.Platform(ctx, w.project.request())
	if err != nil || p.Library == "" {
		return ""
	}
	return fmt.Sprintf("-buildmode=%s makes a library, and not a program that can be run: take it out of the build flags or GOFLAGS, or only build, with hotdev build", p.Library)
}

// unstartable explains why the system would not start the binary at path, as far
// as that can be known. Only a start that failed shows that a binary for another
// system cannot run here: an emulator may be installed.
func (w *world) unstartable(ctx context.Context, path, err string) string {
	p, ask := w.builder.Platform(ctx, w.project.request())
	if ask == nil && p.Foreign() {
		return w.project.foreign(ctx, p) + " (" + err[strings.LastIndex(err, ": ")+len(": "):] + ")"
	}
	st, serr := os.Stat(path)
	if serr == nil && st.Mode()&0o111 != 0 && strings.HasSuffix(err, ": permission denied") {
		return err + fmt.Sprintf(": the file system of %s may forbid to run programs (noexec); set build.output to a place on another one", filepath.Dir(path))
	}
	return err
}

// foreign says that a program is built for another system, who set that, and
// what to do.
func (p *project) foreign(ctx context.Context, built builder.Platform) string {
	var set []string
	for _, v := range [][3]string{{"GOOS", built.OS, built.HostOS}, {"GOARCH", built.Arch, built.HostArch}} {
		if v[1] != v[2] {
			set = append(set, p.origin(ctx, v[0], v[1]))
		}
	}
	text := fmt.Sprintf("the program is built for %s/%s and cannot run on %s/%s: %s", built.OS, built.Arch, built.HostOS, built.HostArch, strings.Join(set, "; "))
	if built.Arch == "wasm" {
		text += fmt.Sprintf("; hotdev does not use go_%s_wasm_exec, as go run does", built.OS)
	}
	return text + "; only to build it, use hotdev build"
}

// origin says where a setting of the go command comes from, and how to undo it.
func (p *project) origin(ctx context.Context, name, value string) string {
	p.mu.Lock()
	cfg := p.config
	p.mu.Unlock()
	env := p.buildEnv(cfg)
	switch {
	case cfg.Build.Env[name] != "":
		return fmt.Sprintf("take %s=%s out of build.env in the configuration", name, value)
	case lookup(env, name) != "":
		return fmt.Sprintf("%s=%s is set in the environment, unset it", name, value)
	}
	if file, err := p.builder.EnvFile(ctx, p.opts.dir, env); err == nil && file != "" {
		if text, err := os.ReadFile(file); err == nil && strings.Contains("\n"+string(text), "\n"+name+"=") {
			return fmt.Sprintf("%s=%s is set in %s, by go env -w (go env -u %s undoes it)", name, value, file, name)
		}
	}
	return fmt.Sprintf("%s=%s is a default of this Go installation, set %s", name, value, name)
}

// lookup finds a variable; the last one counts.
func lookup(env []string, name string) (value string) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// request is how the program is built, by the settings in force.
func (p *project) request() builder.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Build
}
