package fast

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A Test is a plan for the test binary of one package. As for programs, nothing is
// guessed: its commands, the arguments of the binary and the flags of go vet are those
// that go test prints with -n.
//
// The go command compiles a package anew for its test: with the test files in it, and
// with it what imports it and is imported by the external tests. Only one of a
// package's variants is in a binary, under the package's own name, so a plan knows them
// by that name. All else about a package's variants is as for other packages, but that
// what depends on a change of export data is compiled in any case: there is little of
// it, and a failing test must say its lines right.
type Test struct {
	*Plan
	Package string // its import path
	// PackageDir is the folder of the package, in which the binary runs.
	PackageDir string
	// Argv is the binary's name, and its arguments.
	Argv []string
	// Vet are the flags with which go test calls go vet; nil if it does not.
	Vet []string

	tests string // what the main package was made from
}

// listedVariant is a package of a test, as the go command lists it.
type listedVariant struct {
	Listed
	EmbedPatterns, EmbedFiles, TestEmbedPatterns, XTestEmbedPatterns []string
}

const variantFields = listedFields + ",EmbedPatterns,EmbedFiles,TestEmbedPatterns,XTestEmbedPatterns"

// NewTest makes a plan for the tests of a package, which the go command has built. own
// reports whether a package is of the user's; what go test is called with beside build
// flags is in flags. The graph needs nothing but its Roots and Files. Errors are as
// with [New].
func NewTest(ctx context.Context, program Program, pkg string, own func(path string) bool, flags []string) (*Test, error) {
	p := newPlan(program)
	p.exact = true
	t := &Test{Plan: p, Package: pkg}
	p.Graph.Main = pkg + ".test"
	began := time.Now()
	asked := ask(ctx, func(ctx context.Context) ([]string, error) { // both take about as long
		// Without -json, which would put the commands into JSON.
		return p.printed(ctx, slices.Concat([]string{"go", "test", "-n", "-a"}, p.Flags, flags, []string{pkg}))
	})
	defer asked.Stop()
	found, err := listAs[listedVariant](ctx, p, variantFields, []string{pkg}, "-test", "-export")
	if err != nil {
		return nil, err
	}
	if err := t.adoptVariants(found, own, began); err != nil {
		return nil, err
	}
	lines, err := asked.wait()
	if err != nil {
		return nil, err
	}
	if err := t.readLines(lines); err != nil {
		return nil, err
	}
	if err := p.untouched(); err != nil {
		return nil, err
	}
	t.tests = t.testsOf(p.seen)
	return t, nil
}

// adoptVariants makes nodes of what was listed since began.
func (t *Test) adoptVariants(found []listedVariant, own func(path string) bool, began time.Time) error {
	p := t.Plan
	variants := map[string]bool{}
	for i := range found {
		l := &found[i]
		if plain, _, is := strings.Cut(l.ImportPath, " "); is {
			variants[plain] = true
		}
	}
	var kept []listedVariant
	for _, l := range found {
		plain, _, is := strings.Cut(l.ImportPath, " ")
		if plain == t.Package {
			t.PackageDir = l.Dir
			if len(l.TestEmbedPatterns)+len(l.XTestEmbedPatterns) > 0 {
				return Refusal{"the tests embed files"} // what their patterns may match is not listed
			}
		}
		if !is && variants[plain] {
			continue // it is not in the binary
		}
		l.ImportPath, l.Imports = plain, slices.Clone(l.Imports)
		for i := range l.Imports {
			l.Imports[i], _, _ = strings.Cut(l.Imports[i], " ")
		}
		kept = append(kept, l)
	}
	if t.PackageDir == "" {
		return Refusal{"package " + t.Package + " was not listed"}
	}
	for _, l := range kept {
		tests := l.ImportPath == t.Package || l.ImportPath == t.Package+"_test"
		if l.ImportPath == p.Graph.Main || !tests && !own(l.ImportPath) {
			continue
		}
		if !l.Foreign.none() {
			return Refusal{"package " + l.ImportPath + " is not only Go"} // what it includes may be anywhere
		}
		p.Graph.Packages = append(p.Graph.Packages, source.Package{
			ImportPath: l.ImportPath, Name: l.Name, Dir: l.Dir, Files: gocmd.Absolute(l.Dir, l.GoFiles),
			EmbedPatterns: l.EmbedPatterns, EmbedFiles: gocmd.Absolute(l.Dir, l.EmbedFiles), Imports: l.Imports, Tests: tests,
		})
	}
	p.seen = source.Read(p.Graph, nil)
	p.Shape = p.seen.Shape()
	if p.writtenSince(began) {
		return Refusal{SavedMeanwhile}
	}
	for _, l := range kept {
		if l.ImportPath == p.Graph.Main {
			if err := p.keepMain(&l.Listed); err != nil {
				return err
			}
		}
		p.Nodes[l.ImportPath] = p.node(l.Listed)
	}
	main := p.Nodes[p.Graph.Main]
	if main == nil {
		return Refusal{"the test's main package was not listed"}
	}
	main.Archive, main.Stale = "", true // the go command compiled it from another place
	return nil
}

