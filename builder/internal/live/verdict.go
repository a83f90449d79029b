package live

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A gate is what is known of the sources of the program's code, by package. It is
// filled in as packages change.
type gate struct {
	known map[string]*sources
	// types are all declared types that the program has ever had, by name: a type that
	// was removed and comes back must be the same as before, because values of it may
	// still exist.
	types map[string]types.Object
	// imports are the packages as they were last imported. stale are the import paths
	// of those that have changed their meaning since: their importers must be checked
	// against new imports.
	imports *universe
	stale   map[string]bool
	// ahead are the checked sources of packages that are being compiled. They were
	// checked against imports.
	ahead map[string]*sources
}

func newGate(h *Host) gate {
	return gate{imports: newUniverse(h, nil), known: map[string]*sources{}, types: map[string]types.Object{}, stale: map[string]bool{}, ahead: map[string]*sources{}}
}

// A verdict is the result of comparing the sources of a change. Functions are named as
// [declared] names them.
type verdict struct {
	packages map[string]*comparison // by path in symbol names
	imports  *universe              // if there is a new universe
	stale    map[string]bool        // imports that are out of date from now on
}

// A comparison compares one package.
type comparison struct {
	old, now *sources
	types    []*Obstacle     // about declared types
	calls    map[string]bool // functions whose type changed
	leaks    map[string]bool // functions whose parameters escape where they did not before
	closures map[string]bool // functions in which the parameters of closures do
	bound    map[string]bool // those closures' functions in which such a closure has a name
	anywhere bool            // it is unknown which function an escape belongs to
	values   []change        // existing variables whose initial value changed
	fresh    []string        // new variables with an initial value
	inits    bool            // the number of init functions is unchanged
	literals bool            // package variables have the same closures
}

// A change is a changed declaration with its place.
type change struct {
	name string
	node ast.Node
}

// judge compares the sources of changed packages, dependencies first, with those that
// the program was made of. objects are the new objects of these packages.
func (h *Host) judge(changed []Package, objects map[string]*object) (v *verdict, o *Obstacle) {
	defer catch(&o)
	v = &verdict{packages: map[string]*comparison{}, stale: maps.Clone(h.gate.stale)}
	newer := map[string]*Package{}
	for i := range changed {
		newer[changed[i].Path] = &changed[i]
	}
	for i := range changed {
		p := &changed[i]
		old, o := h.known(p.Path)
		if o != nil {
			return nil, o
		}
		if p.Files == nil {
			return nil, unknownSources(p.Path)
		}
		reached := h.reaches(goobj.PathInNames(p.Path), v.stale, objects)
		if reached {
			v.imports, v.stale = newUniverse(h, newer), map[string]bool{}
		}
		imports := cmp.Or(v.imports, h.gate.imports)
		now := old
		if !reached && old.of(p) {
			now = old.with(p.Leaks)
		} else if a := h.gate.ahead[p.Path]; imports == h.gate.imports && a.of(p) {
			now = a.with(p.Leaks)
		} else if now, o = imports.check(h, p, old, false); o != nil {
			return nil, o
		}
		c := &comparison{old: old, now: now}
		if o := c.compare(h.gate.types); o != nil {
			return nil, o
		}
		if len(c.fresh) > 0 { // for the order of their initialisation
			if c.now, o = imports.check(h, p, old, true); o != nil {
				return nil, o
			}
		}
		if v.imports == nil && now != old && !sameAPI(old.pkg, now.pkg) {
			v.stale[p.Path] = true
		}
		v.packages[goobj.PathInNames(p.Path)] = c
	}
	return v, nil
}

func sameFile(a, b File) bool { return a.Path == b.Path && bytes.Equal(a.Text, b.Text) }

// of reports whether the sources are those of a package.
func (s *sources) of(p *Package) bool {
	return s != nil && s.lang == p.Lang && slices.EqualFunc(s.texts, p.Files, sameFile)
}

// with returns the sources with what the compiler printed about them.
func (s *sources) with(leaks []byte) *sources {
	if bytes.Equal(s.leaks, leaks) {
		return s
	}
	c := *s
	c.leaks, c.flow = leaks, nil
	return &c
}

// Ahead checks the sources of a package while it is compiled for a patch, so that they
// need not be checked afterwards. An obstacle is not final: the package may fail to
// compile.
func (h *Host) Ahead(p Package) (o *Obstacle) {
	defer catch(&o)
	old, o := h.known(p.Path)
	if o != nil {
		return o
	}
	s, o := h.gate.imports.check(h, &p, old, false)
	if o == nil {
		h.gate.ahead[p.Path] = s
	}
	return o
}

// known returns the sources of a package, as the program has them.
func (h *Host) known(path string) (*sources, *Obstacle) {
	if s := h.gate.known[path]; s != nil {
		return s, nil
	}
	p := h.packages[path]
	if p == nil || p.Files == nil {
		return nil, unknownSources(path)
	}
	s, o := h.gate.imports.check(h, p, nil, false)
	if o != nil {
		return nil, o
	}
	h.gate.known[path] = s
	h.gate.remember(s)
	return s, nil
}

func unknownSources(path string) *Obstacle {
	return refuse(Program, path, "the sources of package %s are not known", path)
}

// compare compares a package; types are those of the program.
func (c *comparison) compare(types map[string]types.Object) *Obstacle {
	if o := c.directives(); o != nil {
		return o
	}
	c.compareTypes(types)
	if len(c.types) > 0 {
		return c.types[0]
	}
	c.compareFunctions()
	c.compareVariables()
	c.compareLeaks()
	return nil
}

// remember records the types of a package that the program runs.
func (g *gate) remember(s *sources) { maps.Copy(g.types, s.types) }

