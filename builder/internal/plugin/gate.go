package plugin

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// gate returns the reason why the chosen packages cannot go into the running program,
// or "" if they can.
func gate(h *Host, now source.Snapshot, g source.Graph, region map[string]bool, chosen []string, req Request) string {
	c := comparison{base: map[string]*syntax{}, now: map[string]*syntax{}, affected: map[string]bool{}}
	for _, name := range chosen {
		x := parseSyntax(now[name])
		if x.broken {
			return "" // the compiler will report it
		}
		if x.special != "" {
			return fmt.Sprintf("package %s changed, and %s", path.Base(name), x.special)
		}
		c.now[name] = x
		if old := h.base[name]; old != nil {
			c.base[name] = parseSyntax(old)
		} else {
			c.base[name] = &syntax{path: name, decls: map[string]*declaration{}}
		}
	}
	if req.Bare {
		return "" // the host has no code of it
	}
	c.spread()
	roots := map[string]bool{} // types that pass between the program and the plugin
	for _, slot := range req.Slots {
		pkg := packageOf(slot)
		if c.now[pkg] == nil {
			continue
		}
		name := slot[len(pkg)+1:]
		short := path.Base(pkg) + "." + name
		was, is := c.base[pkg].decls[name], c.now[pkg].decls[name]
		switch {
		case is == nil || is.kind != token.FUNC:
			return short + " is gone"
		case was == nil:
			return short + " is not what the program was built with"
		}
		if a, b := c.base[pkg].signature(was), c.now[pkg].signature(is); a != b {
			return fmt.Sprintf("signature of %s changed: %s → %s", short, a, b)
		}
		c.types(pkg, was.node.(*ast.FuncDecl).Type, was.file, roots)
	}
	for _, p := range g.Packages {
		if region[p.ImportPath] || !slices.ContainsFunc(p.Imports, func(imp string) bool { return c.now[imp] != nil }) {
			continue
		}
		if why := c.outside(parseSyntax(now[p.ImportPath]), roots); why != "" {
			return why
		}
	}
	return c.changedType(roots)
}

// A comparison compares the chosen packages as the program was built from them with the
// same packages now. Declarations are named "path.name".
type comparison struct {
	base, now map[string]*syntax
	// affected are the declarations that changed, or that reach one that did.
	affected map[string]bool
}

// spread finds the affected declarations.
func (c comparison) spread() {
	byMethod := map[string][]string{}
	for pkg, x := range c.now {
		old := c.base[pkg]
		for name, d := range x.decls {
			if o := old.decls[name]; o == nil || o.text != d.text {
				c.affected[pkg+"."+name] = true
			}
			if _, method, ok := strings.Cut(name, "."); ok {
				byMethod["."+method] = append(byMethod["."+method], pkg+"."+name)
			}
		}
		for name := range old.decls {
			if x.decls[name] == nil {
				c.affected[pkg+"."+name] = true
			}
		}
	}
	for grown := true; grown; {
		grown = false
		for pkg, x := range c.now {
			for name, d := range x.decls {
				if c.affected[pkg+"."+name] {
					continue
				}
				for ref := range d.refs {
					hit := c.affected[ref] || c.affected[pkg+"."+ref]
					if strings.HasPrefix(ref, ".") {
						hit = slices.ContainsFunc(byMethod[ref], func(m string) bool { return c.affected[m] })
					}
					if hit {
						c.affected[pkg+"."+name] = true
						grown = true
						break
					}
				}
			}
		}
	}
}

// types adds to roots the types of the chosen packages that a node of the base
// mentions, and the types that they consist of.
func (c comparison) types(pkg string, node ast.Node, file *ast.File, roots map[string]bool) {
	refs := map[string]bool{}
	references(node, importNames(file), refs)
	for ref := range refs {
		owner, name := pkg, ref
		if i := strings.LastIndexByte(ref, '.'); i > 0 {
			owner, name = ref[:i], ref[i+1:]
		}
		x := c.base[owner]
		if x == nil || roots[owner+"."+name] {
			continue
		}
		if d := x.decls[name]; d != nil && d.kind == token.TYPE {
			roots[owner+"."+name] = true
			c.types(owner, d.node, d.file, roots)
		}
	}
}

// changedType returns a sentence about a type that changed, or whose methods did; "" if
// there is none.
func (c comparison) changedType(roots map[string]bool) string {
	names := slices.Sorted(maps.Keys(roots))
	for _, root := range names {
		pkg := packageOf(root)
		name := root[len(pkg)+1:]
		short := path.Base(pkg) + "." + name
		was, is := c.base[pkg].decls[name], c.now[pkg].decls[name]
		if is == nil || is.kind != token.TYPE {
			return fmt.Sprintf("type %s is gone", short)
		}
		if was.text != is.text {
			return fmt.Sprintf("type %s changed (%s)", short, c.difference(pkg, was, is))
		}
	}
	for _, root := range names {
		pkg := packageOf(root)
		name := root[len(pkg)+1:]
		short := path.Base(pkg) + "." + name
		before, after := c.base[pkg].methods(name), c.now[pkg].methods(name)
		for _, m := range slices.Sorted(maps.Keys(before)) {
			switch {
			case after[m] == nil:
				return fmt.Sprintf("type %s changed (method %s removed)", short, m)
			case c.affected[root+"."+m]:
				return fmt.Sprintf("method %s.%s changed, and the program has values of that type", short, m)
			}
		}
		for _, m := range slices.Sorted(maps.Keys(after)) {
			if before[m] == nil {
				return fmt.Sprintf("type %s changed (method %s added)", short, m)
			}
		}
	}
	return ""
}

