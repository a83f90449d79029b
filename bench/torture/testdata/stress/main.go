// A program that does everything at once, for the tests to change meanwhile.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"example.com/app/native"
	"example.com/app/store"
)

var (
	calls, wrong, collected atomic.Int64
	last                    [64]atomic.Int64
)

func answer(n int) int { return (store.Leaf(n) + store.Deep(n)) / 2 }

func main() {
	native.Answer = answer
	table := []func(int) int{
		store.Leaf, store.Tiny, store.Plain, store.Deep, store.Recover, store.Generic, store.Closures, store.Maps,
		store.State, store.Iface, store.Defer, store.Stack, store.G1.Greet, store.Table[0], store.Select, store.Timer,
		store.Ranges, store.Final, func(n int) int { return store.Leaf(n) }, store.Switch, store.Strings, store.Nested,
		store.Faults, store.Embedded, store.Pool, store.Pipeline, store.Reflect, store.JSON, store.Numbers, store.Exit,
		store.Tree, store.Once, store.Big, store.Unique, native.Call,
	}
	for i, f := range table {
		go func() {
			for n := 0; ; n++ {
				v := int64(f(n % 1000))
				calls.Add(1)
				// Versions only ever grow; an older one after a newer one, or nonsense, is wrong.
				if old := last[i].Load(); v < old || v <= 0 || v > 1<<20 {
					if wrong.Add(1) < 10 {
						println("wrong: function", i, "answers", v, "after", old)
					}
				}
				last[i].Store(v)
				if i > 2 && n%16 == 0 {
					time.Sleep(50 * time.Microsecond)
				}
			}
		}()
	}
	go func() { // a hot loop of direct calls of leaves
		for n := 0; ; n++ {
			if store.Tiny(n) > store.Tiny(n)+store.Leaf(3) {
				wrong.Add(1)
			}
			if n%1024 == 0 {
				time.Sleep(time.Microsecond)
			}
		}
	}()
	go func() {
		for {
			runtime.GC()
			collected.Add(1)
			time.Sleep(time.Millisecond)
		}
	}()
	if os.Getenv("TELL") != "" { // by itself, and not when it is asked
		for {
			fmt.Println("now", low(), "wrong", wrong.Load(), "calls", calls.Load(), "collections", collected.Load())
			time.Sleep(100 * time.Millisecond)
		}
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(calls.Load(), wrong.Load(), collected.Load(), store.Count.Load(), low())
	}
}

// low is the oldest version that a function answered last.
func low() int64 {
	min := int64(1 << 40)
	for i := range last {
		if v := last[i].Load(); v > 0 && v < min {
			min = v
		}
	}
	return min
}
