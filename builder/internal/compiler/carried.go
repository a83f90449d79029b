package compiler

import (
	"bytes"
	"maps"
)

// The compiler adds to a package's export data the bodies of other packages' functions
// that it has inlined there. A dependent that calls such a function may take the body from
// there, even if it uses nothing else of the package.

// A Carried is the difference between two states of a package's export data in the bodies
// of other packages' functions.
type Carried struct {
	// Names are the exported objects of the package through which a dependent can reach
	// one of the functions.
	Names    []string
	bodies   map[object]bool
	objects  map[object]bool // all objects through which one can be reached
	old, now *Exports
	// What has been read of archives.
	supplied map[string]map[object]bool
	copied   map[string]bool
}

// carry returns the difference in the given bodies; nil if there are none.
func carry(old, now *Exports, bodies map[object]bool) *Carried {
	if len(bodies) == 0 {
		return nil
	}
	c := &Carried{bodies: bodies, old: old, now: now, supplied: map[string]map[object]bool{}, copied: map[string]bool{}}
	owners := map[object]bool{}
	for o := range c.bodies {
		owners[o.owner()] = true
	}
	c.objects = c.old.reach(owners)
	maps.Copy(c.objects, c.now.reach(owners))
	c.Names = exported(c.objects, now.self)
	return c
}

// In reports whether an archive's export data contain a copy of an object through which
// one of the functions can be reached.
func (c *Carried) In(archive string) bool {
	has, known := c.copied[archive]
	if !known {
		has = hasAny(archive, c.objects)
		c.copied[archive] = has
	}
	return has
}

// Elsewhere reports whether each of the bodies was added or removed, and one of the
// archives has the same. To a package that imports these archives too, the difference
// means nothing.
func (c *Carried) Elsewhere(archives []string) bool {
	missing := maps.Clone(c.bodies)
	for _, archive := range archives {
		for o := range c.in(archive) {
			delete(missing, o)
		}
	}
	return len(missing) == 0
}

// Both reports whether both states have each of the bodies, and each belongs to a package
// that covers reports: then the difference comes from that package's own.
func (c *Carried) Both(covers func(path string) bool) bool {
	for o := range c.bodies {
		_, before := c.old.bodies[o]
		_, after := c.now.bodies[o]
		if !before || !after || !covers(o.path) {
			return false
		}
	}
	return true
}

// in returns which of the bodies that were added or removed an archive has.
func (c *Carried) in(archive string) (found map[object]bool) {
	if found, known := c.supplied[archive]; known {
		return found
	}
	found = map[object]bool{}
	c.supplied[archive] = found
	defer func() { _ = recover() }() // then it has none of the others
	text, err := ExportData(archive)
	if err != nil {
		return found
	}
	var e *Exports
	for o := range c.bodies {
		i, added := c.now.bodies[o]
		j, removed := c.old.bodies[o]
		from := c.now
		if removed {
			from, i = c.old, j
		}
		if added && removed || !bytes.Contains(text, []byte(o.name)) {
			continue
		}
		if e == nil {
			if e, err = ParseExports(text); err != nil || e.version != from.version {
				return found
			}
		}
		if k, has := e.bodies[o]; has && compare(from, e).whole(inBody, i, k) {
			found[o] = true
		}
	}
	return found
}
