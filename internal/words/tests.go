package words

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/tester"
)

// Tests returns the state of the tests in one line: "128 passed, 3 cached · 1.4 s".
func Tests(s tester.State) string {
	r := s.Run
	switch s.Phase() {
	case tester.Listing:
		return "looking for tests"
	case tester.Running:
		if r.Done == len(r.Packages) {
			return TestCount(s.Count()) + ", go vet runs"
		}
		text := fmt.Sprintf("running %d of %s", min(r.Done+1, len(r.Packages)), Count(len(r.Packages), "package"))
		if n := len(s.Failures()); n > 0 {
			text += fmt.Sprintf(", %d failed", n)
		}
		return text
	case tester.Idle:
		switch s.When {
		case tester.OnSave:
			return "a save runs them"
		case tester.OnKey:
			return "t runs them"
		}
		return "off"
	}
	text := TestCount(s.Count())
	if len(s.Complaints) > 0 || s.Err != "" {
		text = "go test does not work"
	}
	if r.Took > 0 {
		text += " · " + Took(r.Took)
	}
	if r.Interrupted {
		text += ", interrupted"
	}
	return text
}

// TestCount returns the numbers of tests by result.
func TestCount(c tester.Count) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, what)
		}
	}
	add(c.Failed, fmt.Sprintf("%d failed", c.Failed))
	add(c.Broken, Count(c.Broken, "package")+map[bool]string{true: " does not build", false: " do not build"}[c.Broken == 1])
	add(c.Passed, fmt.Sprintf("%d passed", c.Passed))
	add(c.Skipped, fmt.Sprintf("%d skipped", c.Skipped))
	add(c.Cached, Count(c.Cached, "package")+" cached")
	if len(parts) == 0 {
		return "no tests"
	}
	return strings.Join(parts, ", ")
}

// TestRun says which packages a run will test: "3 packages, nearest first".
func TestRun(dir string, s tester.State) string {
	r := s.Run
	text := Count(len(r.Packages), "package")
	switch {
	case r.All:
		text = fmt.Sprintf("%d of %d packages are affected: all run", r.Affected, r.Total)
	case len(r.Packages) <= 3:
		var names []string
		for _, pkg := range r.Packages {
			names = append(names, TestPackage(s, pkg))
		}
		text = strings.Join(names, ", ")
	}
	if r.Filter != "" {
		text += ", -run " + r.Filter
	}
	if len(r.Paths) > 0 {
		text = Path(dir, r.Paths[0]) + more(len(r.Paths)-1) + " saved: " + text
	}
	return text
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// TestPackage returns the name of a package for the user: its folder, relative to its
// module.
func TestPackage(s tester.State, path string) string {
	p, ok := s.Graph.Package(path)
	if !ok {
		return path
	}
	for _, root := range s.Graph.Roots {
		if rel := Path(root, p.Dir); rel != p.Dir {
			if rel == "." {
				break
			}
			return rel
		}
	}
	return path
}

// TestFailure returns a failure as lines: its place and name, what was printed, and the
// source.
func TestFailure(dir string, s tester.State, f tester.Failure) string {
	var b strings.Builder
	b.WriteString(FailureHead(dir, s, f) + "\n")
	for _, l := range f.Message {
		b.WriteString("    " + l + "\n")
	}
	if f.File != "" && len(f.Excerpt) > 0 {
		b.WriteString(Excerpt(f.Excerpt, f.First, f.Line, 0))
	}
	for _, m := range f.More {
		what := ""
		if m.Log {
			what = "log: "
		}
		fmt.Fprintf(&b, "    %s:%d: %s%s\n", Path(dir, m.File), m.Line, what, strings.Join(m.Text, "\n        "))
	}
	if f.Input != "" {
		fmt.Fprintf(&b, "    input: %s\n", Path(dir, f.Input))
	}
	if f.Trace != nil {
		own, _ := ownFrames(dir, *f.Trace)
		for _, l := range own {
			b.WriteString("    " + strings.TrimPrefix(l, "\t") + "\n")
		}
	}
	return b.String()
}

// FailureHead returns the first line of a failure: "cart/cart_test.go:12:
// TestSum/negative failed".
func FailureHead(dir string, s tester.State, f tester.Failure) string {
	name, what := f.Test, string(f.Kind)
	if name == "" {
		name = TestPackage(s, f.Package)
	}
	if f.Kind != tester.Assertion {
		what = "failed: " + what
	}
	head := name + " " + what
	if f.Again {
		head += " again"
	}
	if f.File != "" {
		head = fmt.Sprintf("%s:%d: %s", Path(dir, f.File), f.Line, head)
	}
	return head
}

// TestDiagnostics returns why packages do not build, with their source.
func TestDiagnostics(dir string, all []builder.Diagnostic) string {
	var b strings.Builder
	for _, d := range slices.Clone(all) {
		if at := Place(dir, d); at != "" {
			b.WriteString(at + ": ")
		}
		b.WriteString(d.Message + "\n")
		for _, m := range d.More {
			b.WriteString("    " + m + "\n")
		}
		b.WriteString(Excerpt(d.Excerpt, d.First, d.Line, d.Column))
	}
	return b.String()
}
