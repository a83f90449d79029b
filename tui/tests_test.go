package tui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// testState is what the tests of a shop have come to.
func testState(results ...tester.Result) tester.State {
	s := tester.State{
		When: tester.OnSave, Awake: true, Gen: 3,
		Graph: builder.TestGraph{Roots: []string{"/shop"}, Packages: []builder.TestPackage{
			{ImportPath: "ex.com/shop/cart", Dir: "/shop/cart", Tested: true},
			{ImportPath: "ex.com/shop/store", Dir: "/shop/store", Tested: true},
		}},
		Run: tester.RunState{
			Gen: 3, Paths: []string{"/shop/cart/cart.go"}, Packages: []string{"ex.com/shop/cart", "ex.com/shop/store"},
			Affected: 2, Total: 9, Took: 1400 * time.Millisecond, First: 300 * time.Millisecond,
		},
		Results: map[string]tester.Result{},
	}
	for _, r := range results {
		s.Results[r.Package] = r
	}
	return s
}

func failingTests() tester.State {
	return testState(
		tester.Result{Package: "ex.com/shop/cart", Outcome: tester.PackageFailed, Passed: 7, Failures: []tester.Failure{
			{
				Package: "ex.com/shop/cart", Test: "TestSum/negative", Kind: tester.Assertion, File: "/shop/cart/cart_test.go", Line: 14, Again: true,
				Message: []string{"order mismatch (-want +got):", "  cart.order{", "- \tID: 1,", "+ \tID: 2,", "  }"},
				Excerpt: []string{"\tif got != want {", "\t\tt.Errorf(\"order mismatch (-want +got):\\n%s\", diff)", "\t}"}, First: 13,
				More:   []tester.Said{{File: "/shop/cart/cart_test.go", Line: 17, Text: []string{"and the total is 3"}}},
				Output: []string{"adding 1", "adding 2", "    cart_test.go:14: order mismatch", "a", "b", "c", "d", "e", "f", "g"},
			},
			{
				Package: "ex.com/shop/cart", Test: "TestItem", Kind: tester.Panicked, File: "/shop/cart/cart.go", Line: 8,
				Message: []string{"panic: index out of range"}, Excerpt: []string{"\treturn c.items[i]"}, First: 8, Output: []string{"panic: index out of range"},
				Trace: &crash.Trace{Kind: crash.Panic, Message: "index out of range", Frames: []crash.Frame{
					{Func: "ex.com/shop/cart.(*Cart).Item", File: "/shop/cart/cart.go", Line: 8, Own: true},
					{Func: "testing.tRunner", File: "/go/src/testing/testing.go", Line: 2000},
				}},
			},
		}},
		tester.Result{Package: "ex.com/shop/store", Outcome: tester.PackageBroken, Diagnostics: []builder.Diagnostic{{
			Package: "ex.com/shop/store", File: "/shop/store/store_test.go", Line: 5, Column: 9, Message: "undefined: nothing",
			Excerpt: []string{"func TestX(t *testing.T) {", "\tvar _ = nothing", "}"}, First: 4,
		}}},
	)
}

// withCoverage is a state whose coverage was measured.
func withCoverage(s tester.State) tester.State {
	s.Coverage = tester.Coverage{Gen: 3, Files: []builder.FileCoverage{
		{File: "/shop/cart/cart.go", Lines: 12, Covered: 10, Missed: []builder.Missed{
			{Span: builder.Span{From: 9, To: 11}, Excerpt: []string{"\t\tsum = 0", "", "\t\treturn nil"}},
		}},
		{File: "/shop/cmd/main.go", Lines: 20, Untested: true, Missed: []builder.Missed{
			{Span: builder.Span{From: 4, To: 29}, Excerpt: []string{"\tlog.SetFlags(0)", "\tserve()"}},
		}},
	}}
	return s
}

func stale(s tester.State) tester.State {
	s.Coverage.Stale = true
	return s
}

func allCovered(s tester.State) tester.State {
	s.Coverage = tester.Coverage{Gen: 3, Files: []builder.FileCoverage{{File: "/shop/cart/cart.go", Lines: 2, Covered: 2}}}
	return s
}

