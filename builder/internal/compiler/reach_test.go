package compiler

import (
	"maps"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestReach: what reaches the objects of a package is what a search from each object finds.
func TestReach(t *testing.T) {
	list := exec.Command("go", "list", "-export", "-f", "{{.Export}}", "net/http", "go/types", "slices", "maps", "iter")
	text, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	most := 0
	for _, archive := range strings.Fields(string(text)) {
		e, err := ReadExports(archive)
		if err != nil {
			t.Fatal(err)
		}
		forward := refersTo(e)
		all := slices.SortedFunc(maps.Keys(e.objects), func(a, b object) int { return e.objects[a] - e.objects[b] })
		for range 40 {
			changed := map[object]bool{{e.self, "no such object"}: true}
			for range 1 + random.IntN(3) {
				changed[all[random.IntN(len(all))]] = true
			}
			want := maps.Clone(changed)
			for more := true; more; {
				more = false
				for _, o := range all {
					if !want[o] && slices.ContainsFunc(forward[o], func(to object) bool { return want[to] }) {
						want[o], more = true, true
					}
				}
			}
			if got := e.reach(changed); !maps.Equal(got, want) {
				t.Errorf("%s: %v: %d objects, want %d", e.self, changed, len(got), len(want))
			}
			most = max(most, len(want))
		}
	}
	if most < 100 {
		t.Errorf("at most %d objects are reached", most)
	}
}

// refersTo returns for each object those that it refers to, other objects' elements left
// out.
func refersTo(e *Exports) map[object][]object {
	names := make([]object, e.count(inObj))
	for o, i := range e.objects {
		names[i] = o
	}
	to := map[object][]object{}
	for o, i := range e.objects {
		seen := map[ref]bool{}
		var follow func(r ref)
		follow = func(r ref) {
			if r.section == inString || seen[r] {
				return
			}
			seen[r] = true
			for _, next := range e.element(r.section, r.index).refs {
				if next.section == inObj {
					to[o] = append(to[o], names[next.index])
				} else {
					follow(next)
				}
			}
		}
		for _, section := range []int{inObj, inName, inObjExt, inObjDict} {
			follow(ref{section, i})
		}
		for b, i := range e.bodies {
			if b.owner() == o {
				follow(ref{inBody, i})
			}
		}
	}
	return to
}
