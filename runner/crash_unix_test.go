//go:build unix

package runner

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/hotdev/hotdev/internal/crash"
)

// crashAs ends the program as Go programs do.
func crashAs(kind string) {
	fmt.Println("listening on :8080")
	switch kind {
	case "index":
		var s []int
		fmt.Println(s[len(kind)])
	case "nil":
		var c *crasher[int]
		c.fall()
	case "error":
		panic(fmt.Errorf("first line\nsecond line: %w", errors.ErrUnsupported))
	case "again":
		defer func() { panic(fmt.Sprint("again: ", recover())) }()
		panic("first")
	case "repanic":
		defer func() { panic(recover()) }()
		panic("same")
	case "goroutine":
		var wg sync.WaitGroup
		wg.Go(func() { new(crasher[string]).fall() })
		wg.Wait()
	case "map":
		m := map[int]int{}
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range 1 << 30 {
					m[i&7] = i
				}
			})
		}
		wg.Wait()
	case "overflow":
		debug.SetMaxStack(1 << 20)
		new(crasher[int]).deep(0)
	}
}

type crasher[T any] struct{ at []T }

//go:noinline
func (c *crasher[T]) fall() { fmt.Println(c.at[3]) }

//go:noinline
func (c *crasher[T]) deep(n int) int {
	if n < 0 {
		return n
	}
	return c.deep(n+1) + n
}

// What the runtime of this very Go prints is understood.
func TestCrashes(t *testing.T) {
	const pkg = "github.com/hotdev/hotdev/runner."
	for _, test := range []struct{ role, kind, message, function string }{
		{"index", "panic", "runtime error: index out of range [5] with length 0", "crashAs"},
		{"nil", "panic", "runtime error: invalid memory address or nil pointer dereference", "(*crasher[...]).fall"},
		{"error", "panic", "first line", "crashAs"},
		{"again", "panic", "again: first", "crashAs.func1"},
		{"repanic", "panic", "same", "crashAs.func2"},
		{"goroutine", "panic", "runtime error: index out of range [3] with length 0", "(*crasher[...]).fall"},
		{"map", "fatal error", "concurrent map writes", "crashAs.func"},
		{"overflow", "fatal error", "stack overflow", "(*crasher[...]).deep"},
	} {
		t.Run(test.role, func(t *testing.T) {
			if raceEnabled && test.role == "map" {
				t.Skip("the race detector speaks first")
			}
			for _, level := range []string{"single", "all", "system"} {
				t.Setenv("GOTRACEBACK", level)
				p, tr := run(t, Spec{}, "crash", test.role)
				<-p.Done()
				if e := p.Exit(); e.Code != 2 {
					t.Errorf("%+v", e)
				}
				var lines []string
				for _, l := range tr.lines {
					lines = append(lines, l.Text)
				}
				trace, ok := crash.Parse(lines)
				if !ok || string(trace.Kind) != test.kind || trace.Message != test.message {
					t.Fatalf("GOTRACEBACK=%s: %v %q %q of\n%s", level, ok, trace.Kind, trace.Message, tr)
				}
				found := false
				for _, f := range trace.Frames {
					if !strings.HasPrefix(f.Func, pkg) {
						continue
					}
					if f.Line <= 0 || !strings.HasSuffix(f.File, "_test.go") || !strings.HasPrefix(f.Func, pkg+test.function) {
						t.Errorf("GOTRACEBACK=%s: %+v of\n%s", level, f, tr)
					}
					found = true
					break
				}
				if !found {
					t.Errorf("GOTRACEBACK=%s: %+v of\n%s", level, trace.Frames, tr)
				}
			}
		})
	}
}
