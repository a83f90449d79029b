package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
)

// programs are real ones of several packages, to be edited at random.
var programs = []struct{ module, target string }{
	{"honnef.co/go/tools@v0.8.2", "./cmd/staticcheck"},
	{"golang.org/x/tools@v0.49.0", "./cmd/callgraph"},
	{caddyModule, "./cmd/caddy"},
}

// differential edits real programs at random, in turns, and after every edit
// holds the fast path's binary to go build's with the same flags: byte for byte,
// build IDs aside, and where line numbers lag behind, once they have settled. An
// interrupt ends it early; what was found until then is printed.
func differential(ctx context.Context, tmp string, seed uint64, steps int) error {
	fmt.Printf("seed %d\n", seed)
	var all []*subject
	for i, p := range programs {
		dir, err := download(ctx, p.module, filepath.Join(tmp, fmt.Sprint("random", i)))
		if err != nil {
			return err
		}
		s, err := newSubject(ctx, p.module, dir, p.target, rand.New(rand.NewPCG(seed, uint64(i))))
		if err != nil {
			return fmt.Errorf("%s: %w", p.module, err)
		}
		all = append(all, s)
	}
	var err error
	began := time.Now()
	for step := 0; step < steps && err == nil; step++ {
		for _, s := range all {
			if err = s.step(ctx, step); err != nil {
				err = fmt.Errorf("%s: %w (replay with -seed %d)", s.name, err, seed)
				break
			}
		}
		if step%10 == 9 {
			fmt.Printf("%d steps of each in %v\n", step+1, time.Since(began).Round(time.Second))
		}
	}
	for _, s := range all {
		s.tell()
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// download copies a module to a folder where it can be changed.
func download(ctx context.Context, module, dir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", module, err)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(out, &m); err != nil {
		return "", err
	}
	return dir, copyTree(m.Dir, dir)
}

// A subject is one program under test.
type subject struct {
	name        string
	rng         *rand.Rand
	fast, plain *builder.Builder
	req         builder.Request
	files       []string // the Go files of its packages
	texts       []string // files that it embeds because of an edit
	added       []string // files that may be deleted again
	edits       int
	counts      map[string]int
}

func newSubject(ctx context.Context, name, dir, target string, rng *rand.Rand) (*subject, error) {
	out := dir + "-out"
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	s := &subject{name: name, rng: rng, fast: builder.New(), plain: builder.New(), counts: map[string]int{}}
	s.req = builder.Request{Dir: dir, Target: []string{target}, Fast: true, Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "app")}
	if r, err := s.build(ctx); err != nil || !r.OK() {
		return nil, fmt.Errorf("first build: %v, %w", r.Diagnostics, err)
	}
	graph, _, err := s.fast.List(ctx, s.req, nil)
	if err != nil {
		return nil, err
	}
	for _, p := range graph.Packages {
		s.files = append(s.files, slices.DeleteFunc(slices.Clone(p.Files), func(f string) bool { return filepath.Ext(f) != ".go" })...)
	}
	return s, nil
}

func (s *subject) build(ctx context.Context) (builder.Result, error) {
	r, err := s.fast.Build(ctx, s.req, builder.Hooks{})
	if err == nil && r.Artifact.Temp != "" {
		err = s.fast.Publish(r.Artifact)
	}
	if err == nil && r.OK() {
		err = s.fast.Plan(ctx, s.req)
	}
	return r, err
}

