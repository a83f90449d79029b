package live

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// fieldPlace returns the position of a struct's first new or changed field.
func fieldPlace(old, now types.Type) token.Pos {
	a, ok1 := old.Underlying().(*types.Struct)
	b, ok2 := now.Underlying().(*types.Struct)
	if !ok1 || !ok2 {
		return token.NoPos
	}
	was := map[string]*types.Var{}
	for i := range a.NumFields() {
		was[a.Field(i).Name()] = a.Field(i)
	}
	for i := range b.NumFields() {
		if f := was[b.Field(i).Name()]; f == nil || !identical(f.Type(), b.Field(i).Type()) {
			return b.Field(i).Pos()
		}
	}
	return token.NoPos
}

// compareFunctions finds functions whose signature changed.
func (c *comparison) compareFunctions() {
	c.calls = map[string]bool{}
	for name, now := range c.now.funcs {
		old := c.old.funcs[name]
		if old == nil || old.obj == nil || now.obj == nil {
			continue
		}
		a, b := old.obj.Signature(), now.obj.Signature()
		if !identical(a, b) || (a.Recv() == nil) != (b.Recv() == nil) || a.Recv() != nil && !identical(a.Recv().Type(), b.Recv().Type()) {
			c.calls[name] = true
		}
	}
	c.inits = len(c.old.order) == len(c.now.order)
}

// compareVariables finds new variables, and those whose initial value changed.
func (c *comparison) compareVariables() {
	c.literals = slices.Equal(c.old.literals(), c.now.literals())
	for _, name := range slices.Sorted(maps.Keys(c.now.vars)) {
		now, old := c.now.vars[name], c.old.vars[name]
		switch {
		case name == "_":
		case old == nil:
			if len(now.Values) > 0 {
				c.fresh = append(c.fresh, name)
			}
		case initialText(c.old, old) != initialText(c.now, now):
			c.values = append(c.values, change{name, now})
		}
	}
}

// initialText returns the expression that a variable is initialised with, without
// function literals, because their code is replaced.
func initialText(s *sources, spec *ast.ValueSpec) string {
	var b strings.Builder
	for _, v := range spec.Values {
		if _, ok := v.(*ast.FuncLit); ok {
			b.WriteString("func;")
			continue
		}
		b.WriteString(s.text(v) + ";")
	}
	return b.String()
}

// literals lists the package variables that are initialised with function literals, one
// entry for each literal, in the order in which the compiler numbers them.
func (s *sources) literals() (list []string) {
	for _, f := range s.files {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				ast.Inspect(v, func(n ast.Node) bool {
					if _, ok := n.(*ast.FuncLit); ok {
						list = append(list, v.Names[0].Name)
						return false
					}
					return true
				})
			}
		}
	}
	return list
}

// escapeLine matches what the compiler prints about a parameter with -m.
var escapeLine = regexp.MustCompile(`^(.+):(\d+):(\d+): (leaking param content|leaking param|mutates param|calls param|moved to heap): ([^ ]+)(.*)$`)

// escapes are what functions may do with their parameters that callers rely on them not
// to do: keep them, write to them, call them.
type escapes struct {
	own      map[string]map[string]bool // by function: what it does with which parameter
	closures map[string]map[string]bool // the same for the literals in it
	named    map[string]bool            // functions with such a literal that they may call by name
	rest     map[string]bool            // lines that belong to no function in the sources
}

