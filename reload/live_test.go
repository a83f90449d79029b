//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/hotdev/hotdev/internal/wire"
)

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, pkg, rest, why string }{
		{"example.com/app/rules.Score", "example.com/app/rules", "Score", ""},
		{"gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml.v3", "Marshal", ""},
		{"main.Score", "main", "Score", "it is in package main, which cannot be loaded into a program"},
		{"example.com/app/rules.score", "example.com/app/rules", "score", "it is not exported"},
		{"example.com/app/rules.(*T).Score", "example.com/app/rules", "(*T).Score", "it is a method"},
		{"example.com/app/rules.T.Score-fm", "example.com/app/rules", "T.Score-fm", "it is a method value"},
		{"main.main.func1", "main", "main.func1", "it is a function literal"},
		{"main.init.func1", "main", "init.func1", "it is a function literal"},
		{"example.com/app/rules.Max[...]", "example.com/app/rules", "Max[...]", "it is generic"},
	} {
		pkg, rest := splitName(c.name)
		if pkg != c.pkg || rest != c.rest || unfit(pkg, rest) != c.why {
			t.Errorf("%s: %q %q %q", c.name, pkg, rest, unfit(pkg, rest))
		}
	}
	if o := originOf("example.com/app/rules/hotdev_gen12"); o != (origin{"example.com/app/rules", 12}) {
		t.Errorf("%+v", o)
	}
}

// Types of two generations of a package cannot be made here; types that differ
// in other ways can, and none of them is the same.
func TestSameType(t *testing.T) {
	type a struct{ X int }
	type b struct{ X int }
	type list struct{ Next *list }
	all := []any{
		a{}, b{}, &a{}, struct{ X int }{}, struct{ X, Y int }{}, struct {
			X int `json:"x"`
		}{}, struct{ x int }{}, list{}, []a{}, [2]a{}, [3]a{}, map[string]a{}, map[int]a{},
		func() {}, func(int) {}, func(...int) {}, func([]int) {}, func() int { return 0 }, make(chan int), make(<-chan int), 1, "", uint(1), time.Second, new(error), new(fmt.Stringer),
	}
	for i, x := range all {
		for j, y := range all {
			if got := sameType(reflect.TypeOf(x), reflect.TypeOf(y)); got != (i == j) {
				t.Errorf("%T and %T: %v", x, y, got)
			}
		}
	}
}

func TestLossless(t *testing.T) {
	type good struct {
		N  int
		M  map[string][]*time.Time
		mu sync.Mutex
	}
	_ = (&good{}).mu.TryLock()
	type bad struct{ secret int }
	_ = bad{1}.secret
	for _, c := range []struct {
		v    any
		want string
	}{
		{&good{}, ""}, {3, ""}, {json.RawMessage{}, ""},
		{bad{}, "is unexported"}, {[]bad{}, "is unexported"}, {struct{ F func() }{}, "which JSON cannot say"},
		{struct{ C chan int }{}, "which JSON cannot say"}, {struct{ E error }{}, "is an interface"}, {struct {
			X int `json:"-"`
		}{}, "is excluded"},
	} {
		err := lossless(reflect.TypeOf(c.v), "value", map[reflect.Type]bool{})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%T: %v, want %q", c.v, err, c.want)
		}
	}
}

// What a refused generation kept and started is undone; what an accepted one
// did is in force.
func TestGenerations(t *testing.T) {
	a := newAgent(nil)
	pkg := origin{"example.com/p", 0}
	one := func() reflect.Value { return reflect.ValueOf(1) }
	two := func() reflect.Value { return reflect.ValueOf(2) }
	typ := reflect.TypeFor[int]()
	g := &generation{gen: 1, lives: map[string]*life{}, kept: map[string]kept{}}
	a.opening = g
	next := origin{"example.com/p", 1}
	if v := a.keep(next, "k", typ, two); v.Int() != 2 {
		t.Error(v)
	}
	a.opening = nil // refused
	if v := a.keep(pkg, "k", typ, one); v.Int() != 1 {
		t.Errorf("a refused generation's value is kept: %v", v)
	}
	a.opening = g
	if v := a.keep(next, "k", typ, two); v.Int() != 2 {
		t.Error("a generation's own value is not its own")
	}
	a.opening = nil
	if v := a.keep(origin{"example.com/q", 0}, "k", typ, two); v.Int() != 2 {
		t.Error("packages share a key")
	}
}

// Readers see both slots of a generation, or neither.
func TestSwapTogether(t *testing.T) {
	a := newAgent(nil)
	f, g := func() int { return 0 }, func() int { return 0 }
	s1 := &Slot[func() int]{a.register("example.com/p.F", reflect.TypeFor[func() int](), unsafe.Pointer(&f))}
	s2 := &Slot[func() int]{a.register("example.com/p.G", reflect.TypeFor[func() int](), unsafe.Pointer(&g))}
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				x := s1.Get()()
				if y := s2.Get()(); y < x { // a later look never sees an older table
					t.Errorf("G of %d after F of %d", y, x)
					return
				}
			}
		})
	}
	for n := 1; n <= 2000; n++ {
		table, filled, err := a.fill(map[string]any{"example.com/p.F": func() int { return n }, "example.com/p.G": func() int { return n }})
		if err != nil || len(filled) != 2 {
			t.Fatal(filled, err)
		}
		a.commit(&generation{gen: n}, nil, table)
	}
	close(done)
	wg.Wait()
	if _, _, err := a.fill(map[string]any{"example.com/p.F": func() string { return "" }}); err == nil || err.Error() != "example.com/p.F is func() string, the slot is func() int" {
		t.Errorf("a wrong type: %v", err)
	}
}

func TestRefusals(t *testing.T) {
	a := newAgent(nil)
	m := a.load(wire.Message{Type: wire.Load, Gen: 1, Path: "/nonexistent.so"})
	if m.Type != wire.Refused || m.Own || !strings.Contains(m.Reason, "/nonexistent.so") {
		t.Errorf("%+v", m)
	}
	err := openError(fmt.Errorf("plugin.Open(%q): plugin was built with a different version of package example.com/x", "f"))
	if !strings.HasPrefix(err.Error(), "package example.com/x is not the one in the program") {
		t.Error(err)
	}
}
