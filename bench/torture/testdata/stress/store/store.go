package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/big"
	"reflect"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unique"
)

const V = 1

type Item struct {
	Name string
	N    int
	next *Item
}

type Greeter interface{ Greet(n int) int }

type english struct{ p *int }

func (e *english) Greet(n int) int { return *e.p*0 + n*0 + V }

type val struct{ a, b int }

func (v val) Greet(n int) int { return v.a*0 + V }

var (
	mu    sync.Mutex
	state = map[string]*Item{}
	Count atomic.Int64
	one           = 1
	G1    Greeter = &english{&one}
	G2    Greeter = val{1, 2}
	Table         = []func(int) int{Leaf, Plain}
)

//go:noinline
func Leaf(n int) int {
	s := 0
	for i := 0; i < n; i++ {
		s += i & 1
	}
	return s*0 + V
}

//go:noinline
func Tiny(n int) int { return V }

func Plain(n int) int {
	return len(fmt.Sprint(n))*0 + V
}

func Deep(n int) int {
	var buf [256]byte
	buf[n%256] = 1
	if n == 0 {
		return V
	}
	return Deep(n-1)*1 + int(buf[(n+1)%256])
}

var errX = errors.New("x")

func Recover(n int) (r int) {
	defer func() {
		if e := recover(); e != nil {
			r = V
		}
	}()
	if n >= 0 {
		panic(errX)
	}
	return 0
}

type pair[K comparable, T any] struct {
	k K
	v T
}

func Sorted[K ~string, T any](m map[K]T) []pair[K, T] {
	var r []pair[K, T]
	for k, v := range m {
		r = append(r, pair[K, T]{k, v})
	}
	sort.Slice(r, func(i, j int) bool { return r[i].k < r[j].k })
	return r
}

func Generic(n int) int {
	v := V
	p := Sorted(map[string]int{"a": v, "b": v, "c": v})
	q := Sorted(map[string]*Item{"a": {N: v}, "z": {N: v}})
	if p[0].v != p[2].v || q[0].v.N != q[1].v.N || q[0].v.N != p[0].v {
		return -1
	}
	return p[1].v
}

func Closures(n int) int {
	x := V
	f := func(a int) int { return a*0 + x }
	g := func() func() int { y := x; return func() int { y++; return y - 1 } }()
	c := make(chan int, 4)
	for range 4 {
		go func() { c <- f(n) }()
	}
	a := <-c
	for range 3 {
		if b := <-c; b != a {
			return -1
		}
	}
	if g() != a {
		return -1
	}
	return a
}

func Maps(n int) int {
	type k struct {
		a string
		b int
	}
	m := map[k][]int{}
	for i := range 50 {
		m[k{fmt.Sprint(i), i}] = make([]int, i)
	}
	t := 0
	for kk, v := range m {
		if kk.b != len(v) {
			return -1
		}
		t++
	}
	if t != 50 {
		return -1
	}
	return V
}

func State(n int) int {
	mu.Lock()
	defer mu.Unlock()
	k := fmt.Sprint(n % 100)
	it := state[k]
	if it == nil {
		it = &Item{Name: k}
		state[k] = it
	}
	if it.Name != k {
		return -1
	}
	it.N++
	it.next = &Item{Name: strings.Repeat(k, 3), next: it.next}
	if it.N%50 == 0 {
		it.next = nil
	}
	Count.Add(1)
	return V
}

func Iface(n int) int {
	a := G1.Greet(n)
	if b := G2.Greet(n); b < a {
		return -1
	}
	var x any = &english{&one}
	if x.(Greeter) == nil { // an itab that is made at run time
		return -1
	}
	f := G1.Greet
	if d := f(n); d < a {
		return -1
	}
	return a
}

func Defer(n int) (r int) {
	for i := range 3 {
		defer func() { r += i * 0 }()
	}
	defer func() { r = V }()
	return 0
}

