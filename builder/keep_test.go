package builder

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// again is a hotdev that starts anew on the same program.
func (l *fastLoop) again() *fastLoop {
	out := l.t.TempDir()
	next := &fastLoop{t: l.t, b: New(), slow: New(), dir: l.dir, req: l.req}
	next.req.Scratch, next.req.Output = filepath.Join(out, "fast"), filepath.Join(out, "app")
	return next
}

// The first build after a start takes the fast path, by the plan that was kept,
// with whatever was saved in between.
func TestKept(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram+"-- c/c.go --\npackage c\n")
	l.req.Keep = filepath.Join(t.TempDir(), "plans")
	if r := l.build(); r.Full != "first build" {
		t.Fatalf("%+v", r)
	}
	l = l.again()
	l.fast()
	l.edit("b/b.go", "b1", "b2")
	l.fast("fast/b")

	l = l.again()
	l.edit("a/a.go", `"a"`, `"A"`)
	l.fast("fast/b", "fast/a", "fast") // b is not what it was when the plan was kept

	l = l.again()
	writeFile(t, filepath.Join(l.dir, "a", "more.go"), "package a\n\nimport _ \"example.com/fast/c\"\n")
	if r := l.build(); r.Full != "" || !r.OK() {
		t.Errorf("a new package: %+v", r)
	}
	l.equal()

	l = l.again()
	l.edit("b/b.go", `"b2"`, `b3`) // it does not compile
	if r := l.build(); r.OK() || r.Full != "" {
		t.Errorf("a broken package: %+v", r)
	}
	l.edit("b/b.go", `b3`, `"b3"`)
	if r := l.build(); !r.OK() || r.Full != "" {
		t.Errorf("fixed: %+v", r)
	}
	l.equal()

	// With a plan that fails, the go command builds, and its plan is kept instead.
	l = l.again()
	if p := l.b.restore(t.Context(), l.req); p == nil {
		t.Fatal("there is no plan")
	}
	p := l.b.restore(t.Context(), l.req)
	l.b.program(l.req.Output).setPlan(p)
	p.Nodes["example.com/fast/b"].Archive = filepath.Join(l.dir, "gone.a")
	if r := l.build(); r.Full == "" || !r.OK() {
		t.Errorf("an archive is gone: %+v", r)
	}
	l = l.again()
	l.fast()
}

// In doubt, a plan is not used.
func TestKeptIsNotUsed(t *testing.T) {
	t.Parallel()
	l := newFastLoop(t, fastProgram)
	l.req.Keep = filepath.Join(t.TempDir(), "plans")
	l.req.Env = append(os.Environ(), "GOENV="+filepath.Join(l.dir, "env"))
	l.build()
	files, err := filepath.Glob(filepath.Join(l.req.Keep, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("kept are %v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	same := l.again()
	same.req.Env = append(same.req.Env, "SHLVL=7")
	if p := same.b.restore(t.Context(), same.req); p == nil {
		t.Fatal("it is not used in another terminal")
	}
	for _, c := range []struct {
		name string
		do   func(l *fastLoop)
	}{
		{"flags", func(l *fastLoop) { l.req.Flags = []string{"-tags=x"} }},
		{"debugging information", func(l *fastLoop) { l.req.Debug = true }},
		{"the environment", func(l *fastLoop) { l.req.Env = append(l.req.Env, "CGO_CFLAGS=-O1") }},
		{"go env -w", func(l *fastLoop) { writeFile(t, filepath.Join(l.dir, "env"), "GOFLAGS=-tags=x\n") }},
		{"a plan of another hotdev's", func(l *fastLoop) {
			writeFile(t, files[0], strings.Replace(string(text), `{"Maker":"`, `{"Maker":"x`, 1))
		}},
		{"half a plan", func(l *fastLoop) { writeFile(t, files[0], string(text[:len(text)/2])) }},
		{"another archive", func(l *fastLoop) { writeFile(t, files[0], strings.Replace(string(text), `"Size":`, `"Size":1`, 1)) }},
		{"no plan", func(l *fastLoop) { remove(t, files[0]) }},
	} {
		next := l.again()
		next.req.Env = append([]string(nil), l.req.Env...)
		c.do(next)
		if p := next.b.restore(t.Context(), next.req); p != nil {
			t.Errorf("%s: it is used", c.name)
		}
		writeFile(t, files[0], string(text))
		writeFile(t, filepath.Join(l.dir, "env"), "")
	}
}
