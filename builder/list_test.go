package builder

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder/internal/source"
)

// settle makes all files of a module old enough to be trusted.
func settle(t testing.TB, dir string) {
	t.Helper()
	old := time.Now().Add(-time.Hour)
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// draw tells of a graph what tests compare, with paths relative to dir.
func draw(g source.Graph, dir string) string {
	var b strings.Builder
	rel := func(list []string) string {
		var out []string
		for _, p := range list {
			r, err := filepath.Rel(dir, p)
			if err != nil {
				r = p
			}
			out = append(out, filepath.ToSlash(r))
		}
		return strings.Join(out, " ")
	}
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	line("main", g.Main)
	if g.FilesOnly {
		line("files only", "yes")
	}
	for _, p := range g.Packages {
		line("package", p.ImportPath+" "+p.Name+" in "+rel([]string{p.Dir}))
		line("  files", rel(p.Files))
		line("  patterns", strings.Join(p.EmbedPatterns, " "))
		line("  embedded", rel(p.EmbedFiles))
		line("  imports", strings.Join(p.Imports, " "))
	}
	line("roots", rel(g.Roots))
	line("files", rel(g.Files))
	line("missing", rel(g.Missing))
	return b.String() + render(g.Diagnostics, dir)
}

// Modules of all kinds, and what their graphs are.
func TestGraphs(t *testing.T) {
	eachArchive(t, "graph", func(t *testing.T, file string, a archive) {
		if slices.Contains(a.setting("need"), "cgo") {
			needCgo(t)
		}
		dir := realTemp(t)
		a.write(t, dir)
		at := dir
		if in := a.setting("in"); in != nil {
			at = filepath.Join(dir, in[0])
		}
		req := request(t, at, a.setting("target")...)
		req.Flags = a.setting("flags")
		req.Env = goEnviron(append([]string{"CGO_ENABLED=1"}, a.setting("env")...)...)
		g := mustList(t, New(), req)
		checkGolden(t, file, a, draw(g, dir))
		if len(g.Diagnostics) == 0 && g.Total <= len(g.Packages) {
			t.Errorf("%d packages in all", g.Total)
		}
	})
}

// sample is a module with everything in it that can change a graph.
const sample = `
-- go.mod --
module ex.com/app
-- go.sum --
-- lib/lib.go --
// A comment.
package lib

import (
	"embed"
	"strings"
)

//go:embed a.txt dir
var FS embed.FS

var Up = strings.ToUpper
-- lib/a.txt --
-- lib/dir/b.txt --
-- lib/lib_test.go --
package lib
-- lib/never.go --
//go:build never

package lib
-- lib/sum.s --
-- unused/unused.go --
package unused
-- main.go --
package main

import "ex.com/app/lib"

func main() { print(lib.Up("")) }
`

// Which saves can change the graph, and which cannot. What cannot is answered
// without a process: the request's go command does not exist any more.
func TestSame(t *testing.T) {
	write := func(name, text string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			path := filepath.Join(dir, filepath.FromSlash(name))
			writeFile(t, path, text)
			return path
		}
	}
	replace := func(name, old, new string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			path := filepath.Join(dir, filepath.FromSlash(name))
			text, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(text), old) {
				t.Fatalf("%s has no %q: %v", name, old, err)
			}
			writeFile(t, path, strings.Replace(string(text), old, new, 1))
			return path
		}
	}
	remove := func(name string) func(*testing.T, string) string {
		return func(t *testing.T, dir string) string {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	// The sample is listed once; each edit is one of the state that was listed.
	parent := realTemp(t)
	dir := filepath.Join(parent, "app")
	restore := func() {
		t.Helper()
		for _, file := range []string{dir, filepath.Join(parent, "go.work")} {
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
		}
		parseArchive(strings.TrimLeft(sample, "\n")).write(t, dir)
		settle(t, dir)
	}
	restore()
	req, b := request(t, dir), New()
	if g := mustList(t, b, req); len(g.Diagnostics) > 0 || len(g.Packages) != 2 {
		t.Fatalf("the sample is broken:\n%s", draw(g, dir))
	}
	listed := *b.known[requestKey(req)]
	for name, c := range map[string]struct {
		edit func(*testing.T, string) string
		same bool
	}{
		"function body":                {replace("main.go", `("")`, `("x")`), true},
		"comment":                      {replace("lib/lib.go", "A comment.", "Another."), true},
		"comment on the imports":       {replace("lib/lib.go", `"strings"`, `"strings" // for Up`), true},
		"import renamed":               {replace("lib/lib.go", `"strings"`, `str "strings"`), true},
		"imports reordered":            {replace("lib/lib.go", "\t\"embed\"\n\t\"strings\"\n", "\t\"strings\"\n\t\"embed\"\n"), true},
		"syntax error after imports":   {replace("main.go", "func main", "func ("), true},
		"embedded file's content":      {write("lib/a.txt", "new"), true},
		"embedded folder's file":       {write("lib/dir/b.txt", "new"), true},
		"assembly":                     {write("lib/sum.s", "// nothing\n"), true},
		"test file":                    {write("lib/lib_test.go", "package lib\n\nimport _ \"os\"\n"), true},
		"new test file":                {write("lib/more_test.go", "package lib\n"), true},
		"editor's file":                {write("lib/.#lib.go", "x"), true},
		"underscore file":              {write("lib/_lib.go", "x"), true},
		"text file beside":             {write("lib/notes.md", "x"), true},
		"unused package":               {write("unused/unused.go", "package x\n"), true},
		"new unused package":           {write("other/other.go", "package other\n"), true},
		"file that never was":          {remove("lib/nothing.go"), true},
		"ignored file's body":          {replace("lib/never.go", "package lib", "package lib\n\nvar X int"), true},
		"import added":                 {replace("main.go", `import "ex.com/app/lib"`, "import (\n\"ex.com/app/lib\"\n_ \"os\"\n)"), false},
		"import removed":               {replace("lib/lib.go", "\t\"strings\"\n", ""), false},
		"package renamed":              {replace("main.go", "package main", "package app"), false},
		"constraint added":             {replace("main.go", "package main", "//go:build never\n\npackage main"), false},
		"old constraint added":         {replace("main.go", "package main", "// +build never\n\npackage main"), false},
		"constraint of ignored file":   {replace("lib/never.go", "never", "!never"), false},
		"constraint of assembly":       {write("lib/sum.s", "//go:build never\n"), false},
		"cgo begins":                   {replace("main.go", "import", "import \"C\"\n\nimport"), false},
		"syntax error in imports":      {replace("main.go", "import", "imp"), false},
		"embed pattern":                {replace("lib/lib.go", "a.txt dir", "a.txt"), false},
		"embedded file gone":           {remove("lib/a.txt"), false},
		"embedded folder's file gone":  {remove("lib/dir/b.txt"), false},
		"embedded folder gone":         {remove("lib/dir"), false},
		"new file in embedded folder":  {write("lib/dir/c.txt", ""), false},
		"new file deep in that folder": {write("lib/dir/sub/c.txt", ""), false},
		"source gone":                  {remove("lib/sum.s"), false},
		"Go source gone":               {remove("main.go"), false},
		"package's folder gone":        {remove("lib"), false},
		"new source":                   {write("lib/new.go", "package lib\n"), false},
		"new C source":                 {write("lib/new.c", ""), false},
		"profile":                      {write("default.pgo", ""), false},
		"go.mod":                       {write("go.mod", "module ex.com/app\n"), false},
		"go.sum":                       {write("go.sum", "\n"), false},
		"go.work":                      {write("go.work", "go 1.24\nuse .\n"), false},
		"go.work above":                {write("../go.work", "go 1.24\nuse ./app\n"), false},
		"module cut out":               {write("lib/go.mod", "module ex.com/lib\n"), false},
	} {
		t.Run(name, func(t *testing.T) {
			restore()
			last := listed
			b.known[requestKey(req)] = &last
			path := c.edit(t, dir)
			g, same, err := b.List(t.Context(), req, []string{path})
			if err != nil || same != c.same {
				t.Fatalf("same: %v (%v), want %v", same, err, c.same)
			}
			if same && g.Main != "" {
				t.Errorf("a graph came along: %+v", g)
			}
			// A listing that changed nothing must not have lost its memory.
			if same {
				if _, same, _ := b.List(t.Context(), req, []string{filepath.Join(dir, "main.go")}); !same {
					t.Error("the next one is not the same")
				}
			}
		})
	}
}

// A listing that is cut short leaves nothing forgotten.
func TestListCancelled(t *testing.T) {
	dir := testModule(t, sample)
	settle(t, dir)
	req, b := request(t, dir), New()
	mustList(t, b, req)
	main := filepath.Join(dir, "main.go")
	writeFile(t, main, "package main\n\nfunc main() {}\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.List(ctx, req, []string{main}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// Cancelled while it runs: the go command is already gone, so it fails.
	broken := b.known[requestKey(req)]
	if _, err := b.listAfresh(ctx, req, broken, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if g := mustList(t, b, req, main); len(g.Packages) != 1 {
		t.Errorf("%s", draw(g, dir))
	}
}

// A file that changes while go list runs may have been read before or after:
// what is remembered of it must not be believed.
func TestChangedWhileListing(t *testing.T) {
	dir := testModule(t, sample)
	settle(t, dir)
	main := filepath.Join(dir, "main.go")
	w := newHeaderWatch(nil, nil)
	if w.trusted(main) == "" {
		t.Error("a file that is an hour old is not trusted")
	}
	writeFile(t, main, "package main\n\nimport _ \"os\"\n")
	if w.trusted(main) != "" {
		t.Error("a file that changed after the beginning is trusted")
	}
	w = newHeaderWatch(nil, []string{main})
	if w.trusted(main) == "" {
		t.Error("a file that was the same before and after is not trusted")
	}
	writeFile(t, main, "package main\n")
	if w.trusted(main) != "" {
		t.Error("a file that differs before and after is trusted")
	}
	os.Remove(main)
	if w.trusted(main) != "" {
		t.Error("a file that is gone is trusted")
	}
}

// Saves within the same second as a listing are seen.
func TestSaveRightAfterListing(t *testing.T) {
	dir := testModule(t, sample)
	req, b := request(t, dir), New()
	mustList(t, b, req)
	main := filepath.Join(dir, "main.go")
	writeFile(t, main, "package main\n\nimport \"ex.com/app/unused\"\n\nvar _ = unused.X\n\nfunc main() {}\n")
	if g := mustList(t, b, req, main); len(g.Packages) != 2 || g.Packages[0].ImportPath != "ex.com/app/unused" {
		t.Errorf("%s", draw(g, dir))
	}
	writeFile(t, main, "package main\n\nimport \"ex.com/app/unused\"\n\nvar _ = unused.Y\n\nfunc main() {}\n")
	if _, same, err := b.List(t.Context(), req, []string{main}); err != nil || !same {
		t.Errorf("a body changed: same %v, %v", same, err)
	}
}

// A typo does not shrink what is watched, and mending it brings the truth back.
func TestBrokenGraphKeepsTheLast(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"package clause":   {"main.go", "pakage main\n", "main.go:1:1: expected 'package', found pakage"},
		"import":           {"main.go", "package main\n\nimport fmt\n", "main.go:3:11: missing import path"},
		"library's clause": {"lib/lib.go", "", "lib/lib.go:1:1: expected 'package', found 'EOF'"},
		"go.mod":           {"go.mod", "module ex.com/app\n\nfoo\n", "go.mod:3:0: unknown directive: foo"},
		"embed":            {"lib/lib.go", "package lib\n\nimport _ \"embed\"\n\n//go:embed nope\nvar s string\n", "lib/lib.go:5:12: pattern nope: no matching files found"},
		"folder":           {"lib/go.mod", "module ex.com/other\n", "package ex.com/app/lib"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := testModule(t, sample)
			req, b := request(t, dir), New()
			good := mustList(t, b, req)
			path := filepath.Join(dir, filepath.FromSlash(c.file))
			before, err := os.ReadFile(path)
			writeFile(t, path, c.text)
			g := mustList(t, b, req, path)
			if text := render(g.Diagnostics, dir); !strings.Contains(text, c.want) {
				t.Errorf("diagnostics:\n%s", text)
			}
			for _, p := range good.Packages {
				i := slices.IndexFunc(g.Packages, func(q source.Package) bool { return q.ImportPath == p.ImportPath })
				if i < 0 || len(union(g.Packages[i].Files, p.Files)) > len(g.Packages[i].Files) ||
					len(union(g.Packages[i].EmbedFiles, p.EmbedFiles)) > len(g.Packages[i].EmbedFiles) {
					t.Errorf("%s shrank:\n%s", p.ImportPath, draw(g, dir))
				}
			}
			if len(union(g.Roots, good.Roots)) > len(g.Roots) || len(union(g.Files, good.Files)) > len(g.Files) || g.Main != good.Main {
				t.Errorf("the graph shrank:\n%s", draw(g, dir))
			}
			// Anything may mend it: nothing is the same as a broken graph.
			mustList(t, b, req, filepath.Join(dir, "lib", "a.txt"))
			if err != nil {
				os.Remove(path)
			} else {
				writeFile(t, path, string(before))
			}
			if g := mustList(t, b, req, path); draw(g, dir) != draw(good, dir) {
				t.Errorf("mended:\n%s\nwant:\n%s", draw(g, dir), draw(good, dir))
			}
		})
	}
}

// Broken from the start: enough is known to see it mended.
func TestBrokenFromTheStart(t *testing.T) {
	dir := testModule(t, sample)
	writeFile(t, filepath.Join(dir, "go.mod"), "module\n")
	req, b := request(t, dir), New()
	g := mustList(t, b, req)
	if len(g.Diagnostics) == 0 || !slices.Contains(g.Files, filepath.Join(dir, "go.mod")) || !slices.Contains(g.Roots, dir) ||
		len(g.Packages) != 1 || !slices.Equal(g.Packages[0].Files, []string{filepath.Join(dir, "main.go")}) {
		t.Errorf("%s", draw(g, dir))
	}
	writeFile(t, filepath.Join(dir, "go.mod"), "module ex.com/app\n")
	if g := mustList(t, b, req, filepath.Join(dir, "go.mod")); len(g.Diagnostics) > 0 || len(g.Packages) != 2 {
		t.Errorf("%s", draw(g, dir))
	}
}

func TestListErrors(t *testing.T) {
	dir := testModule(t, sample)
	req := request(t, dir)
	req.Env = []string{"PATH=" + dir}
	if _, _, err := New().List(t.Context(), req, nil); err == nil || !strings.HasPrefix(err.Error(), "list .: the go command is not in PATH") {
		t.Error(err)
	}
	req = request(t, dir)
	req.Flags = []string{"-x"}
	if _, _, err := New().List(t.Context(), req, nil); err == nil || !strings.Contains(err.Error(), "-x cannot be used") {
		t.Error(err)
	}
}

func TestGenerated(t *testing.T) {
	dir := realTemp(t)
	for text, want := range map[string]bool{
		"// Code generated by templ. DO NOT EDIT.\n\npackage a\n":                       true,
		"// Copyright\n\n//go:build x\n\n// Code generated x DO NOT EDIT.\r\npackage a": true,
		"package a\n\n// Code generated by templ. DO NOT EDIT.\n":                       false,
		"// Code generated by hand, do edit.\npackage a\n":                              false,
		" // Code generated by x. DO NOT EDIT.\npackage a\n":                            false,
		"": false,
	} {
		path := filepath.Join(dir, "x.go")
		writeFile(t, path, text)
		if got := Generated(path); got != want {
			t.Errorf("Generated(%q) = %v", text, got)
		}
	}
	if Generated(dir) || source.Generated(filepath.Join(dir, "none")) {
		t.Error("a folder or nothing at all is generated")
	}
}

// The way of most saves: a body changed.
func BenchmarkListSame(b *testing.B) {
	dir := testModule(b, sample)
	settle(b, dir)
	req, bu := request(b, dir), New()
	mustList(b, bu, req)
	paths := []string{filepath.Join(dir, "lib", "lib.go")}
	for b.Loop() {
		if _, same, err := bu.List(b.Context(), req, paths); err != nil || !same {
			b.Fatal(same, err)
		}
	}
}