// withTests is a screen of a program and of tests.
func withTests(s tester.State, w, h int) model {
	m := newModel(Options{NoColor: true, Dir: "/shop"}, nil, nil)
	m.width, m.height = w, h
	next, _ := m.show(shown{State: session.State{Programs: []session.Program{{Name: "shop", State: stateUp()}}, Tests: s}})
	return next.(model)
}

// The Tests pane: a line where all is well, else what there is to fix.
func TestTestsPane(t *testing.T) {
	passed := testState(tester.Result{Package: "ex.com/shop/cart", Outcome: tester.PackagePassed, Passed: 8}, tester.Result{Package: "ex.com/shop/store", Outcome: tester.PackagePassed, Passed: 2, Cached: true})
	running := passed
	running.Run.Took, running.Run.Done, running.Run.Current = 0, 1, []string{"ex.com/shop/store"}
	debugged := failingTests()
	debugged.Debug = tester.DebugState{
		ID: 1, Test: tester.Debug{Package: "ex.com/shop/cart", Test: "TestSum/negative"}, Addr: "127.0.0.1:24518",
		Output: []string{"one", "=== RUN   TestSum", "=== RUN   TestSum/negative", "four", "five", "\x1b[31msix"},
	}
	gone := passed
	gone.Debug = tester.DebugState{ID: 1, Test: debugged.Debug.Test, Over: true, Err: "it ended because of a save"}
	var b strings.Builder
	for _, c := range []struct {
		what  string
		state tester.State
		w, h  int
		keys  string
	}{
		{"off", tester.State{When: tester.Off}, 100, 16, ""},
		{"not run yet", tester.State{When: tester.OnSave, Awake: true}, 100, 16, ""},
		{"running", running, 100, 16, ""},
		{"passed", passed, 100, 16, ""},
		{"failed", failingTests(), 110, 40, ""},
		{"a failure is chosen, and its output unfolded", failingTests(), 110, 40, "5nnnx"},
		{"zoomed, narrow", failingTests(), 60, 40, "5z"},
		{"below each other", failingTests(), 60, 30, "5"},
		{"under the debugger", debugged, 80, 24, "5n"},
		{"no longer under the debugger", gone, 80, 24, "5"},
		{"coverage", withCoverage(passed), 100, 30, "5n"},
		{"coverage, narrow, of old files", stale(withCoverage(passed)), 50, 30, "5"},
		{"all is covered", allCovered(passed), 100, 16, ""},
	} {
		m := keys(withTests(c.state, c.w, c.h), c.keys)
		fmt.Fprintf(&b, "%s\n%s\n", c.what, ansi.Strip(strings.Join(m.lines(), "\n")))
	}
	golden.RequireEqual(t, b.String())
}

// A new list of failures is shown from its beginning, unless what was chosen is still among
// them.
func TestChosenTestIsKept(t *testing.T) {
	show := func(m model, s tester.State) model {
		next, _ := m.show(shown{State: session.State{Programs: m.session.Programs, Tests: s}})
		return next.(model)
	}
	one := failingTests()
	other := failingTests()
	cart := other.Results["ex.com/shop/cart"]
	cart.Failures = append([]tester.Failure{{Package: "ex.com/shop/cart", Test: "TestFirst", Kind: tester.Assertion, File: "/shop/cart/cart_test.go", Line: 3, Message: []string{"no"}}}, cart.Failures...)
	other.Results["ex.com/shop/cart"] = cart
	passed := testState(tester.Result{Package: "ex.com/shop/cart", Outcome: tester.PackagePassed, Passed: 8})

	m := keys(withTests(one, 80, 24), "5nnnn")
	if f, ok := m.failure(); !ok || f.Test != "TestItem" || m.tests.top == 0 {
		t.Fatalf("chosen: %q at row %d", f.Test, m.tests.top)
	}
	m = show(m, other)
	if f, _ := m.failure(); f.Test != "TestItem" {
		t.Errorf("after a new run %q is chosen", f.Test)
	}
	m = show(m, passed)
	if m = show(m, other); m.tests.at != 0 || m.tests.top != 0 {
		t.Errorf("a new list begins at item %d, row %d", m.tests.at, m.tests.top)
	}
}