// keepMain copies the file of the test's main package, which is in the go command's
// cache, where it may go at any time.
func (p *Plan) keepMain(l *Listed) error {
	if len(l.GoFiles) != 1 || !filepath.IsAbs(l.GoFiles[0]) {
		return Refusal{"the test's main package is not understood"}
	}
	text, err := os.ReadFile(l.GoFiles[0])
	if err != nil {
		return err
	}
	l.GoFiles = []string{filepath.Join(p.Folder, "_testmain.go")}
	return os.WriteFile(l.GoFiles[0], text, 0o600)
}

// writtenSince reports whether a source, or a folder of one, may have changed since.
func (p *Plan) writtenSince(t time.Time) bool {
	for _, s := range p.seen {
		if s.WrittenSince(t) != "" {
			return true
		}
	}
	for _, pkg := range p.Graph.Packages {
		if st, err := os.Stat(pkg.Dir); err != nil || st.ModTime().After(t.Add(-source.Coarse)) {
			return true
		}
	}
	return false
}

// readLines learns the commands from what go test -n printed.
func (t *Test) readLines(lines []string) error {
	r := newCommandReader(t.Plan)
	for _, l := range lines {
		words, ok := SplitWords(l)
		switch {
		case r.document != "" || !ok || len(words) == 0:
		case slices.Contains(words, "-test.paniconexit0"):
			t.Argv = words
			continue
		case t.Vet == nil:
			t.Vet = vetFlags(words)
		}
		r.line(l)
	}
	if len(t.Argv) == 0 {
		return Refusal{"go test -n did not print how it runs the test"}
	}
	t.Argv[0] = filepath.Base(t.Argv[0])
	// The log of what a test reads is for the go command's cache.
	t.Argv = slices.DeleteFunc(t.Argv, func(a string) bool { return strings.HasPrefix(a, "-test.testlogfile=") })
	if slices.ContainsFunc(t.Argv, func(a string) bool { return strings.Contains(a, "$WORK") }) {
		return Refusal{"an argument of the test is not understood"}
	}
	t.Argv = append(t.Argv, "-test.v=test2json")
	return r.finish()
}

// vetFlags are those of a command that is go vet's for one of the user's packages.
func vetFlags(words []string) (flags []string) {
	for i, w := range words {
		if strings.TrimSuffix(filepath.Base(w), ".exe") != "vet" || i+1 == len(words) || !strings.HasSuffix(words[len(words)-1], "vet.cfg") {
			continue
		}
		flags = words[i+1 : len(words)-1]
		if slices.Contains(flags, "-unsafeptr=false") { // of the standard library
			return nil
		}
		return append([]string{}, flags...)
	}
	return nil
}

// Changes is [Plan.Changes]: other tests than the plan is for are [Reshaped], too.
func (t *Test) Changes() (source.Snapshot, error) {
	now, err := t.Plan.Changes()
	if err == nil && t.testsOf(now) != t.tests {
		return nil, Reshaped{Refusal: Refusal{"there are other tests"}}
	}
	return now, err
}

func (t *Test) testsOf(s source.Snapshot) (tests string) {
	for _, name := range []string{t.Package, t.Package + "_test"} {
		if of := s[name]; of != nil {
			tests += name + "\n" + of.Tests()
		}
	}
	return tests
}
