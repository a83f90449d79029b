package plugin

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// exports are the archives of all packages of a program, compiled in the form for
// plugins.
type exports struct {
	files map[string]string         // archive by import path
	lang  map[string]string         // language version of the user's packages
	of    map[string]*source.Source // the sources of those packages
	stale bool                      // the graph has changed since
}

// export makes the go command compile, or find in its cache, the packages that plugins
// of the host link with.
func (h *Host) export(ctx context.Context, req Request, g source.Graph, begun func(pkg string)) error {
	before := source.Read(g, h.seen)
	args := []string{"go", "list", "-e", "-export", "-deps", "-v", "-json=ImportPath,Export,Module", "-buildmode=plugin"}
	args = append(args, req.Flags...)
	args = append(args, "--")
	args = append(append(args, req.Target...), req.Plugins...)
	if !gocmd.NamesFiles(req.Target) {
		args = append(args, "runtime/cgo") // a program may not need it itself
	}
	if err := os.MkdirAll(req.Folder, 0o700); err != nil {
		return fmt.Errorf("folder for plugins: %w", err)
	}
	var text []string
	found, err := gocmd.List[struct {
		ImportPath, Export string
		Module             *struct{ GoVersion string }
	}](ctx, gocmd.Command{
		Argv: args, Tree: true, Dir: req.Dir, Env: gocmd.WorkIn(req.Env, req.Folder),
		Stderr: func(l string) {
			if gocmd.IsPackage(l) {
				begun(l)
				return
			}
			text = append(text, l)
		},
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !gocmd.Failed(err) {
		return fmt.Errorf("go list -export: %w", err)
	}
	e := exports{files: map[string]string{}, lang: map[string]string{}, of: map[string]*source.Source{}}
	for _, p := range found {
		name, _, _ := strings.Cut(p.ImportPath, " ")
		if p.Export != "" {
			e.files[name] = p.Export
		}
		if p.Module != nil && p.Module.GoVersion != "" {
			e.lang[name] = "go" + p.Module.GoVersion
		}
	}
	if len(e.files) == 0 {
		return fmt.Errorf("go list -export: nothing was compiled: %s", strings.Join(complaint.LastLines(text, 3), "; "))
	}
	after := source.Read(g, before)
	for name, s := range before {
		if s.Same(after[name]) {
			e.of[name] = s
		}
	}
	h.exports = e
	return nil
}

// fits reports whether the archives are those of the packages as they are now, apart
// from the chosen ones.
func (e exports) fits(now source.Snapshot, g source.Graph, chosen []string) bool {
	if e.files == nil || e.stale {
		return false
	}
	for _, p := range g.Packages {
		if name := p.ImportPath; name != g.Main && !slices.Contains(chosen, name) && (e.files[name] == "" || !e.of[name].Same(now[name])) {
			return false
		}
	}
	return true
}