// step makes one edit and compares what comes of it.
func (s *subject) step(ctx context.Context, step int) error {
	what, undo, err := s.edit(step)
	if err != nil {
		return err
	}
	if what == "" {
		s.counts["nothing to edit"]++
		return nil
	}
	r, err := s.build(ctx)
	if err != nil {
		return err
	}
	slow := s.req
	slow.Fast = false
	if r.OK() && r.Unsettled > 0 {
		s.counts["line numbers settled"]++
		if err := s.fast.Settle(ctx, s.req); err != nil {
			return err
		}
		if _, err := s.build(ctx); err != nil {
			return err
		}
	}
	plain, err := s.plain.Build(ctx, slow, builder.Hooks{})
	if err != nil {
		return err
	}
	s.plain.Discard(plain.Artifact)
	s.edits++
	switch {
	case plain.OK() != r.OK():
		return fmt.Errorf("step %d, %s: the fast path says %v, go build %v", step, what, r.Diagnostics, plain.Diagnostics)
	case !r.OK():
		s.counts["broken, by both"]++
		if err := undo(); err != nil {
			return err
		}
		_, err := s.build(ctx)
		return err
	case !plain.Same:
		return fmt.Errorf("step %d, %s: the binaries differ (full: %q, compiled: %v)", step, what, r.Full, r.Compiled)
	case r.Full != "":
		s.counts["full: "+what]++
	default:
		s.counts["fast: "+what]++
	}
	return nil
}

func (s *subject) tell() {
	fmt.Printf("%s: %d edits compared: %v\n", s.name, s.edits, s.counts)
}

// edit changes the program; what is empty if there was nothing to change. undo
// takes it back.
func (s *subject) edit(step int) (what string, undo func() error, err error) {
	if s.rng.IntN(12) == 0 {
		return s.addOrDelete(step)
	}
	if len(s.texts) > 0 && s.rng.IntN(15) == 0 {
		file := s.texts[s.rng.IntN(len(s.texts))]
		return "an embedded file", func() error { return nil }, os.WriteFile(file, []byte(strconv.Itoa(step)), 0o644)
	}
	file := s.files[s.rng.IntN(len(s.files))]
	old, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	text, what := randomEdit(old, s.rng, step)
	if text == nil {
		return "", nil, nil
	}
	return what, func() error { return os.WriteFile(file, old, 0o644) }, os.WriteFile(file, text, 0o644)
}

// addOrDelete adds a file to a package, or deletes one that was added.
func (s *subject) addOrDelete(step int) (what string, undo func() error, err error) {
	if n := len(s.added); n > 0 && s.rng.IntN(3) == 0 {
		file := s.added[n-1]
		text, err := os.ReadFile(file)
		if err != nil {
			return "", nil, err
		}
		s.added = s.added[:n-1]
		s.files = slices.DeleteFunc(s.files, func(f string) bool { return f == file })
		return "a file deleted", func() error { return os.WriteFile(file, text, 0o644) }, os.Remove(file)
	}
	beside := s.files[s.rng.IntN(len(s.files))]
	text, err := os.ReadFile(beside)
	if err != nil {
		return "", nil, err
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.PackageClauseOnly)
	if err != nil {
		return "", nil, nil
	}
	file := filepath.Join(filepath.Dir(beside), fmt.Sprintf("zadded%d.go", step))
	code := fmt.Sprintf("package %s\n\nfunc inFile%d() int { return %d }\n", f.Name.Name, step, step)
	what = "a file added"
	switch s.rng.IntN(3) {
	case 0:
		what = "a file with a linkname"
		code = fmt.Sprintf("package %s\n\nimport _ \"unsafe\"\n\n//go:linkname linked%d\nfunc linked%d() int { return %d }\n", f.Name.Name, step, step, step)
	case 1:
		what = "a file with an embed"
		data := fmt.Sprintf("zadded%d.txt", step)
		if err := os.WriteFile(filepath.Join(filepath.Dir(beside), data), []byte("text"), 0o644); err != nil {
			return "", nil, err
		}
		s.texts = append(s.texts, filepath.Join(filepath.Dir(beside), data))
		code = fmt.Sprintf("package %s\n\nimport _ \"embed\"\n\n//go:embed %s\nvar Embedded%d string\n\nfunc init() { print(Embedded%d[:0]) }\n", f.Name.Name, data, step, step)
	default:
		s.added = append(s.added, file)
	}
	s.files = append(s.files, file)
	undo = func() error {
		s.files = slices.DeleteFunc(s.files, func(f string) bool { return f == file })
		s.added = slices.DeleteFunc(s.added, func(f string) bool { return f == file })
		return os.Remove(file)
	}
	return what, undo, os.WriteFile(file, []byte(code), 0o644)
}

