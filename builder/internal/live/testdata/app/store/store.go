package store

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sort"
	"strings"
)

const limit = 10

type Store struct {
	name  string
	items map[string]*item
	log   []string
}

type item struct {
	name string
	n    int
}

type small struct{ a, b int }

type shape interface{ area() int }

type square struct{ side int }

func (s square) area() int { return s.side * s.side }

type weekday int

var total = 100

var hook = func(s string) string { return "hook 1 " + s }

var table = []string{"zero", "one", "two"}

func New(name string) *Store {
	return &Store{name: name, items: map[string]*item{}}
}

// Handle answers a request.
func (s *Store) Handle(arg string) string {
	name, arg, _ := strings.Cut(arg, " ")
	switch name {
	case "add":
		return s.add(arg)
	case "list":
		return s.list()
	case "limit":
		return fmt.Sprint(limit, within(arg))
	case "leaf":
		return fmt.Sprint(leaf(len(arg)))
	case "area":
		return fmt.Sprint(measure(square{3}))
	case "sorted":
		return fmt.Sprint(sortedKeys(map[string]int{"b": 2, "a": 1}))
	case "hook":
		return hook(arg)
	case "total":
		total++
		return fmt.Sprint(total)
	case "table":
		return table[len(table)-1]
	case "where":
		return where()
	case "panic":
		return recovered(arg)
	case "kind":
		return kind(arg)
	case "sum":
		return fmt.Sprint(sum(small{1, 2}))
	case "any":
		return describe(&Store{name: arg})
	case "hidden":
		h := hidden{len(arg)}
		return peek(&h, holder{[]hidden{h}})
	case "made":
		return made(arg).String()
	case "retain":
		return retain(&item{name: arg})
	}
	return "store does not know " + name
}

func (s *Store) add(name string) string {
	it := s.items[name]
	if it == nil {
		it = &item{name: name}
		s.items[name] = it
	}
	it.n++
	return fmt.Sprintf("v1 %s=%d", it.name, it.n)
}

func (s *Store) list() string {
	var names []string
	for n := range s.items {
		names = append(names, n)
	}
	sort.Strings(names)
	return fmt.Sprint(len(names), names)
}

func (s *Store) Describe(arg string) string { return "describe 1 " + s.name + arg }

func within(arg string) bool { return len(arg) < limit }

//go:noinline
func leaf(n int) int { return n + 1 }

func measure(s shape) int { return s.area() }

func sortedKeys[K ~string, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

// made is a type that the compiler did not make.
func made(kind string) reflect.Type {
	t := reflect.TypeOf(square{})
	switch kind {
	case "slice":
		return reflect.SliceOf(t)
	case "map":
		return reflect.MapOf(t, t)
	case "array":
		return reflect.ArrayOf(3, t)
	case "chan":
		return reflect.ChanOf(reflect.RecvDir, t)
	case "pointer":
		return reflect.PointerTo(t)
	}
	return t
}

//go:noinline
func peek(h *hidden, in holder) string { return fmt.Sprint(h.n, len(in.in), in.in[0].n) }

func where() string {
	_, file, line, _ := runtime.Caller(0)
	return fmt.Sprint(file[strings.LastIndex(file, "/")+1:], ":", line)
}

var errBad = errors.New("bad")

func recovered(arg string) (r string) {
	defer func() {
		if e := recover(); e != nil {
			r = fmt.Sprint("recovered ", e)
		}
	}()
	panic(errBad)
}

func kind(arg string) string {
	switch arg {
	case "a":
		return "kind a"
	case "b":
		return "kind b"
	case "c":
		return "kind c"
	case "d":
		return "kind d"
	case "e":
		return "kind e"
	case "f":
		return "kind f"
	case "g":
		return "kind g"
	case "h":
		return "kind h"
	}
	return "kind ?"
}

//go:noinline
func sum(s small) int { return s.a + s.b }

type namer interface{ Name() string }

func describe(x any) string {
	if n, ok := x.(namer); ok {
		return "named " + n.Name()
	}
	return "nameless"
}

//go:noinline
func retain(it *item) string { return it.name }

func (d weekday) String() string { return fmt.Sprint("day ", int(d)) }

var today fmt.Stringer = weekday(1)

// hidden is never in an interface: the linker leaves out its methods.
type hidden struct{ n int }

func (h hidden) String() string { return fmt.Sprint("hidden ", h.n) }

func (h *hidden) Name() string { return "hidden name" }

type holder struct{ in []hidden }

// A shelf is used for its load only: the linker leaves out the labels.
type labelled interface {
	Label(n int) string
	Load() int
}

type crate struct{ n int }

func (c *crate) Label(n int) string { return fmt.Sprint("label ", n) }

func (c *crate) Load() int { return c.n }

func (c *crate) Weight(f float64) complex64 { return complex(float32(f), float32(c.n)) }

var shelf labelled = &crate{5}

var lastShelf labelled

// Shelf has the program make a table of methods.
func Shelf(arg string) string {
	var x any = &crate{len(arg)}
	lastShelf = x.(interface{ labelled })
	return fmt.Sprint(lastShelf.Load()+shelf.Load(), string(letters), double(single))
}

var letters = []byte("abc")

// What the program has, for the gate to compare.
type (
	renamed     = square
	pair[A any] struct{ a A }
	drawer      interface {
		draw() int
		Draw(n int) string
	}
	parts struct {
		one int `json:"one"`
		two int
	}
)

var single = double(1)

//go:nosplit
//go:noinline
func double(n int) int { return n * 2 }

func two() (int, int) { return 1, 2 }

// A ring's methods call each other, so that their dictionaries are in a circle.
type ring[T any] struct{ list []T }

func (r *ring[T]) push(x T) int {
	if len(r.list) > 2 {
		r.list = halves(r)
	}
	r.list = append(r.list, x)
	return len(r.list)
}

func halves[T any](r *ring[T]) []T {
	if len(r.list) > 8 {
		(&ring[T]{r.list[4:]}).push(r.list[0])
	}
	return append([]T(nil), r.list[len(r.list)/2:]...)
}

var (
	rings  interface{ push(string) int } = &ring[string]{}
	ringed                               = rings.push("a")
)
