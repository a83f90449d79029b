package live

// A verdict is what the sources say of a change.
type verdict struct{}

type gate struct{}

func newGate(*Host) gate { return gate{} }

// Judge compares the sources of changed packages with those that the program was
// made of.
func (h *Host) Judge(changed []Package) (*verdict, *Obstacle) { return &verdict{}, nil }

func (h *Host) accept(p *Patch) {
	for i := range p.packages {
		h.packages[p.packages[i].Path] = &p.packages[i]
	}
}
func (v *verdict) place(key string) (string, int) { return "", 0 }
func (v *verdict) typeChanged(name string) *Obstacle {
	return refuse(Type, name, "type %s changed", name)
}
func (v *verdict) changedCall(key string) bool                       { return false }
func (v *verdict) leaksMore(key string) bool                         { return false }
func (v *verdict) leaksOutside(key string) bool                      { return false }
func (v *verdict) staticClosures(up string) bool                     { return true }
func (v *verdict) directive(key string) (why, file string, line int) { return "", "", 0 }
func (v *verdict) notes(p *patch) []string                           { return nil }