// randomEdit changes a Go file in a way that most likely compiles.
func randomEdit(text []byte, rng *rand.Rand, step int) (edited []byte, what string) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, ""
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	insert := func(offset int, s string) []byte {
		return bytes.Join([][]byte{text[:offset], text[offset:]}, []byte(s))
	}
	end := func(code string) []byte { return append(slices.Clip(slices.Clone(text)), code...) }
	var funcs []*ast.FuncDecl
	var literals, constants []*ast.BasicLit
	var structs []*ast.StructType
	var types []string
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			for _, spec := range g.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if st, ok := spec.Type.(*ast.StructType); ok && spec.TypeParams == nil {
						structs, types = append(structs, st), append(types, spec.Name.Name)
					}
				case *ast.ValueSpec:
					for _, v := range spec.Values {
						if l, ok := v.(*ast.BasicLit); ok && g.Tok == token.CONST && l.Kind == token.INT {
							constants = append(constants, l)
						}
					}
				}
			}
		}
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || fn.Name.Name == "init" {
			continue
		}
		funcs = append(funcs, fn)
		ast.Inspect(fn.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if n.Kind == token.STRING && strings.HasPrefix(n.Value, `"`) {
					literals = append(literals, n)
				}
			case *ast.CaseClause, *ast.CompositeLit: // keys must stay different
				return false
			}
			return true
		})
	}
	switch kind := rng.IntN(14); {
	case kind == 0 && len(literals) > 0:
		l := literals[rng.IntN(len(literals))]
		return insert(at(l.End())-1, strconv.Itoa(step)), "a string"
	case kind <= 2 && len(funcs) > 0:
		return insert(at(funcs[rng.IntN(len(funcs))].Body.Lbrace)+1, strings.Repeat("\n", 1+rng.IntN(3))), "lines"
	case kind <= 4 && len(funcs) > 0:
		return insert(at(funcs[rng.IntN(len(funcs))].Body.Lbrace)+1, fmt.Sprintf(" if len(%q) > 5000 { println(%d) }; ", "never", step)), "a statement"
	case kind == 5 && len(constants) > 0:
		return insert(at(constants[rng.IntN(len(constants))].End()), "+0"+strconv.Itoa(step%8)), "a constant"
	case kind == 6 && len(funcs) > 0:
		fn := funcs[rng.IntN(len(funcs))]
		comma := ""
		if len(fn.Type.Params.List) > 0 {
			comma = ", "
		}
		return insert(at(fn.Type.Params.Closing), fmt.Sprintf("%s_ ...[%d]byte", comma, step%9)), "a signature"
	case kind == 7 && len(structs) > 0:
		return insert(at(structs[rng.IntN(len(structs))].Fields.Closing), fmt.Sprintf("\n\tAdded%d int\n", step)), "a struct's field"
	case kind == 8 && len(types) > 0:
		return end(fmt.Sprintf("\nfunc (*%s) Added%d() int { return %d }\n", types[rng.IntN(len(types))], step, step)), "a method"
	case kind == 9 && len(funcs) > 1:
		fn := funcs[rng.IntN(len(funcs))]
		from, to := at(fn.Pos()), at(fn.End())
		if fn.Doc != nil {
			from = at(fn.Doc.Pos())
		}
		return slices.Concat(text[:from], text[to:], []byte("\n"), text[from:to], []byte("\n")), "a declaration moved"
	case kind == 10:
		return end(fmt.Sprintf("\nvar order%d = func() int { return %d }()\n\nfunc init() { order%d++ }\n", step, step, step)), "initialisation"
	case kind == 11:
		return end(fmt.Sprintf("\nfunc Generic%d[E ~int | ~string](a, b E) E {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n\nvar _ = Generic%d(1, %d)\n", step, step, step)), "a generic function"
	case kind == 12:
		return end(fmt.Sprintf("\ntype embedded%d interface{ Sum() int }\n\ntype Added%d interface {\n\tembedded%d\n\tMore%d()\n}\n", step, step, step, step)), "an embedded interface"
	default:
		return end(fmt.Sprintf("\nfunc added%d(n int) int { return n + %d }\n", step, step)), "a function"
	}
}
