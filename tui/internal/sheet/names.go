package sheet

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// relative shortens a path for the screen.
func Relative(dir, file string) string { return cells.Clean(words.Path(dir, file)) }

// location is path:line:column, as far as it is known.
func Location(dir, file string, line, column int) string {
	s := Relative(dir, file)
	if line > 0 {
		s += fmt.Sprintf(":%d", line)
		if column > 0 {
			s += fmt.Sprintf(":%d", column)
		}
	}
	return s
}

// shortName is how a package is called on the screen: its folder relative to
// its module; a module's own root package by the last element of its path.
func ShortName(g engine.State, p builder.Package) string {
	if p.ImportPath == "command-line-arguments" && g.Settings.Name != "" {
		return cells.Clean(g.Settings.Name)
	}
	for i, root := range g.Graph.Roots {
		rel, err := filepath.Rel(root, p.Dir)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			continue
		}
		if rel == "." {
			return cells.Clean(path.Base(p.ImportPath))
		}
		rel = filepath.ToSlash(rel)
		if i > 0 { // of another module than the first: say which
			rel = path.Join(filepath.Base(root), rel)
		}
		return cells.Clean(rel)
	}
	return cells.Clean(p.ImportPath)
}
