package builder

import (
	"flag"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/hotdev/hotdev/internal/mutate"
)

var textModule = flag.String("fast.text", "", "edit the program in this `folder` of a module, and leave it as it was")

// The text of a package tells of everything that two compilations show to differ.
func TestFastText(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, randomProgram())
	if *textModule != "" {
		l.dir, l.req.Dir = *textModule, *textModule
	}
	if r := l.build(); !r.OK() {
		t.Fatal(r.Diagnostics)
	}
	l.judge(steps() / 2)
}

// judge makes random edits, each of the same state, and checks what the text tells.
func (l *fastLoop) judge(steps int) {
	t := l.t
	seed := *fastSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("replay with -fast.seed=%d -fast.steps=%d", seed, steps)
	p, _, _ := l.b.program(l.req.Output).now()
	var files, texts []string
	owner := map[string]string{}
	for _, pkg := range p.Graph.Packages {
		for _, f := range pkg.Files {
			if filepath.Ext(f) == ".go" && p.Nodes[pkg.ImportPath].Compilable() {
				files, owner[f] = append(files, f), pkg.ImportPath
			}
		}
		texts = append(texts, pkg.EmbedFiles...)
	}
	program := mutate.New(rand.New(rand.NewPCG(seed, 2)), files, texts)
	told := 0
	for step := 0; step < steps || told == 0 && step < 50; step++ { // of a few edits it may judge none
		e, err := program.Edit()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range e.Files() {
			if owner[f] == "" {
				continue
			}
			ok, missed, err := p.Judge(t.Context(), owner[f])
			switch {
			case err != nil: // it does not compile
			case len(missed) > 0:
				t.Fatalf("step %d, after: %s: the text does not tell of %v\n%s", step, e.What, missed, e.Diff())
			case ok:
				told++
			}
		}
		if err := e.Undo(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of at least %d edits were judged by the text", told, steps)
	if told == 0 || told < steps/4 {
		t.Errorf("only %d of %d edits were judged by the text", told, steps)
	}
}
