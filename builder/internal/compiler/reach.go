package compiler

import "slices"

// reach returns the given objects and all that refer to them, directly or not: with one of
// an object's four elements, or with the body of its function or of one of its methods.
//
// It goes from the objects to what refers to them, element by element, so its time is
// proportional to the number of references.
func (e *Exports) reach(changed map[object]bool) map[object]bool {
	reached := make(map[object]bool, len(changed))
	names := make([]object, e.count(inObj))
	for o, i := range e.objects {
		names[i] = o
	}
	owners := e.owners()
	referrers := e.referrers()
	visited := make([]bool, len(owners))
	var queue []int
	visit := func(id int) {
		if !visited[id] {
			visited[id] = true
			queue = append(queue, id)
		}
	}
	for o := range changed {
		reached[o] = true
		if i, known := e.objects[o]; known {
			visit(e.id(inObj, i))
		}
	}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, from := range referrers.of(id) {
			visit(from)
			if i := owners[from]; i >= 0 {
				reached[names[i]] = true
				visit(e.id(inObj, i))
			}
		}
	}
	return reached
}

// owners returns for each element, by its number, the index of the object that it belongs
// to, or -1.
func (e *Exports) owners() []int {
	owners := slices.Repeat([]int{-1}, len(e.ends))
	for i := range e.count(inObj) {
		for _, section := range []int{inObj, inName, inObjExt, inObjDict} {
			owners[e.id(section, i)] = i
		}
	}
	for o, i := range e.bodies {
		owners[e.id(inBody, i)] = e.objects[o.owner()]
	}
	return owners
}

// referrers has for each element the numbers of the elements that refer to it. Those of id
// are froms[ends[id-1]:ends[id]].
type referrers struct{ ends, froms []int }

func (r referrers) of(id int) []int {
	if id == 0 {
		return r.froms[:r.ends[0]]
	}
	return r.froms[r.ends[id-1]:r.ends[id]]
}

// referrers reads all references but those of the package as a whole and those to strings.
func (e *Exports) referrers() referrers {
	r := referrers{ends: make([]int, len(e.ends))}
	e.references(func(_, to int) { r.ends[to]++ })
	total := 0
	for i, n := range r.ends { // now each is where its own begin
		r.ends[i] = total
		total += n
	}
	r.froms = make([]int, total)
	e.references(func(from, to int) {
		r.froms[r.ends[to]] = from
		r.ends[to]++
	})
	return r
}

// references calls yield with the numbers of two elements, of which the first refers to the
// second.
func (e *Exports) references(yield func(from, to int)) {
	for section := inPosBase; section < sections; section++ {
		for index := range e.count(section) {
			x, from := element{data: e.raw(section, index)}, e.id(section, index)
			for range x.number() {
				if to, i := x.number(), x.number(); to != inString {
					yield(from, e.id(to, i))
				}
			}
		}
	}
}
