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

// Relative returns a path relative to dir, if it is below dir.
func Relative(dir, file string) string { return cells.Clean(words.Path(dir, file)) }

// Location returns path:line:column, as far as known.
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

// ShortName returns the name of a package on the screen: its folder relative to its
// module; for a module's root package, the last element of its path.
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
		if i > 0 { // it is not in the first module: say in which
			rel = path.Join(filepath.Base(root), rel)
		}
		return cells.Clean(rel)
	}
	return cells.Clean(p.ImportPath)
}
