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

// differential edits real programs at random, and after every edit holds the
// fast path's binary to go build's with the same flags: byte for byte, build IDs
// aside, and where line numbers lag behind, once they have settled.
func differential(ctx context.Context, tmp string, seed uint64, steps int) error {
	fmt.Printf("seed %d\n", seed)
	for i, p := range programs {
		dir, err := download(ctx, p.module, filepath.Join(tmp, fmt.Sprint("random", i)))
		if err != nil {
			return err
		}
		if err := editAtRandom(ctx, p.module, dir, p.target, rand.New(rand.NewPCG(seed, uint64(i))), steps); err != nil {
			return fmt.Errorf("%s: %w (replay with -seed %d)", p.module, err, seed)
		}
	}
	return nil
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

func editAtRandom(ctx context.Context, name, dir, target string, rng *rand.Rand, steps int) error {
	b, plain := builder.New(), builder.New()
	out := dir + "-out"
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	req := builder.Request{Dir: dir, Target: []string{target}, Fast: true, Scratch: filepath.Join(out, "scratch"), Output: filepath.Join(out, "app")}
	build := func() (builder.Result, error) {
		r, err := b.Build(ctx, req, builder.Hooks{})
		if err == nil && r.Artifact.Temp != "" {
			err = b.Publish(r.Artifact)
		}
		if err == nil && r.OK() {
			err = b.Plan(ctx, req)
		}
		return r, err
	}
	if r, err := build(); err != nil || !r.OK() {
		return fmt.Errorf("first build: %v, %w", r.Diagnostics, err)
	}
	graph, _, err := b.List(ctx, req, nil)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	began := time.Now()
	for step := range steps {
		p := graph.Packages[rng.IntN(len(graph.Packages))]
		files := slices.DeleteFunc(slices.Clone(p.Files), func(f string) bool { return filepath.Ext(f) != ".go" })
		file := files[rng.IntN(len(files))]
		old, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text, what := randomEdit(old, rng, step)
		if text == nil {
			counts["nothing to edit"]++
			continue
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		r, err := build()
		if err != nil {
			return err
		}
		slow := req
		slow.Fast = false
		if r.OK() && r.Unsettled > 0 {
			counts["line numbers settled"]++
			if err := b.Settle(ctx, req); err != nil {
				return err
			}
			if _, err := build(); err != nil {
				return err
			}
		}
		s, err := plain.Build(ctx, slow, builder.Hooks{})
		if err != nil {
			return err
		}
		plain.Discard(s.Artifact)
		switch {
		case s.OK() != r.OK():
			return fmt.Errorf("step %d, %s in %s: the fast path says %v, go build %v", step, what, file, r.Diagnostics, s.Diagnostics)
		case !r.OK():
			counts["broken, by both"]++
			if err := os.WriteFile(file, old, 0o644); err != nil {
				return err
			}
			if _, err := build(); err != nil {
				return err
			}
		case !s.Same:
			return fmt.Errorf("step %d, %s in %s: the binaries differ (full: %q, compiled: %v)", step, what, file, r.Full, r.Compiled)
		case r.Full != "":
			counts["full: "+r.Full]++
		default:
			counts["fast: "+what]++
		}
	}
	fmt.Printf("%s: %d edits in %v, no wrong binary: %v\n", name, steps, time.Since(began).Round(time.Second), counts)
	return nil
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
	var bodies []*ast.BlockStmt
	var literals []*ast.BasicLit
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil || fn.Name.Name == "init" {
			continue
		}
		bodies = append(bodies, fn.Body)
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
	switch kind := rng.IntN(5); {
	case kind == 0 && len(literals) > 0:
		l := literals[rng.IntN(len(literals))]
		return insert(at(l.End())-1, strconv.Itoa(step)), "a string"
	case kind == 1 && len(bodies) > 0:
		return insert(at(bodies[rng.IntN(len(bodies))].Lbrace)+1, strings.Repeat("\n", 1+rng.IntN(3))), "lines"
	case kind == 2 && len(bodies) > 0:
		return insert(at(bodies[rng.IntN(len(bodies))].Lbrace)+1, fmt.Sprintf(" if len(%q) > 5000 { println(%d) }; ", "never", step)), "a statement"
	case kind == 3:
		return append(slices.Clip(slices.Clone(text)), fmt.Sprintf("\nfunc added%d(n int) int { return n + %d }\n", step, step)...), "a function"
	default:
		return append(slices.Clip(slices.Clone(text)), fmt.Sprintf("\ntype Added%d struct{ A, B int }\n\nfunc (a Added%d) Sum() int { return a.A + a.B + %d }\n", step, step, step)...), "an exported type"
	}
}