// accept records that a patch is in the program.
func (h *Host) accept(p *Patch) {
	if p.verdict.imports != nil {
		h.gate.imports = p.verdict.imports
		h.gate.imports.newer = nil // they are the program's now
	}
	h.gate.stale = p.verdict.stale
	clear(h.gate.ahead)
	for i := range p.packages {
		c := &p.packages[i]
		h.packages[c.Path] = c
		s := p.verdict.packages[goobj.PathInNames(c.Path)].now
		h.gate.known[c.Path] = s
		h.gate.remember(s)
	}
}

func (v *verdict) of(key string) (c *comparison, name string) {
	pkg := packageOf(key)
	if c = v.packages[pkg]; c == nil {
		return nil, ""
	}
	return c, strings.TrimPrefix(key, pkg+".")
}

// changedCall reports whether a function's type changed. In a package that did not
// change, none did.
func (v *verdict) changedCall(key string) bool {
	c, name := v.of(key)
	return c != nil && c.calls[name]
}

// leaksMore reports whether more of a function's parameters escape than before. If so,
// running code may have passed it a pointer to its stack.
func (v *verdict) leaksMore(key string) bool {
	c, name := v.of(key)
	return c != nil && (c.anywhere || c.leaks[name])
}

// closuresLeak reports the same for the closures that a function creates, and whether
// the function may call one of them by a name.
func (v *verdict) closuresLeak(key string) (leak, bound bool) {
	c, name := v.of(key)
	if c == nil {
		return false, false
	}
	return c.anywhere || c.closures[name], c.anywhere || c.bound[name]
}

// sameClosures reports whether closures that are created by a package's initialisation
// have the same numbers as before. up is the function in their names: path.init,
// path.init.0, path.glob..
func (v *verdict) sameClosures(up string) bool {
	pkg := packageOf(up)
	c := v.packages[pkg]
	if c == nil {
		return false
	}
	if strings.HasPrefix(up, pkg+".init.") { // it is an init function
		return c.inits
	}
	return c.literals
}

// directive returns a compiler directive that forbids replacing a function, with its
// place; text is "" if there is none.
func (v *verdict) directive(key string) (text, file string, line int) {
	c, name := v.of(key)
	if c == nil {
		return "", "", 0
	}
	for _, s := range []*sources{c.now, c.old} {
		if f := s.funcs[name]; f != nil {
			for _, d := range f.directives {
				if !harmless(d) {
					file, line := s.place(f.decl)
					return d, file, line
				}
			}
		}
	}
	return "", "", 0
}

// place returns the current place of a declaration.
func (v *verdict) place(key string) (file string, line int) {
	c, name := v.of(key)
	if c == nil {
		return "", 0
	}
	if f := c.now.funcs[name]; f != nil {
		return c.now.place(f.decl)
	}
	for _, n := range []*sources{c.now, c.old} {
		if x := n.vars[name]; x != nil {
			return n.place(x)
		}
	}
	return "", 0
}

// typeChanged returns the obstacle of a type whose descriptor changed. name is as in
// symbol names. Its declaration may be the same, because its methods are a part of it.
func (v *verdict) typeChanged(name string) *Obstacle {
	o := refuse(Type, name, "type %s changed", name)
	name = strings.TrimLeft(name, "*[]")
	name = withoutTypeArgs(name)
	c, short := v.of(name)
	if c == nil {
		return o
	}
	if x := c.methods(short); x != nil {
		x.Symbol = o.Symbol
		return x
	}
	return o
}

// notes returns the limits of a patch.
func (v *verdict) notes(p *patch) (notes []string) {
	add := func(s string) {
		if s != "" && !slices.Contains(notes, s) {
			notes = append(notes, s)
		}
	}
	for _, name := range slices.Sorted(slices.Values(p.once)) {
		pkg := packageOf(name)
		c := v.packages[pkg]
		switch {
		case name == "main.main":
			add("main() keeps running its old code; R restarts with the new")
		case strings.HasPrefix(name, pkg+".init."):
			add("init() of package " + lastElement(pkg) + " does not run again; R runs it")
		case c != nil && len(c.values) == 0 && len(c.fresh) == 0:
			add("the initialisation of package " + lastElement(pkg) + " changed and does not run again; R runs it")
		}
	}
	for _, name := range slices.Sorted(slices.Values(p.stale)) {
		if pkg := packageOf(name); name == pkg+".init" || name == pkg+".glob." {
			add("the functions that variables of package " + lastElement(pkg) + " were initialised with keep their old code; R restarts with the new")
			continue
		}
		add("the functions that " + readable(name) + " has made so far keep their old code; R restarts with the new")
	}
	for _, pkg := range slices.Sorted(maps.Keys(v.packages)) {
		c := v.packages[pkg]
		for _, d := range c.now.order[min(len(c.old.order), len(c.now.order)):] {
			add(c.now.placed(d) + "init() is new and does not run; R runs it")
		}
		named := map[string]bool{}
		for _, x := range c.values {
			named[x.name] = true
			add(c.now.placed(x.node) + "the initial value of " + x.name + " changed: the variable keeps its value; R applies it")
		}
		for _, name := range p.kept {
			if short, ok := strings.CutPrefix(name, pkg+"."); ok && !named[short] && !strings.Contains(short, ".") && (c.literals || !slices.Contains(c.now.literals(), short)) {
				add("the initial value of " + short + " changed: the variable keeps its value; R applies it")
			}
		}
	}
	return notes
}

func lastElement(path string) string {
	return strings.ReplaceAll(path[strings.LastIndexByte(path, '/')+1:], "%2e", ".")
}
