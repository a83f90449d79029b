package live

import (
	"slices"
)

// A Patch is a change of a program that is ready to be applied.
type Patch struct {
	// Functions are those that it replaces, as Go names them.
	Functions []string
	// Notes are what it cannot do, each a sentence.
	Notes []string
	// Bytes is the memory that it takes in the program.
	Bytes int

	gen      int
	p        *patch
	image    *image
	objects  []*object
	packages []Package
	verdict  *verdict
}

// Patch links the changed packages, dependencies first, against the running
// program. An obstacle leaves the Host as it was.
func (h *Host) Patch(changed []Package) (patch *Patch, o *Obstacle) {
	defer catch(&o)
	v, o := h.Judge(changed)
	if o != nil {
		return nil, o
	}
	patch = &Patch{gen: h.gen, packages: changed, verdict: v}
	for i := range changed {
		c := &changed[i]
		name := pathInNames(c.Path)
		objects, err := h.read(c, func(b []byte) (*object, error) {
			o, err := readObject(b, name)
			if o != nil {
				o.newer = map[string]*object{} // its definitions are not the program's
			}
			return o, err
		})
		switch {
		case err != nil:
			return nil, refuse(Symbol, c.Path, "package %s: %v", c.Path, err)
		case len(objects) != 1 || len(h.objects[name]) > 1:
			return nil, refuse(Pragma, c.Path, "package %s has assembly or cgo", c.Path)
		case !h.mutable[name]:
			return nil, refuse(Program, c.Path, "the sources of package %s are not known", c.Path)
		}
		patch.objects = append(patch.objects, objects[0])
	}
	if o := patch.link(h, nil); o != nil {
		return nil, o
	}
	return patch, nil
}

// link makes the image; at are itabs that the program has made itself.
func (p *Patch) link(h *Host, at map[symID]uint64) (o *Obstacle) {
	defer catch(&o)
	for _, x := range p.objects {
		for i := range x.ids {
			x.ids[i] = 0
		}
	}
	p.p = h.newPatch(p.objects, p.verdict)
	for id, a := range at {
		p.p.at[id] = a
	}
	p.p.diff()
	p.p.initialise()
	p.p.gather()
	p.image = p.p.link()
	p.Functions, p.Notes = p.p.summary()
	p.Bytes = 0
	for _, s := range []*section{p.image.text, p.image.ro, p.image.data} {
		if len(s.b) > 0 {
			p.Bytes += alignUp(len(s.b), pageSize)
		}
	}
	return nil
}

// relink makes the image again: for its i-th itab there is one of the program's
// own.
func (p *Patch) relink(i, own uint64) *Obstacle {
	at := p.p.at
	for _, x := range p.p.layout {
		if !x.grow && int(i) < len(p.image.itabs) && x.addr == p.image.itabs[i] {
			at[x.id] = own
			return p.link(p.p.h, at)
		}
	}
	return refuse(Internal, "", "the agent speaks of a table of methods that is not known")
}

// summary names the replaced functions and what the patch does not do.
func (p *patch) summary() (functions, notes []string) {
	for _, id := range p.roots {
		name := readable(outermost(p.h.names[id]))
		if !slices.Contains(functions, name) {
			functions = append(functions, name)
		}
	}
	return functions, append(notes, p.v.notes(p)...)
}

// initialise has the new variables initialised.
func (p *patch) initialise() {}
