package live

import "strings"

// spread marks as dirty what refers to something dirty that cannot be redirected.
func (p *patch) spread() {
	h := p.h
	for again := true; again; {
		again = false
		for _, id := range p.order {
			d := p.news[id]
			if p.dirty[id] || !d.kind().loaded() || d.isVar() && (h.addrs[id] == 0 || !isTemporary(h.names[id])) {
				continue
			}
			for r := range d.relocs().all {
				if r.size() == 0 {
					continue
				}
				t := h.ref(d.o, r.sym())
				td, ok := p.news[t]
				if !ok || !p.dirty[t] || h.addrs[t] == 0 || td.isVar() && !isTemporary(h.names[t]) {
					continue
				}
				if p.redirectable(t) && !(td.isText() && r.add() != 0) { // a jump table refers into the function
					continue
				}
				if td.isText() && d.kind().isRodata() && r.add() == 0 && p.byWords(t) {
					continue // this word will get the new address
				}
				if name := h.names[id]; strings.HasPrefix(name, "type:") && !strings.HasPrefix(name, "type:.") {
					if td.isText() {
						panic(p.v.typeChanged(strings.TrimPrefix(name, "type:")))
					}
					continue
				}
				p.dirty[id] = true
				again = true
				break
			}
		}
	}
}

// byWords reports whether a function can be replaced for dynamic calls, which go
// through words in read-only data: their arguments have escaped already. Direct calls
// in existing code keep calling the old version.
func (p *patch) byWords(id symID) bool {
	name := p.h.names[id]
	return p.h.addrs[id] != 0 && p.h.sharing[p.h.addrs[id]] <= 1 && p.news[id].isText() && enclosing(name) == "" && !strings.HasPrefix(name, "type:") &&
		!p.v.changedCall(declared(name)) && p.leaks(id)
}

// choose picks the functions to replace.
func (p *patch) choose() {
	h := p.h
	for _, id := range p.order {
		if !p.dirty[id] || !p.news[id].isText() || h.addrs[id] == 0 || !h.defs[id].ok() {
			continue
		}
		name := h.names[id]
		if why, file, line := p.v.directive(declared(name)); why != "" {
			o := refuse(Pragma, name, "%s has the directive %s", readable(name), why)
			o.File, o.Line = file, line
			panic(o)
		}
		// A difference that existed before was reported when it appeared.
		changed := !p.own[id] || !p.asBefore(id, p.news[id])
		switch {
		case runsOnce(name) && !p.own[id]: // it calls functions that do not run again
		case runsOnce(name) || name == "main.main":
			if changed {
				p.once = append(p.once, name)
			}
		case p.redirectable(id):
			p.roots = append(p.roots, id)
		case p.byWords(id):
			p.roots = append(p.roots, id)
			p.weak[id] = true
		case changed && enclosing(name) != "" && !strings.Contains(name, "wrap"):
			p.stale = append(p.stale, outermost(name))
		}
	}
}
