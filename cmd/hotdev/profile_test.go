//go:build linux

package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

// TestProfile: profiles of a program that serves net/http/pprof on a port of the system's
// choice, and of one that serves nothing.
func TestProfile(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.module()
	r.write("main.go", `package main

import (
	"fmt"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
)

func waits() { select {} }

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	for range 321 {
		go waits()
	}
	fmt.Println("main pid", os.Getpid())
	fmt.Println("hello", Version)
	http.Serve(l, nil)
}
`)
	r.start(nil, "hotdev")
	port := regexp.MustCompile(`:[0-9]{5}\b`)
	r.until(port.MatchString, "port of the program")
	r.keys("P")
	r.sees("Profiles", "goroutines", "go tool trace")
	r.keys("jj\r")
	r.sees("Profile: goroutines", "main.waits", "main.go:11", " 321 ")
	r.keys("\x1b")
	r.sees("enter takes one")
	r.keys("q") // closes it
	r.sees("hello 1", "R restart")
	r.write("main.go", ptyProgram)
	r.sees("running gen 2", "hello 1")
	r.until(func(screen string) bool { return !port.MatchString(screen) }, "program without a port")
	r.keys("P\r")
	r.sees("no port", "net/http/pprof")
	r.keys("\x1b")
	// The page may not be drawn to its end yet, with the panes' footer under it; and esc
	// together with the next key is another one.
	r.until(func(screen string) bool { return !strings.Contains(screen, "Profiles") }, "end of the page")
	r.keys("q")
	r.ends(exit.OK)
}
