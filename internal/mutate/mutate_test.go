package mutate

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var program = map[string]string{
	"a.go":          "// Package p is edited.\npackage p\n\nimport \"fmt\"\n\nconst size = 3\n\ntype T struct{ A int }\n\n// M says so.\nfunc (t T) M() string { return fmt.Sprint(\"m\", t.A+1) }\n",
	"b.go":          "package p\n\nfunc Max[E ~int](a, b E) E { return max(a, b, 7) }\n\nfunc plain(p *int) {}\n",
	"t.md":          "text\n",
	"go.mod":        "module example.com/p\n",
	"zfolder/t.txt": "text\n",
}

func lay(t *testing.T, seed uint64) (dir string, p *Program) {
	dir = t.TempDir()
	for name, text := range program {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, New(rand.New(rand.NewPCG(seed, 0)), []string{filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")}, []string{filepath.Join(dir, "t.md"), filepath.Join(dir, "zfolder", "t.txt")})
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Every kind of edit comes up, changes something, is Go unless it is meant not
// to be, and can be taken back.
func TestEdit(t *testing.T) { editAll(t, "", kinds) }

// So does every kind that needs a probe.
func TestProbe(t *testing.T) { editAll(t, "probe", append(kinds, more...)) }

func editAll(t *testing.T, probe string, kinds []kind) {
	dir, p := lay(t, 1)
	p.Probe(probe)
	seen := map[string]int{}
	for range 1000 {
		e, err := p.Edit()
		if err != nil {
			t.Fatal(err)
		}
		seen[e.What]++
		after := read(t, dir)
		if maps.Equal(after, program) {
			t.Errorf("%s changed nothing", e.What)
		}
		for name, text := range after {
			if filepath.Ext(name) != ".go" || e.What == "broken syntax" {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution); err != nil {
				t.Errorf("%s: %v\n%s", e.What, err, text)
			}
		}
		if err := e.Undo(); err != nil {
			t.Fatal(err)
		}
		if got := read(t, dir); !maps.Equal(got, program) {
			t.Fatalf("%s is not undone: %q", e.What, got)
		}
	}
	for _, k := range kinds {
		if seen[k.name] == 0 {
			t.Errorf("%s never came up", k.name)
		}
	}
}

// A seed replays, edits upon edits.
func TestReplay(t *testing.T) {
	dirs := [2]string{}
	for i := range dirs {
		var p *Program
		dirs[i], p = lay(t, 2)
		for range 100 {
			e, err := p.Edit()
			if err != nil {
				t.Fatal(err)
			}
			if e.What == "broken syntax" {
				if err := e.Undo(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if a, b := read(t, dirs[0]), read(t, dirs[1]); !maps.Equal(a, b) {
		t.Errorf("the same seed made\n%q\nand\n%q", a, b)
	}
}

// A failed test shows what the last change was.
func TestDiff(t *testing.T) {
	long := strings.Repeat("x\n", 40)
	for _, c := range []struct{ before, after, want string }{
		{"a\nb\nc\n", "a\nB\nc\n", "f\n- b\n+ B\n"},
		{"a\nc\n", "a\nb\nc\n", "f\n+ b\n"},
		{"a\n", "a\nb\n", "f\n+ b\n"},
		{"", "a\n", "f\n+ a\n"},
		{"a\nb", "", "f\n- a\n- b\n"},
		{"a\na\n", "a\n", "f\n- a\n"},
		{"1\n" + long + "2\n", "3\n", "f\n- 1\n" + strings.Repeat("- x\n", 11) + "- … 18 lines\n" + strings.Repeat("- x\n", 11) + "- 2\n+ 3\n"},
	} {
		e := Edit{before: map[string][]byte{"f": []byte(c.before)}, after: map[string][]byte{"f": []byte(c.after)}}
		if got := e.Diff(); got != c.want {
			t.Errorf("%q to %q: %q, want %q", c.before, c.after, got, c.want)
		}
	}
}