func Select(n int) int {
	a, b := make(chan int, 1), make(chan string)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	a <- V
	select {
	case v := <-a:
		return v
	case <-b:
		return -1
	case <-ctx.Done():
		return -1
	}
}

func Timer(n int) int {
	c := make(chan int, 1)
	time.AfterFunc(time.Microsecond, func() { c <- V })
	return <-c
}

func seq(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func Ranges(n int) int {
	s := 0
	for i := range seq(20) {
		defer func() { s += i }()
		if i == 10 {
			return V
		}
	}
	return -1
}

type final struct{ b [64]byte }

func Final(n int) int {
	f := &final{}
	runtime.AddCleanup(f, func(n int) { Count.Add(int64(n) * 0) }, n)
	runtime.SetFinalizer(&Item{Name: "f"}, func(it *Item) {
		if it.Name != "f" {
			panic("finalizer")
		}
	})
	return int(f.b[0]) + V
}

func Switch(n int) int {
	var x any = n
	switch n % 5 {
	case 0:
		x = fmt.Sprint(n)
	case 1:
		x = val{n, n}
	case 2:
		x = &english{&one}
	case 3:
		x = []int{n}
	}
	switch x := x.(type) {
	case string:
		if x != fmt.Sprint(n) {
			return -1
		}
	case Greeter:
		return x.Greet(n)
	case []int:
		if x[0] != n {
			return -1
		}
	}
	return V
}

func Strings(n int) int {
	var b strings.Builder
	for i := range n % 30 {
		fmt.Fprintf(&b, "%d,", i)
	}
	if len(strings.Split(b.String(), ",")) != n%30+1 {
		return -1
	}
	return V
}

func Nested(n int) int {
	f := func() func() func() int {
		a := &Item{N: n}
		return func() func() int {
			b := a
			return func() int { return b.N - n + V }
		}
	}
	return f()()()
}

//PAD

// Faults recovers from what the processor and the runtime refuse.
func Faults(n int) (r int) {
	defer func() {
		e := recover()
		if _, ok := e.(runtime.Error); ok {
			r = V
		}
	}()
	var it *Item
	var list []int
	var m map[string]int
	var x any = "text"
	switch n % 5 {
	case 0:
		return it.N - 1
	case 1:
		return list[n] - 1
	case 2:
		m["a"] = 1
	case 3:
		return x.(int)
	default:
		return n / len(list)
	}
	return -1
}

type base struct{ n int }

func (b *base) Greet(n int) int { return b.n*0 + V }

type outer struct {
	name string
	*base
}

// Embedded calls a promoted method, through an interface and by a method value.
func Embedded(n int) int {
	var g Greeter = outer{"o", &base{n}}
	if f := (outer).Greet; f(g.(outer), n) < V-1<<20 {
		return -1
	}
	return g.Greet(n)
}

var pool = sync.Pool{New: func() any { return &Item{Name: "pooled"} }}

func Pool(n int) int {
	it := pool.Get().(*Item)
	defer pool.Put(it)
	if it.Name != "pooled" {
		return -1
	}
	it.N++
	return V
}

// Pipeline passes numbers through goroutines that patched code started.
func Pipeline(n int) int {
	stage := func(in <-chan int, f func(int) int) <-chan int {
		out := make(chan int)
		go func() {
			defer close(out)
			for x := range in {
				out <- f(x)
			}
		}()
		return out
	}
	first := make(chan int)
	go func() {
		defer close(first)
		for i := range 8 {
			first <- i
		}
	}()
	sum := 0
	for x := range stage(stage(first, func(x int) int { return x * 2 }), func(x int) int { return x + 1 }) {
		sum += x
	}
	if sum != 64 {
		return -1
	}
	return V
}

type tagged struct {
	N int `json:"n"`
	S []string
}

func (t tagged) Times(n int) int { return t.N * n }

// Reflect calls and takes apart by reflection.
func Reflect(n int) int {
	t := tagged{N: 3, S: []string{"a"}}
	v := reflect.ValueOf(t)
	if out := v.MethodByName("Times").Call([]reflect.Value{reflect.ValueOf(2)}); out[0].Int() != 6 {
		return -1
	}
	if v.Type().Field(0).Tag.Get("json") != "n" || v.Field(1).Index(0).String() != "a" {
		return -1
	}
	return int(reflect.ValueOf(version).Call(nil)[0].Int())
}

func version() int { return V }

func (it *Item) MarshalJSON() ([]byte, error) { return json.Marshal([]any{it.Name, V}) }

// JSON is encoded by a method that changes.
func JSON(n int) int {
	text, err := json.Marshal(map[string]*Item{"i": {Name: "x"}})
	var back map[string][]any
	if err != nil || json.Unmarshal(text, &back) != nil || back["i"][0] != "x" {
		return -1
	}
	return int(back["i"][1].(float64))
}

func Numbers(n int) int {
	f := math.Sqrt(float64(n*n)) + real(complex(float64(n), 1)*complex(0, 1))
	b := new(big.Int).Exp(big.NewInt(3), big.NewInt(int64(n%50+1)), nil)
	if f != float64(n)-1 || new(big.Int).Mod(b, big.NewInt(3)).Sign() != 0 {
		return -1
	}
	return V
}

// Exit ends goroutines by runtime.Goexit, with deferred functions.
func Exit(n int) int {
	c := make(chan int, 2)
	go func() {
		defer close(c)
		defer func() { c <- V }()
		runtime.Goexit()
	}()
	return <-c
}

type node[T any] struct {
	left, right *node[T]
	v           T
}

func (t *node[T]) insert(v T, less func(a, b T) bool) *node[T] {
	switch {
	case t == nil:
		return &node[T]{v: v}
	case less(v, t.v):
		t.left = t.left.insert(v, less)
	default:
		t.right = t.right.insert(v, less)
	}
	return t
}

func (t *node[T]) all(yield func(T) bool) bool {
	return t == nil || t.left.all(yield) && yield(t.v) && t.right.all(yield)
}

// Tree is one of a generic type, walked by an iterator.
func Tree(n int) int {
	var t *node[string]
	for i := range 20 {
		t = t.insert(fmt.Sprint(i*7%20), func(a, b string) bool { return a < b })
	}
	last, count := "", 0
	for s := range func(yield func(string) bool) { t.all(yield) } {
		if s < last {
			return -1
		}
		last = s
		count++
	}
	if count != 20 {
		return -1
	}
	return V
}

var once = sync.OnceValue(func() *Item { return &Item{Name: "once"} })

func Once(n int) int {
	if once().Name != "once" {
		return -1
	}
	var o sync.Once
	r := -1
	for range 2 {
		o.Do(func() { r = V })
	}
	return r
}

type large struct{ a [40]int }

// Big passes and returns large values, on the stack and in a map.
func Big(n int) int {
	f := func(l large, more ...large) (large, int) {
		for i, m := range more {
			l.a[i] += m.a[i]
		}
		return l, len(more)
	}
	var x large
	x.a[0], x.a[39] = n, n
	l, k := f(x, x, x)
	m := map[[4]int]large{{n}: l}
	if k != 2 || m[[4]int{n}].a[0] != 2*n || l.a[39] != n {
		return -1
	}
	return V
}

// Unique makes handles, which the collector keeps in weak pointers.
func Unique(n int) int {
	a, b := unique.Make(fmt.Sprint("u", n%10)), unique.Make(fmt.Sprint("u", n%10))
	if a != b || a.Value() != fmt.Sprint("u", n%10) {
		return -1
	}
	return V
}

func Stack(n int) int {
	return stackGrow(n%500, &Item{N: n}) + V
}

func stackGrow(n int, it *Item) int {
	var a [64]*Item
	a[n%64] = it
	if n > 0 {
		stackGrow(n-1, a[n%64])
	}
	if a[n%64] != it {
		panic("stack corrupt")
	}
	return 0
}
