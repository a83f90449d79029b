package builder

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// modules are the local modules: those that the user may edit.
type modules []module

// local reports whether a module's source is the user's: the main module, one
// of the workspace, or a folder that replaces a dependency.
func local(m *module) bool {
	return m.Main || m.Replace != nil && m.Replace.Version == ""
}

// add adds a local module, once.
func (ms *modules) add(m *module) {
	one := *m
	if m.Replace != nil {
		if one.Dir == "" {
			one.Dir = m.Replace.Dir
		}
		if one.GoMod == "" {
			one.GoMod = m.Replace.GoMod
		}
	}
	if one.Dir == "" && one.GoMod != "" {
		one.Dir = filepath.Dir(one.GoMod)
	}
	if one.Dir == "" || slices.ContainsFunc(*ms, func(o module) bool { return o.Dir == one.Dir }) {
		return
	}
	*ms = append(*ms, one)
}

// rootOf returns the root of the module that a folder belongs to, or "".
func (ms modules) rootOf(dir string) string {
	best := ""
	for _, m := range ms {
		if disk.Within(m.Dir, dir) && len(m.Dir) > len(best) {
			best = m.Dir
		}
	}
	return best
}

// dirFor returns the folder that a package of a local module would have, or "" if no
// local module has it.
func (ms modules) dirFor(importPath string) string {
	best, dir := "", ""
	for _, m := range ms {
		if m.Path == "" || len(m.Path) <= len(best) {
			continue
		}
		if importPath == m.Path || strings.HasPrefix(importPath, m.Path+"/") {
			best, dir = m.Path, filepath.Join(m.Dir, filepath.FromSlash(importPath[len(m.Path):]))
		}
	}
	return dir
}

// shape sets the roots of a graph and the files that determine it.
func (b *Builder) shape(g *source.Graph, req Request, tool gocmd.Env, mods modules) {
	add := func(list *[]string, paths ...string) {
		for _, p := range paths {
			if p != "" && !slices.Contains(*list, p) {
				*list = append(*list, p)
			}
		}
	}
	workspaces := tool.GOWORK != "off"
	if workspaces && filepath.IsAbs(tool.GOWORK) {
		add(&g.Roots, filepath.Dir(tool.GOWORK))
		add(&g.Files, tool.GOWORK, tool.GOWORK+".sum")
	}
	for _, m := range mods {
		add(&g.Roots, m.Dir)
		gomod := m.GoMod
		if gomod == "" {
			gomod = filepath.Join(m.Dir, "go.mod")
		}
		if !filepath.IsAbs(gomod) { // as -modfile may give it
			gomod = filepath.Join(req.Dir, gomod)
		}
		add(&g.Files, gomod, strings.TrimSuffix(gomod, ".mod")+".sum")
		if workspaces {
			// A go.work or go.mod that appears here would take over this module.
			for _, dir := range []string{m.Dir, filepath.Dir(m.Dir)} {
				add(&g.Files, filepath.Join(dir, "go.work"), filepath.Join(dir, "go.work.sum"))
			}
		}
	}
	if len(mods) == 0 {
		// There is no module yet. Watch for one where go mod init would be run.
		add(&g.Roots, req.Dir)
		add(&g.Files, filepath.Join(req.Dir, "go.mod"))
	}
	if vendor := tool.VendorFolder(); vendor != "" {
		add(&g.Files, filepath.Join(vendor, "modules.txt")) // if it appears, the whole build may come from there
	}
	flags := gocmd.FlagsInForce(req.Flags, tool)
	add(&g.Files, flags.Path(req.Dir, "modfile"), flags.Path(req.Dir, "overlay"))
	if flags.Asks("pgo") {
		add(&g.Files, flags.Path(req.Dir, "pgo"))
	}
}