// escapes parses what the compiler printed.
func (s *sources) escapes() *escapes {
	if s.flow != nil {
		return s.flow
	}
	e := &escapes{own: map[string]map[string]bool{}, closures: map[string]map[string]bool{}, named: map[string]bool{}, rest: map[string]bool{}}
	type param struct {
		function string
		index    string
		literal  bool
		bound    bool
	}
	params := map[string]param{} // by file:line:column
	note := func(fields *ast.FieldList, p param, n *int) {
		if fields == nil {
			return
		}
		for _, f := range fields.List {
			for _, id := range f.Names {
				pos := s.fset.Position(id.Pos())
				q := p
				q.index = fmt.Sprint(p.index, *n)
				*n++
				params[fmt.Sprintf("%s:%d:%d", filepath.Base(pos.Filename), pos.Line, pos.Column)] = q
			}
		}
	}
	for name, f := range s.funcs {
		n := 0
		note(f.decl.Recv, param{function: name}, &n)
		note(f.decl.Type.Params, param{function: name}, &n)
		if f.decl.Body == nil {
			continue
		}
		bound := boundLiterals(f.decl.Body)
		k := 0
		ast.Inspect(f.decl.Body, func(x ast.Node) bool {
			if lit, ok := x.(*ast.FuncLit); ok {
				k++
				n := 0
				note(lit.Type.Params, param{function: name, index: fmt.Sprint("literal ", k, " "), literal: true, bound: bound[lit]}, &n)
			}
			return true
		})
	}
	for line := range strings.Lines(string(s.leaks)) {
		if !strings.Contains(line, " param") && !strings.Contains(line, "moved to heap") {
			continue // avoid the expression below, which is slow
		}
		m := escapeLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		what := m[4] + m[6]
		p, ok := params[filepath.Base(m[1])+":"+m[2]+":"+m[3]]
		switch {
		case !ok && m[4] == "moved to heap": // it is a local variable
		case !ok:
			e.rest[filepath.Base(m[1])+" "+m[5]+" "+what] = true
		case p.literal:
			add(e.closures, p.function, p.index+" "+what)
			if p.bound {
				e.named[p.function] = true
			}
		default:
			add(e.own, p.function, p.index+" "+what)
		}
	}
	s.flow = e
	return e
}

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

// boundLiterals returns the function literals that the same function may call, by a
// name or immediately, as opposed to those that it passes on.
func boundLiterals(body *ast.BlockStmt) map[*ast.FuncLit]bool {
	given := map[*ast.FuncLit]bool{}
	all := map[*ast.FuncLit]bool{}
	lit := func(e ast.Expr, m map[*ast.FuncLit]bool) {
		if l, ok := ast.Unparen(e).(*ast.FuncLit); ok {
			m[l] = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			all[n] = true
		case *ast.CallExpr:
			for _, a := range n.Args {
				lit(a, given)
			}
		case *ast.AssignStmt:
			for i, e := range n.Rhs {
				if len(n.Lhs) == len(n.Rhs) {
					if _, ok := n.Lhs[i].(*ast.Ident); !ok {
						lit(e, given)
					}
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					e = kv.Value
				}
				lit(e, given)
			}
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				lit(e, given)
			}
		}
		return true
	})
	bound := map[*ast.FuncLit]bool{}
	for l := range all {
		bound[l] = !given[l]
	}
	return bound
}

// compareLeaks finds functions that do more with their parameters than before.
func (c *comparison) compareLeaks() {
	c.leaks, c.closures, c.bound = map[string]bool{}, map[string]bool{}, map[string]bool{}
	if c.now.leaks == nil {
		c.anywhere = true
		return
	}
	old, now := c.old.escapes(), c.now.escapes()
	more := func(a, b map[string]bool) bool {
		for k := range b {
			if !a[k] {
				return true
			}
		}
		return false
	}
	for name, is := range now.own {
		c.leaks[name] = more(old.own[name], is)
	}
	for name, is := range now.closures {
		c.closures[name] = more(old.closures[name], is)
		c.bound[name] = now.named[name]
	}
	// The compiler reports nothing for generic functions. A line that belongs to no
	// function found here may be about any of them.
	for name, f := range c.now.funcs {
		if f.obj != nil && (f.obj.Signature().TypeParams().Len() > 0 || f.obj.Signature().RecvTypeParams().Len() > 0) {
			c.leaks[name], c.closures[name], c.bound[name] = true, true, true
		}
	}
	c.anywhere = more(old.rest, now.rest)
}
