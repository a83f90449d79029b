package builder

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	escape "golang.org/x/mod/module"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// quick finds the program in a folder of the main module. It asks the go command for the
// module only: go list -find looks at everything that the program imports, which takes a
// tenth of a small program's start. ok is false if anything is unusual; then go list
// decides, and says what is wrong.
func (q query) quick(ctx context.Context, pattern string) (t Target, ok bool) {
	m, ok := localMain(Request{Dir: q.req.Dir, Target: []string{pattern}})
	if !ok || m.module == "std" || m.module == "cmd" || !hasPlainFile(m.dir) || disk.IsDir(filepath.Join(m.root, "vendor")) {
		return t, false
	}
	gomod := filepath.Join(m.root, "go.mod")
	mods, err := gocmd.List[module](ctx, gocmd.Command{
		Argv: []string{"go", "list", "-m", "-json"}, Dir: q.req.Dir, Env: gocmd.Environ(q.req.Env), Stderr: func(string) {},
	})
	if err != nil || len(mods) != 1 || !mods[0].Main || mods[0].Path != m.module || mods[0].Dir != m.root || mods[0].GoMod != gomod {
		return t, false
	}
	tool, err := q.b.tool(ctx, q.req.Dir, q.req.Env)
	if err != nil || tool.Failure != nil || !hasModules(gomod, tool.GOMODCACHE) || !disk.IsDir(filepath.Join(tool.GOCACHE, "00")) {
		return t, false
	}
	given := gocmd.FlagsInForce(q.req.Flags, tool)
	if slices.ContainsFunc([]string{"mod", "modfile", "overlay"}, given.Asks) {
		return t, false
	}
	rel, err := filepath.Rel(m.root, m.dir)
	if err != nil {
		return t, false
	}
	return q.target(listed{ImportPath: path.Join(m.module, filepath.ToSlash(rel)), Dir: m.dir, Name: "main", Module: &mods[0]}), true
}

// hasPlainFile reports whether a folder has a Go file that is built with any tags, for any
// system, and without cgo.
func hasPlainFile(dir string) bool {
	return slices.ContainsFunc(goFilesIn(dir), func(f string) bool {
		h := string(source.ReadHeader(f))
		return !strings.ContainsAny(filepath.Base(f), "_") && filepath.Base(f)[0] != '.' && strings.HasPrefix(h, "package main\n") &&
			!strings.Contains(h, "build") && !strings.Contains(h, `"C"`) && !strings.Contains(h, "`C`")
	})
}

// hasModules reports whether everything that a go.mod requires is in the module cache, and
// whether it does nothing else but require.
func hasModules(gomod, cache string) bool {
	text, err := os.ReadFile(gomod)
	if err != nil {
		return false
	}
	f, err := modfile.Parse(gomod, text, nil)
	if err != nil || len(f.Replace)+len(f.Exclude)+len(f.Retract)+len(f.Tool)+len(f.Ignore) > 0 {
		return false
	}
	return !slices.ContainsFunc(f.Require, func(r *modfile.Require) bool {
		path, err1 := escape.EscapePath(r.Mod.Path)
		version, err2 := escape.EscapeVersion(r.Mod.Version)
		return err1 != nil || err2 != nil || !disk.Regular(filepath.Join(cache, "cache", "download", path, "@v", version+".mod"))
	})
}
