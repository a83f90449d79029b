package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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
