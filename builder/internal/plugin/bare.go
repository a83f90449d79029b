package plugin

import (
	"cmp"
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// bareEntry returns the function of a bare plugin to call, or diagnostics if it cannot
// be chosen.
func bareEntry(s *source.Source, symbol string) (string, []complaint.Diagnostic) {
	x := parseSyntax(s)
	pkg := cmp.Or(s.Pkg.ImportPath, s.Pkg.Name)
	if symbol != "" {
		if d := x.decls[symbol]; d == nil && !x.broken {
			return "", []complaint.Diagnostic{{Package: pkg, Message: fmt.Sprintf("package %s has no function %s", path.Base(pkg), symbol), More: fitting(x)}}
		}
		return symbol, nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(x.decls)) {
		if d := x.decls[name]; fits(x, d) {
			names = append(names, name)
		}
	}
	switch {
	case len(names) == 1:
		return names[0], nil
	case x.broken:
		return "Broken", nil // the compiler will report it
	case len(names) == 0:
		return "", []complaint.Diagnostic{{
			Package: pkg, Message: fmt.Sprintf("package %s has no exported function that could be called", path.Base(pkg)),
			More: append([]string{"want func F(), with a context.Context or an error result if you like"}, fitting(x)...),
		}}
	}
	return "", []complaint.Diagnostic{{
		Package: pkg, Message: fmt.Sprintf("package %s has several functions that could be called; name one by plugin.symbol", path.Base(pkg)),
		More: fitting(x),
	}}
}

// bareTypes are the types that a bare plugin's function may have.
var bareTypes = []string{"func()", "func() error", "func(context.Context)", "func(context.Context) error"}

func fits(x *syntax, d *declaration) bool {
	return d.kind.String() == "func" && !strings.Contains(d.name, ".") && ast.IsExported(d.name) && slices.Contains(bareTypes, x.signature(d))
}

// fitting describes the exported functions of a package.
func fitting(x *syntax) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(x.decls)) {
		if d := x.decls[name]; d.kind.String() == "func" && !strings.Contains(name, ".") && ast.IsExported(name) {
			lines = append(lines, "there is "+name+", a "+x.signature(d))
		}
	}
	return lines
}
