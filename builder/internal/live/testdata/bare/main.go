// A program without runtime/pprof that answers lines, to be profiled.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		switch in.Text() {
		case "spin":
			for end := used() + 150*time.Millisecond; used() < end; {
				spin(100_000)
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

// used is the time that processors have spent on this process.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

//go:noinline
func spin(n int) (s int) {
	for i := range n {
		s += i * i
	}
	return s
}

// wait waits up to three times.
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

// lock has a lock that another goroutine waits for, up to three times.
//
//go:noinline
func lock() {
	var mu sync.Mutex
	for range 3 {
		mu.Lock()
		var wg sync.WaitGroup
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
		})
		time.Sleep(10 * time.Millisecond)
		mu.Unlock() // releases
		wg.Wait()
	}
}
