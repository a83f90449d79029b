package fast

import (
	"testing"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// What waits for a package counts only if it cannot be compiled early.
func TestWork(t *testing.T) {
	node := func(path string, size int, imports ...*Node) *Node {
		n := &Node{Path: path, From: &source.Source{Files: map[string]*source.File{"x.go": {Text: make([]byte, size)}}}}
		for _, i := range imports {
			i.importers = append(i.importers, n)
		}
		return n
	}
	saved := node("saved", 1)
	copied := node("copied", 20, saved)
	waits := node("waits", 300, copied)
	calls := node("calls", 100, saved)
	late := node("late", 50, calls)
	other := node("other", 4000, late)
	s := schedule{
		plan:  &Plan{Order: []*Node{saved, copied, waits, calls, late, other}},
		todo:  map[*Node]bool{saved: true, copied: true, waits: true, calls: true, late: true},
		doubt: map[*Node]bool{saved: true, copied: true},
	}
	work := s.work()
	for n, want := range map[*Node]int{saved: 321, copied: 320, waits: 300, calls: 100, late: 50, other: 0} {
		if work[n] != want {
			t.Errorf("%s: %d, want %d", n.Path, work[n], want)
		}
	}
}
