package live

import (
	"fmt"
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"
)

// initialiser is the prefix of the names of generated functions, each of which gives
// new variables their initial values.
const initialiser = "hotdevInit"

// uninitialised returns the packages with new variables whose initial value is computed
// when a program starts: the package's initialisation changed, and will not run again.
func (p *patch) uninitialised() (pkgs []string) {
	for _, id := range p.order {
		name := p.h.names[id]
		pkg := packageOf(name)
		c := p.v.packages[pkg]
		if !p.own[id] || !p.news[id].isText() || !runsOnce(name) || strings.HasPrefix(name, pkg+".init.") || c == nil || len(c.fresh) == 0 {
			continue
		}
		if !slices.Contains(pkgs, pkg) {
			pkgs = append(pkgs, pkg)
		}
	}
	return pkgs
}

// initialisers generates the functions for a package's new variables, in a file for
// each file that declares some, and returns their names in the order in which to call
// them.
func (c *comparison) initialisers(p *Package, gen int) (files []File, calls []string, o *Obstacle) {
	texts := map[string]*strings.Builder{}
	var order []string
	imports := map[string]map[string]bool{}
	for _, in := range c.now.info.InitOrder {
		fresh, old := 0, 0
		var names []string
		for _, v := range in.Lhs {
			switch {
			case slices.Contains(c.fresh, v.Name()):
				fresh++
			case v.Name() != "_":
				old++
			}
			names = append(names, v.Name())
		}
		if fresh == 0 {
			continue
		}
		pos := c.now.fset.Position(in.Rhs.Pos())
		raw := c.now.fset.PositionFor(in.Rhs.Pos(), false)
		if old > 0 {
			o := refuse(Init, names[0], "%s are initialised together, and not all are new", strings.Join(names, ", "))
			o.File, o.Line = pos.Filename, pos.Line
			return nil, nil, o
		}
		i := slices.IndexFunc(p.Files, func(f File) bool { return f.Path == raw.Filename })
		if i < 0 {
			return nil, nil, refuse(Internal, names[0], "the file of %s is not known", names[0])
		}
		file := p.Files[i]
		b := texts[file.Path]
		if b == nil {
			b = &strings.Builder{}
			texts[file.Path], imports[file.Path] = b, map[string]bool{}
			order = append(order, file.Path)
		}
		end := c.now.fset.PositionFor(in.Rhs.End(), false)
		name := fmt.Sprintf("%s%d_%d", initialiser, gen, len(calls)) // each is a new function
		calls = append(calls, name)
		fmt.Fprintf(b, "func %s() {\n%s = \\\n", name, strings.Join(names, ", "))
		text := b.String()
		b.Reset()
		b.WriteString(strings.TrimSuffix(text, "\\\n"))
		fmt.Fprintf(b, "/*line %s:%d:%d*/%s\n}\n", pos.Filename, pos.Line, pos.Column, file.Text[raw.Offset:end.Offset])
		c.imports(in.Rhs, imports[file.Path])
	}
	for i, f := range order {
		var b strings.Builder
		fmt.Fprintf(&b, "package %s\n\n", c.now.files[0].Name.Name)
		for _, imp := range slices.Sorted(func(yield func(string) bool) {
			for s := range imports[f] {
				if !yield(s) {
					return
				}
			}
		}) {
			fmt.Fprintf(&b, "import %s\n", imp)
		}
		b.WriteString("\n" + texts[f].String())
		files = append(files, File{Path: path.Join(path.Dir(f), fmt.Sprintf("zz_hotdev_init%d.go", i)), Text: []byte(b.String())})
	}
	return files, calls, nil
}

// imports collects the imports that an expression needs, under the names that it uses.
func (c *comparison) imports(e ast.Expr, into map[string]bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if p, ok := c.now.info.Uses[id].(*types.PkgName); ok {
				into[fmt.Sprintf("%s %q", p.Name(), p.Imported().Path())] = true
			}
		}
		return true
	})
}

// initialise makes the patch initialise new packages and call the generated functions.
// What these call must not have changed: they run before anything is redirected, so
// that no new code sees its variables uninitialised.
func (p *patch) initialise(fresh, calls []string) {
	for _, pkg := range fresh {
		id := p.h.named(pkg+"..inittask", 0)
		if d := p.h.find(id); d.ok() && le.Uint32(d.data()[4:]) > 0 { // it has functions
			p.runs = append(p.runs, id)
		}
	}
	replaced := map[symID]bool{}
	for _, id := range p.roots {
		replaced[id] = true
	}
	for _, name := range calls {
		id := p.h.named(name, 1)
		if !p.news[id].isText() {
			panic(refuse(Internal, name, "the initialiser %s was not compiled", name))
		}
		p.runs = append(p.runs, id)
	}
	seen := map[symID]bool{}
	var visit func(id symID)
	visit = func(id symID) {
		if seen[id] {
			return
		}
		seen[id] = true
		d := p.def(id, def{})
		if !d.ok() || !p.h.mutable[d.o.pkg] || d.isVar() {
			return
		}
		if replaced[id] {
			panic(refuse(Init, p.h.names[id], "%s changed, and a new variable's initial value depends on it", readable(p.h.names[id])))
		}
		for r := range d.relocs().all {
			if r.size() > 0 {
				visit(p.h.ref(d.o, r.sym()))
			}
		}
	}
	for _, id := range p.runs {
		visit(id)
	}
}
