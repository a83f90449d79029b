package live

import (
	"maps"
	"slices"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A Patch is a change of a program that is ready to be applied.
type Patch struct {
	// Functions are the functions that it replaces, as Go names them.
	Functions []string
	// Symbols are the same functions as the linker names them.
	Symbols []string
	// Notes are its limits, each a sentence.
	Notes []string
	// Bytes is the memory that it takes in the program.
	Bytes int

	gen   int
	p     *patch
	image *image
	// By path in symbol names: the objects that the code comes from, and those whose
	// numbers other objects use to refer to it.
	objects, index map[string]*object
	calls          []string // generated functions to run, in order
	fresh          []string // packages that are new to the program, also by path
	packages       []Package
	verdict        *verdict
}

// Patch links the changed packages, dependencies first, against the running program.
// Packages without Files are new to the program: changed packages import them now.
// After an obstacle the program is unchanged.
func (h *Host) Patch(changed []Package) (patch *Patch, o *Obstacle) {
	defer catch(&o)
	patch = &Patch{gen: h.gen, objects: map[string]*object{}, index: map[string]*object{}}
	for i := range changed {
		c := changed[i]
		if c.Files != nil {
			patch.packages = append(patch.packages, c)
			continue
		}
		if o := h.include(&c); o != nil {
			return nil, o
		}
		patch.fresh = append(patch.fresh, goobj.PathInNames(c.Path))
	}
	for i := range patch.packages {
		if o := patch.read(h, &patch.packages[i]); o != nil {
			return nil, o
		}
	}
	v, o := h.judge(patch.packages, patch.index)
	if o != nil {
		return nil, o
	}
	patch.verdict = v
	p := patch.compare(h)
	needed := p.uninitialised()
	if len(needed) > 0 {
		p = nil // more objects follow
	}
	for i := range patch.packages { // dependencies first, in the order of a program's initialisation
		pkg := goobj.PathInNames(patch.packages[i].Path)
		if !slices.Contains(needed, pkg) {
			continue
		}
		files, names, o := v.packages[pkg].initialisers(patch.of(pkg), h.gen)
		if o != nil {
			return nil, o
		}
		c := *patch.of(pkg)
		if c.Compile == nil {
			return nil, refuse(Init, pkg, "new variables of package %s have initial values that are computed", lastElement(pkg))
		}
		archive, err := c.Compile(files)
		if err != nil {
			return nil, refuse(Init, pkg, "the initial values of new variables do not compile by themselves: %v", err)
		}
		c.Archive = archive
		index := patch.index[pkg]
		if o := patch.read(h, &c); o != nil {
			return nil, o
		}
		patch.index[pkg] = index // other objects refer to it by the numbers of this one
		for _, name := range names {
			patch.calls = append(patch.calls, pkg+"."+name)
		}
	}
	if o := patch.link(h, p, nil); o != nil {
		return nil, o
	}
	return patch, nil
}

// of returns a changed package, by its path in symbol names.
func (p *Patch) of(pkg string) *Package {
	for i := range p.packages {
		if goobj.PathInNames(p.packages[i].Path) == pkg {
			return &p.packages[i]
		}
	}
	return nil
}

// read reads a changed package's object.
func (p *Patch) read(h *Host, c *Package) *Obstacle {
	name := goobj.PathInNames(c.Path)
	objects, err := h.read(c, func(b []byte) (*object, error) {
		o, err := readObject(b, name)
		if o != nil {
			o.newer = map[string]*object{} // its definitions are not the program's
		}
		return o, err
	})
	switch {
	case err != nil:
		return refuse(Symbol, c.Path, "package %s: %v", c.Path, err)
	case len(objects) != 1 || len(h.objects[name]) > 1:
		return refuse(Pragma, c.Path, "package %s has assembly or cgo", c.Path)
	case !h.mutable[name]:
		return refuse(Program, c.Path, "the sources of package %s are not known", c.Path)
	}
	p.objects[name], p.index[name] = objects[0], objects[0]
	return nil
}

// compare begins a patch: it finds out what differs.
func (p *Patch) compare(h *Host) *patch {
	newer := map[string]*object{}
	for pkg, o := range h.newest {
		newer[pkg] = o
	}
	for pkg, o := range p.index {
		newer[pkg] = o
	}
	var objects []*object
	for i := range p.packages {
		pkg := goobj.PathInNames(p.packages[i].Path)
		objects = append(objects, p.objects[pkg])
		for _, o := range []*object{p.objects[pkg], p.index[pkg]} {
			o.newer, o.others = newer, nil
			clear(o.ids)
		}
	}
	x := h.newPatch(objects, p.verdict)
	for _, pkg := range p.fresh {
		x.fresh[pkg] = true
	}
	x.diff()
	return x
}

// link makes the image from the comparison in compared, or from a new one if that is
// nil. at are itabs that the program has made itself.
func (p *Patch) link(h *Host, compared *patch, at map[symID]uint64) (o *Obstacle) {
	defer catch(&o)
	if p.p = compared; p.p == nil {
		p.p = p.compare(h)
	}
	for id, a := range at {
		p.p.at[id] = a
	}
	p.p.initialise(p.fresh, p.calls)
	p.p.gather()
	p.image = p.p.link()
	p.Functions, p.Symbols, p.Notes = p.p.summary()
	p.Bytes = 0
	for _, s := range []*section{p.image.text, p.image.ro, p.image.data} {
		if len(s.b) > 0 {
			p.Bytes += alignUp(len(s.b), pageSize)
		}
	}
	return nil
}

// relink makes the image again, because the program has an itab of its own for the i-th
// one.
func (p *Patch) relink(i, own uint64) *Obstacle {
	at := p.p.at
	for _, x := range p.p.layout {
		if !x.grow && int(i) < len(p.image.itabs) && x.addr == p.image.itabs[i] {
			at[x.id] = own
			return p.link(p.p.h, nil, maps.Clone(at))
		}
	}
	return refuse(Internal, "", "the agent speaks of a table of methods that is not known")
}

// code returns the names of all functions in the image, without type arguments.
func (p *Patch) code() (names []string) {
	for _, x := range p.p.layout {
		if x.d.isText() && !x.grow {
			names = append(names, withoutTypeArgs(p.p.h.names[x.id]))
		}
	}
	return names
}

// summary returns the names of the functions with new code, and the limits of the
// patch. A function that is inlined into its callers is named as well as the callers.
func (p *patch) summary() (functions, symbols, notes []string) {
	add := func(id symID) {
		symbol := outermost(p.h.names[id])
		if !slices.Contains(symbols, symbol) {
			symbols = append(symbols, symbol)
		}
		if name := readable(symbol); !slices.Contains(functions, name) {
			functions = append(functions, name)
		}
	}
	for _, id := range p.roots {
		add(id)
	}
	for _, id := range p.roots {
		d := p.news[id]
		for a := range d.auxs().all {
			if a.kind() != auxFuncInfo {
				continue
			}
			for _, n := range readFuncInfo(p.h.auxDef(d.o, a.sym())).inlined {
				t := p.h.ref(d.o, n.fn)
				if td, ok := p.news[t]; ok && td.isText() && !p.asBefore(t, td) {
					add(t)
				}
			}
		}
	}
	return functions, symbols, append(notes, p.v.notes(p)...)
}
