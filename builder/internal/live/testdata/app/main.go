// A program that answers lines, for the tests to change while it runs.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"strings"
	"sync/atomic"
	"time"

	"example.com/app/store"
)

var handlers = map[string]func(arg string) string{}

var answered int

func main() {
	seen := 0
	handlers["closure"] = func(arg string) string {
		seen++
		return fmt.Sprint("closure 1 ", arg, " ", seen)
	}
	handlers["method"] = shop.Describe
	begin(&answered)
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		fmt.Println(answer(in.Text()))
	}
}

var shop = store.New("shop")

//go:noinline
func begin(n *int) { *n = 0 }

func answer(line string) string {
	answered++
	name, arg, _ := strings.Cut(line, " ")
	switch name {
	case "loop": // one that never returns
		go loop()
		return "looping"
	case "ticks":
		return ticks()
	case "crash":
		go func() { crash(nil) }()
		select {}
	case "twin":
		return firstTwin()(arg) + " " + secondTwin()(arg)
	case "profile":
		return profile()
	case "trace":
		return traced(arg)
	case "stacks":
		return stacks()
	case "gc":
		runtime.GC()
		return "collected"
	case "count":
		return fmt.Sprint(answered)
	case "main":
		return route(arg)
	case "shelf":
		return store.Shelf(arg)
	case "store":
		return shop.Handle(arg)
	}
	if h := handlers[name]; h != nil {
		return h(arg)
	}
	return "unknown " + name
}

var count, step atomic.Int64

func loop() {
	for {
		tick()
		count.Add(1)
		time.Sleep(time.Millisecond)
	}
}

//go:noinline
func tick() { step.Store(1) }

// ticks waits for a tick and is the step of it.
func ticks() string {
	for n := count.Load() + 2; count.Load() < n; {
		time.Sleep(time.Millisecond)
	}
	return fmt.Sprint(step.Load())
}

//go:noinline
func crash(p *int) { *p = 1 }

// profile is the functions that a CPU profile finds in spin.
func profile() string {
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		return err.Error()
	}
	for began := time.Now(); time.Since(began) < 300*time.Millisecond; {
		spin(1000)
	}
	pprof.StopCPUProfile()
	z, err := gzip.NewReader(&b)
	if err != nil {
		return err.Error()
	}
	text, _ := io.ReadAll(z)
	return fmt.Sprint(bytes.Contains(text, []byte("main.spin")), bytes.Contains(text, []byte("main.spun")))
}

//go:noinline
func spin(n int) (s int) {
	for i := range n {
		s += i * i
	}
	return s
}

//go:noinline
func firstTwin() func(string) string {
	return func(s string) string { return "twin " + s } // first
}

//go:noinline
func secondTwin() func(string) string {
	return func(s string) string { return "twin " + s }
}

func route(arg string) string { return "route 1 " + arg }

// traced is whether an execution trace, which it writes to a file, has the
// functions of some work.
func traced(file string) string {
	var b bytes.Buffer
	if err := trace.Start(&b); err != nil {
		return err.Error()
	}
	c := make(chan int)
	go work(c)
	<-c
	trace.Stop()
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		return err.Error()
	}
	return fmt.Sprint(bytes.Contains(b.Bytes(), []byte("main.work")), bytes.Contains(b.Bytes(), []byte("main.worked")))
}

//go:noinline
func work(c chan int) {
	time.Sleep(2 * time.Millisecond)
	c <- 1
}

// stacks is what a profile says of a goroutine that is parked.
func stacks() string {
	c := make(chan int)
	defer close(c)
	go park(c)
	for goroutine(2, "[chan receive]", "main.park(") == "" {
		time.Sleep(time.Millisecond)
	}
	return goroutine(1, "main.park+")
}

// goroutine returns what a profile of goroutines says of the first one of which it
// says all of that; nothing if there is none.
func goroutine(debug int, all ...string) string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, debug); err != nil {
		return err.Error()
	}
next:
	for _, s := range strings.Split(b.String(), "\n\n") {
		for _, want := range all {
			if !strings.Contains(s, want) {
				continue next
			}
		}
		return strings.ReplaceAll(s, "\n", " ")
	}
	return ""
}

//go:noinline
func park(c chan int) { <-c }