// difference describes how two definitions of a type differ.
func (c comparison) difference(pkg string, was, is *declaration) string {
	fields := func(x *syntax, d *declaration) (names []string, types map[string]string) {
		types = map[string]string{}
		s, ok := d.node.(*ast.TypeSpec).Type.(*ast.StructType)
		if !ok {
			return nil, nil
		}
		for _, f := range s.Fields.List {
			text := x.canonical(f.Type)
			if f.Tag != nil {
				text += " " + f.Tag.Value
			}
			list := []string{strings.TrimPrefix(path.Base(text), "*")} // an embedded type
			if len(f.Names) > 0 {
				list = nil
				for _, n := range f.Names {
					list = append(list, n.Name)
				}
			}
			for _, n := range list {
				names = append(names, n)
				types[n] = text
			}
		}
		return names, types
	}
	names, types := fields(c.base[pkg], was)
	names2, types2 := fields(c.now[pkg], is)
	if types == nil || types2 == nil {
		return "another definition"
	}
	for _, n := range names2 {
		if _, ok := types[n]; !ok {
			return "field " + n + " added"
		}
	}
	for _, n := range names {
		if t, ok := types2[n]; !ok {
			return "field " + n + " removed"
		} else if t != types[n] {
			return "field " + n + " is " + t
		}
	}
	return "the order of its fields"
}

// outside examines how a package of the program itself uses the chosen packages. It
// adds the types that it names to roots, and returns what a reload would leave
// unchanged, if anything.
func (c comparison) outside(x *syntax, roots map[string]bool) (why string) {
	for _, f := range x.files {
		imports := importNames(f)
		for _, spec := range f.Imports {
			if p := strings.Trim(spec.Path.Value, "\"`"); c.now[p] != nil && spec.Name != nil && spec.Name.Name == "." {
				return fmt.Sprintf("%s imports package %s by a dot", x.place(spec.Pos()), path.Base(p))
			}
		}
		// uses returns the declaration that a selector names, if it is in a chosen
		// package.
		uses := func(n ast.Node) (full string, d *declaration) {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return "", nil
			}
			id, ok := s.X.(*ast.Ident)
			if !ok {
				return "", nil
			}
			if b := c.base[imports[id.Name]]; b != nil {
				return b.path + "." + s.Sel.Name, b.decls[s.Sel.Name]
			}
			return "", nil
		}
		asserted := func(n ast.Node) {
			ast.Inspect(n, func(n ast.Node) bool {
				if full, d := uses(n); d != nil && d.kind == token.TYPE && why == "" {
					why = fmt.Sprintf("%s asserts type %s, which each generation declares anew", x.place(n.Pos()), path.Base(full))
				}
				return true
			})
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if why != "" {
				return false
			}
			switch n := n.(type) {
			case *ast.CallExpr:
				// reload.Func(rules.Score): slots are for this.
				if s, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && len(n.Args) == 1 && s.Sel.Name == "Func" {
					if id, ok := s.X.(*ast.Ident); ok && imports[id.Name] == ReloadPackage {
						if _, d := uses(n.Args[0]); d != nil && d.kind == token.FUNC {
							return false
						}
					}
				}
			case *ast.TypeAssertExpr:
				if n.Type != nil {
					asserted(n.Type)
				}
			case *ast.TypeSwitchStmt:
				for _, clause := range n.Body.List {
					for _, e := range clause.(*ast.CaseClause).List {
						asserted(e)
					}
				}
			case *ast.SelectorExpr:
				full, d := uses(n)
				if d == nil {
					return true
				}
				short, pkg := path.Base(packageOf(full))+"."+d.name, packageOf(full)
				switch d.kind {
				case token.TYPE:
					roots[full] = true
					c.types(pkg, d.node, d.file, roots)
				case token.FUNC:
					if c.affected[full] {
						why = fmt.Sprintf("%s uses %s directly, and it changed", x.place(n.Pos()), short)
					}
					c.types(pkg, d.node.(*ast.FuncDecl).Type, d.file, roots)
				case token.CONST:
					if c.affected[full] {
						why = fmt.Sprintf("%s uses constant %s, and it changed", x.place(n.Pos()), short)
					}
				case token.VAR:
					why = fmt.Sprintf("%s uses variable %s, of which a reload would make another", x.place(n.Pos()), short)
				}
				return false
			}
			return true
		})
		if why != "" {
			return why
		}
	}
	return ""
}
