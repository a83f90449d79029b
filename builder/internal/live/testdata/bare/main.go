// A program without runtime/pprof that answers lines, to be profiled.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch in.Text() {
		case "spin":
			for began := time.Now(); time.Since(began) < 150*time.Millisecond; {
				spin(1000)
			}
		case "wait":
			wait()
		case "lock":
			lock()
		case "rates":
			runtime.SetBlockProfileRate(1)
			runtime.SetMutexProfileFraction(7)
		case "fraction":
			fmt.Print(runtime.SetMutexProfileFraction(-1), " ")
		case "own":
			runtime.SetCPUProfileRate(100)
			if err := runtime.StartTrace(); err != nil {
				panic(err)
			}
			go func() {
				for runtime.ReadTrace() != nil {
				}
			}()
		}
		fmt.Println("done")
	}
}

//go:noinline
func spin(n int) (s int) {
	for i := range n {
		s += i * i
	}
	return s
}

// wait waits three times.
//
//go:noinline
func wait() {
	c := make(chan int)
	go func() {
		for range 3 {
			time.Sleep(10 * time.Millisecond)
			c <- 1
		}
	}()
	for range 3 {
		<-c // waits
	}
}

// lock has a lock that another goroutine waits for.
//
//go:noinline
func lock() {
	var mu sync.Mutex
	mu.Lock()
	var wg sync.WaitGroup
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
	})
	time.Sleep(20 * time.Millisecond)
	mu.Unlock() // releases
	wg.Wait()
}
