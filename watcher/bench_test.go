package watcher

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkWatch is the cost of a new set: 5000 files in 250 folders.
func BenchmarkWatch(b *testing.B) {
	p, set := forest(b)
	for b.Loop() {
		w := New()
		w.tree.marks = p.marks
		if _, err := w.Watch(b.Context(), set, time.Time{}); err != nil {
			b.Fatal(err)
		}
		w.tree.feed.close()
	}
}

// BenchmarkRewatch is the same set once more.
func BenchmarkRewatch(b *testing.B) {
	p, set := forest(b)
	for b.Loop() {
		if _, err := p.Watch(b.Context(), set, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLook is the cost of one dirty folder among them.
func BenchmarkLook(b *testing.B) {
	p, set := forest(b)
	if _, err := p.Watch(b.Context(), set, time.Time{}); err != nil {
		b.Fatal(err)
	}
	n := p.tree.nodes[set.Rules[0].Dir]
	for b.Loop() {
		p.inspect(func(tr *tree) bool {
			tr.mark(n, shallow)
			tr.look(b.Context(), 0)
			return true
		})
	}
}

func forest(b *testing.B) (*probe, Set) {
	p := &probe{t: b, dir: b.TempDir(), Watcher: New()}
	b.Cleanup(func() {
		if p.tree.feed != nil {
			p.tree.feed.close()
		}
	})
	set := Set{Roots: []string{p.path("w")}}
	for d := range 250 {
		dir := fmt.Sprintf("w/p%d/q%d", d%10, d)
		p.mkdir(dir)
		for f := range 20 {
			p.write(fmt.Sprintf("%s/f%d.go", dir, f), fmt.Sprintf("%08192d", f))
		}
		set.Rules = append(set.Rules, Rule{Dir: p.path(dir), Include: []string{"*.go"}})
	}
	return p, set
}
