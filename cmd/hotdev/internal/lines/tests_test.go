package lines

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
)

// A failure is said once, as soon as there is something to say of it, and a run at its
// beginning and at its end.
func TestPlainSaysTests(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter()
	v := NewPlain(p, Out{Writer: &out}, Out{Writer: &out}, "/p")
	s := tester.State{
		When: tester.OnSave, Awake: true, Gen: 1,
		Graph: builder.TestGraph{Roots: []string{"/p"}, Packages: []builder.TestPackage{{ImportPath: "ex.com/cart", Dir: "/p/cart", Tested: true}}},
		Run:   tester.RunState{Gen: 1, Cause: tester.BySave, Paths: []string{"/p/cart/cart.go", "/p/cart/b.go"}, Packages: []string{"ex.com/cart"}, Affected: 1, Total: 9},
	}
	show := func(e tester.Event) { v.ShowTests(session.State{Tests: s}, e) }
	show(tester.Began{Gen: 1})
	assertion := tester.Failure{Package: "ex.com/cart", Test: "TestSum", Kind: tester.Assertion, File: "/p/cart/cart_test.go", Line: 3, Message: []string{"got 1, want 2"}}
	show(tester.Tested{Result: tester.Result{Package: "ex.com/cart", Gen: 1, Outcome: tester.PackageRunning, Failures: []tester.Failure{assertion}}})
	// A subtest that panics ends before its panic is printed.
	panicked := tester.Failure{Package: "ex.com/cart", Test: "TestItem/first", Kind: tester.Assertion}
	show(tester.Tested{Result: tester.Result{Package: "ex.com/cart", Gen: 1, Outcome: tester.PackageRunning, Failures: []tester.Failure{assertion, panicked}}})
	panicked.Kind, panicked.File, panicked.Line = tester.Panicked, "/p/cart/cart.go", 8
	panicked.Message = []string{"panic: nil map"}
	panicked.Trace = &crash.Trace{Kind: crash.Panic, Message: "nil map", Frames: []crash.Frame{{Func: "ex.com/cart.Item", File: "/p/cart/cart.go", Line: 8, Own: true}}}
	done := tester.Result{Package: "ex.com/cart", Gen: 1, Outcome: tester.PackageFailed, Passed: 1, Failures: []tester.Failure{assertion, panicked}}
	s.Results = map[string]tester.Result{"ex.com/cart": done}
	s.Run.Took, s.Run.Done = 1200*time.Millisecond, 1
	show(tester.Tested{Result: done})
	s.Notices = []string{"golden.txt changes again and again"}
	show(tester.Ended{Gen: 1})
	p.Close()
	const want = `hotdev: tests: cart/cart.go and 1 more saved: cart
cart/cart_test.go:3: TestSum failed
    got 1, want 2
cart/cart.go:8: TestItem/first failed: panic
    panic: nil map
    cart/cart.go:8: cart.Item
hotdev: tests: golden.txt changes again and again
hotdev: tests: ✗ 2 failed, 1 passed · 1.2 s
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// A line of JSON for each event of tests names no program.
func TestJSONOfTests(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter()
	v := NewJSON(p, &out)
	v.ShowTests(session.State{Programs: []session.Program{{Name: "a"}, {Name: "b"}}}, tester.Testing{Gen: 2, Package: "ex.com/cart"})
	v.ShowTests(session.State{}, tester.Synced{ID: 1}) // nobody else's business
	p.Close()
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	if got["event"] != "testing" || got["package"] != "ex.com/cart" || got["program"] != nil {
		t.Errorf("%v", got)
	}
}
