package builder

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/internal/argv"
)

// Three sources name the folders of a package's headers: its cgo flags, which go list
// reports; pkg-config, which only go build runs; and the compiler itself (a sysroot, a
// script in its place). Only folders that the user may edit count: the headers of
// installed libraries are many, and change only when the system is updated.

// addSearched notes, for the user's cgo packages, the folders that pkg-config names and
// those that the compiler searches by default, and the files that pkg-config reads, if
// they are below roots. Failures are ignored: the build will report them.
func (b *Builder) addSearched(ctx context.Context, req Request, tool gocmd.Env, found []listed, roots []string) {
	env := gocmd.Environ(req.Env)
	below := func(path string) bool {
		return slices.ContainsFunc(roots, func(r string) bool { return disk.Within(r, path) })
	}
	for i := range found {
		p := &found[i]
		if len(p.CgoFiles) == 0 || p.Standard || p.Module != nil && !local(p.Module) || !disk.IsDir(p.Dir) {
			continue
		}
		var folders []string
		if len(p.CgoPkgConfig) > 0 {
			folders = pkgConfigFolders(ctx, p, env, tool)
			for _, variable := range []string{"PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"} {
				for _, dir := range filepath.SplitList(gocmd.Getenv(env, variable)) {
					if filepath.IsAbs(dir) && below(dir) {
						p.pkgConfigFiles = append(p.pkgConfigFiles, pkgConfigFiles(dir)...)
					}
				}
			}
		}
		for _, dir := range append(folders, b.compilerFolders(ctx, p, env, tool)...) {
			if below(dir) && !slices.Contains(p.searched, dir) {
				p.searched = append(p.searched, dir)
			}
		}
	}
}

// pkgConfigFolders are the folders that pkg-config passes to the compiler.
func pkgConfigFolders(ctx context.Context, p *listed, env []string, tool gocmd.Env) []string {
	args := []string{tool.PKG_CONFIG, "--cflags"}
	var names []string
	for _, word := range p.CgoPkgConfig { // as the go command does: flags first
		if strings.HasPrefix(word, "-") {
			args = append(args, word)
		} else {
			names = append(names, word)
		}
	}
	var out strings.Builder
	err := gocmd.Command{
		Argv: slices.Concat(args, []string{"--"}, names), Dir: p.Dir, Env: env,
		Stdout: func(l string) { out.WriteString(l + " ") }, Stderr: func(string) {},
	}.Run(ctx)
	if err != nil {
		return nil
	}
	flags, _ := argv.Split(out.String(), argv.POSIX)
	s := cgoSources{dir: p.Dir}
	s.follow(flags)
	return append(s.quoted, s.plain...)
}

// pkgConfigFiles are pkg-config's files in dir, all of them, because one may require
// another.
func pkgConfigFiles(dir string) (files []string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".pc" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// compilerFolders are all folders that the compiler searches for the package's headers.
// The compiler is run once for the same flags. The caller holds the list token.
func (b *Builder) compilerFolders(ctx context.Context, p *listed, env []string, tool gocmd.Env) []string {
	args, err := argv.SplitQuoted(tool.CC)
	if err != nil || len(args) == 0 {
		return nil
	}
	for _, line := range []string{tool.CGO_CPPFLAGS, tool.CGO_CFLAGS} {
		words, _ := argv.SplitQuoted(line)
		args = append(args, words...)
	}
	args = slices.Concat(args, p.CgoCPPFLAGS, p.CgoCFLAGS, []string{"-E", "-v", "-x", "c", os.DevNull})
	key := fmt.Sprintf("%q %s", args, gocmd.Key(p.Dir, env))
	if folders, ok := b.searched[key]; ok {
		return folders
	}
	var folders []string
	listing := false
	err = gocmd.Command{
		// Otherwise GCC answers in the user's language.
		Argv: args, Dir: p.Dir, Env: gocmd.Setenv(env, "LC_ALL", "C"),
		Stdout: func(string) {},
		Stderr: func(l string) {
			switch {
			case strings.HasPrefix(l, "#include ") && strings.HasSuffix(l, "search starts here:"):
				listing = true
			case !strings.HasPrefix(l, " "):
				listing = false
			case listing:
				dir := strings.TrimPrefix(l, " ")
				if !filepath.IsAbs(dir) {
					dir = filepath.Join(p.Dir, dir)
				}
				folders = append(folders, filepath.Clean(dir))
			}
		},
	}.Run(ctx)
	if err != nil && !gocmd.Failed(err) {
		return nil // cancelled, or there is no compiler yet
	}
	if b.searched == nil || len(b.searched) >= maxSearched {
		b.searched = map[string][]string{}
	}
	b.searched[key] = folders
	return folders
}

// maxSearched is the number of compilers' answers that are remembered. Forgetting them
// costs some milliseconds for each package.
const maxSearched = 256

// headerRoots are the folders below which headers are watched: the modules, and the
// repositories that contain them, where a module may share headers with others.
func headerRoots(modules []string) []string {
	roots := slices.Clone(modules)
	for _, root := range modules {
		for dir := root; ; dir = filepath.Dir(dir) {
			if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
				if !slices.Contains(roots, dir) {
					roots = append(roots, dir)
				}
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return roots
}

// moduleRoots are the folders of the user's modules that a listing names.
func moduleRoots(tool gocmd.Env, found []listed) (roots []string) {
	add := func(dir string) {
		if filepath.IsAbs(dir) && !slices.Contains(roots, dir) {
			roots = append(roots, dir)
		}
	}
	for _, file := range []string{tool.GOWORK, tool.GOMOD} {
		if filepath.IsAbs(file) && file != os.DevNull {
			add(filepath.Dir(file))
		}
	}
	for i := range found {
		if m := found[i].Module; m != nil && local(m) {
			add(m.Dir)
		}
	}
	return roots
}
