package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// NotProgram returns why the result of a build can never be run, or "" if it can.
func (p *Project) NotProgram(ctx context.Context) string {
	if p.process != "" {
		return ""
	}
	built, err := p.builder.Platform(ctx, p.request())
	if err != nil || built.Library == "" {
		return ""
	}
	return fmt.Sprintf("-buildmode=%s makes a library, and not a program that can be run: take it out of the build flags or GOFLAGS, or only build, with hotdev build", built.Library)
}

// Unstartable explains, as far as possible, why the system did not start the binary at
// path in dir. Only a failed start shows that a binary for another system cannot run
// here, because an emulator may be installed.
func (p *Project) Unstartable(ctx context.Context, dir, path, err string) string {
	if why := p.noFolder(dir); why != "" {
		return why
	}
	if !p.isBuilt() {
		return err
	}
	built, ask := p.builder.Platform(ctx, p.request())
	if ask == nil && built.Foreign() {
		return p.foreign(ctx, built) + " (" + err[strings.LastIndex(err, ": ")+len(": "):] + ")"
	}
	st, serr := os.Stat(path)
	if serr == nil && st.Mode()&0o111 != 0 && strings.HasSuffix(err, ": permission denied") {
		return err + fmt.Sprintf(": the file system of %s may forbid to run programs (noexec); set build.output to a place on another one", filepath.Dir(path))
	}
	return err
}

// foreign says that a program is built for another system, which setting causes that,
// and what to do.
func (p *Project) foreign(ctx context.Context, built builder.Platform) string {
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
func (p *Project) origin(ctx context.Context, name, value string) string {
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
	if file, err := p.builder.EnvFile(ctx, p.opts.Dir, env); err == nil && file != "" {
		if text, err := os.ReadFile(file); err == nil && strings.Contains("\n"+string(text), "\n"+name+"=") {
			return fmt.Sprintf("%s=%s is set in %s, by go env -w (go env -u %s undoes it)", name, value, file, name)
		}
	}
	return fmt.Sprintf("%s=%s is a default of this Go installation, set %s", name, value, name)
}

// lookup returns a variable's value; the last one counts.
func lookup(env []string, name string) (value string) {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			value = v
		}
	}
	return value
}

// request returns the request for a build with the settings in force.
func (p *Project) request() builder.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.Build
}

// noFolder returns a sentence if the program cannot run in dir, with the place of that
// setting; "" if it can.
func (p *Project) noFolder(dir string) string {
	what := ""
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		what = "does not exist: make it"
	case err != nil:
		what = "cannot be used (" + err.Error() + "): change that"
	case !info.IsDir():
		what = "is not a folder: make it one"
	default:
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.config.DirAt; at != nil && p.config.Run.Dir == dir {
		return at.Error(fmt.Sprintf(": the folder %s %s, or name another", dir, what)).Error()
	}
	return fmt.Sprintf("the folder %s, in which the program is to run, %s, or set run.dir", dir, what)
}