// What a test logged is offered, even a single line; what is on the screen already is not.
func TestLoggedIsOffered(t *testing.T) {
	for _, c := range []struct {
		output []string
		want   string
	}{
		{[]string{"    cart_test.go:14: got 1, want 2"}, ""},
		{[]string{"    cart_test.go:14: ", "        got 1, want 2", ""}, ""},
		{[]string{"    cart_test.go:12: prices [1 -1 1]", "    cart_test.go:14: got 1, want 2"}, "2 lines of output (x shows)"},
		{[]string{"prices", "    cart_test.go:14: ", "        got 1, want 2"}, "3 lines of output (x shows)"},
	} {
		m := withTests(testState(tester.Result{Package: "ex.com/shop/cart", Outcome: tester.PackageFailed, Failures: []tester.Failure{{
			Package: "ex.com/shop/cart", Test: "TestSum", Kind: tester.Assertion, File: "/shop/cart/cart_test.go", Line: 14,
			Message: []string{"got 1, want 2"}, Output: c.output,
		}}}), 80, 24)
		screen := ansi.Strip(strings.Join(m.lines(), "\n"))
		if offered := strings.Contains(screen, "of output"); offered != (c.want != "") || !strings.Contains(screen, c.want) {
			t.Errorf("%q: want %q on the screen:\n%s", c.output, c.want, screen)
		}
	}
}

// Keys ask for tests, whichever program is shown, and once; in the Tests pane the keys of
// the program are those of tests.
func TestKeysOfTests(t *testing.T) {
	for _, c := range []struct {
		keys string
		want []tester.Event
	}{
		{"t", []tester.Event{tester.Test{Follow: true}}},
		{"T", []tester.Event{tester.Test{All: true}}},
		{"C", []tester.Event{tester.Test{Cover: true}}},
		{"5R", []tester.Event{tester.Test{All: true}}},
		{"5nr", []tester.Event{tester.Test{Packages: []string{"ex.com/shop/cart"}, Pattern: "^TestSum$/^negative$"}}},
		{"5nd", []tester.Event{tester.Debug{Package: "ex.com/shop/cart", Test: "TestSum/negative", File: "/shop/cart/cart_test.go", Line: 14}}},
		{"5d", nil},
		{"5r", []tester.Event{tester.Test{}}}, // it is an error of the compiler that is chosen
	} {
		var got []tester.Event
		m := withTests(failingTests(), 110, 40)
		m.opts.Send = nil
		m = keys(m, c.keys)
		for _, o := range m.outbox {
			if e, ok := o.event.(tester.Event); ok {
				got = append(got, e)
			} else {
				t.Errorf("%s sent the program %v", c.keys, o.event)
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s asked for %v, want %v", c.keys, got, c.want)
		}
	}
}

// What only asks for the items of the pane, as each word of the footer does, gets the same
// ones, but no source is laid out for it.
func TestItemsAlone(t *testing.T) {
	m := withTests(withCoverage(failingTests()), 100, 40)
	drawn, alone := m.testSheet(100, 40), m.testSheet(100, 0)
	for _, sh := range []*sheet.Sheet{drawn, alone} {
		for i := range sh.Items {
			sh.Items[i].From, sh.Items[i].To, sh.Items[i].Text = 0, 0, nil
		}
	}
	if len(drawn.Items) == 0 || !reflect.DeepEqual(drawn.Items, alone.Items) {
		t.Errorf("items: %+v, want %+v", alone.Items, drawn.Items)
	}
	bar := func(row cells.Row) bool { return strings.Contains(row.Text(), m.look.Bar+" ") }
	if !slices.ContainsFunc(drawn.Rows, bar) || slices.ContainsFunc(alone.Rows, bar) {
		t.Errorf("source is laid out without a height, or not with one")
	}
}
