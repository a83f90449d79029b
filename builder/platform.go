package builder

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/argv"
)

// A Platform is the system that a program is built for, and the one that the go command
// runs on.
type Platform struct {
	OS, Arch         string
	HostOS, HostArch string
	// Library is the build mode, if it is one that makes no program; otherwise empty.
	Library string
}

// Foreign reports whether the program is built for another system than this one. It may
// run here nevertheless, with an emulator that the system has registered.
func (p Platform) Foreign() bool { return p.OS != p.HostOS || p.Arch != p.HostArch }

// Platform returns the platform of a request's program. Errors are as with EnvFile.
func (b *Builder) Platform(ctx context.Context, req Request) (Platform, error) {
	tool, err := b.tool(ctx, req.Dir, req.Env)
	if err != nil {
		return Platform{}, err
	}
	p := Platform{OS: tool.GOOS, Arch: tool.GOARCH, HostOS: tool.GOHOSTOS, HostArch: tool.GOHOSTARCH}
	switch mode, _ := gocmd.FlagsInForce(req.Flags, tool).Value("buildmode"); mode {
	case "archive", "c-archive", "c-shared", "shared", "plugin":
		p.Library = mode
	}
	return p, nil
}

// EnvFile is the absolute path, existing or not, of the file in which go env -w
// keeps its settings; empty if there is none. An error means that the go command
// could not be run, or is ctx's.
func (b *Builder) EnvFile(ctx context.Context, dir string, env []string) (string, error) {
	tool, err := b.tool(ctx, dir, env)
	if err != nil || !filepath.IsAbs(tool.GOENV) { // GOENV may be "off"
		return "", err
	}
	return tool.GOENV, nil
}

// Caches are the folders in which the go command keeps builds and downloads. Errors are
// as with EnvFile.
func (b *Builder) Caches(ctx context.Context, dir string, env []string) (folders []string, err error) {
	tool, err := b.tool(ctx, dir, env)
	for _, folder := range []string{tool.GOCACHE, tool.GOMODCACHE} {
		if filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return folders, err
}

// NoCompiler returns a sentence if builds with cgo, which plugins are, have no C
// compiler; empty if there is one, or cgo is off. (If CC is not set, the go command
// turns cgo off by itself.) Errors are as with EnvFile.
func (b *Builder) NoCompiler(ctx context.Context, dir string, env []string) (string, error) {
	tool, err := b.tool(ctx, dir, env)
	cc, _ := argv.SplitQuoted(tool.CC)
	if err != nil || tool.CGO_ENABLED != "1" || len(cc) == 0 {
		return "", err
	}
	if _, err := gocmd.LookPath(cc[0], dir, gocmd.Environ(env)); err != nil {
		return fmt.Sprintf("plugins need a C compiler, and there is no %s in PATH", cc[0]), nil
	}
	return "", nil
}

// WithTag returns flags with one build tag more than those in the user's flags and
// GOFLAGS. Tags that the go command refuses are left in, so that it reports them.
func (b *Builder) WithTag(ctx context.Context, dir string, env, flags []string, tag string) ([]string, error) {
	tool, err := b.tool(ctx, dir, env)
	if err != nil {
		return nil, err
	}
	return gocmd.WithTag(flags, tool, tag), nil
}

// CheckFlags returns an error if a build flag cannot be used: which one, and why.
func CheckFlags(flags []string) error { return gocmd.CheckFlags(flags) }

// Tools are the go command's version and settings.
type Tools struct {
	Version string // "go1.26.0"
	Root    string // GOROOT
	Cgo     bool   // cgo is on
}

// Tools asks the go command in dir. Errors are as with EnvFile.
func (b *Builder) Tools(ctx context.Context, dir string, env []string) (Tools, error) {
	tool, err := b.tool(ctx, dir, env)
	return Tools{Version: tool.GOVERSION, Root: tool.GOROOT, Cgo: tool.CGO_ENABLED == "1"}, err
}
