package watcher

import (
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestCovers(t *testing.T) {
	root := "/m"
	if runtime.GOOS == "windows" {
		root = `C:\m`
	}
	for _, tt := range []struct {
		include, exclude []string
		yes, no          []string
	}{
		{
			include: []string{"*.go"},
			yes:     []string{"a.go", "_a.go", ".a.go"},
			no:      []string{"sub/a.go", "a.c", ".#a.go", "#a.go#", "a.go~", "4913"},
		},
		{
			include: []string{"**/*.tmpl"},
			exclude: []string{"**/old_*", "vendor", "gen/**"},
			yes:     []string{"a.tmpl", "x/y/z/a.tmpl", "x/vendor/a.tmpl"},
			no:      []string{"old_a.tmpl", "x/old_a.tmpl", "x/old_b/a.tmpl", "vendor/a.tmpl", "vendor/x/a.tmpl", "gen/a.tmpl", ".git/a.tmpl", "x/.git/a.tmpl", "_x/a.tmpl", "node_modules/x/a.tmpl", "x/node_modules/a.tmpl"},
		},
		{
			include: []string{".github/**", "_gen/*.txt", "**/node_modules/*.js", "**/*.md"},
			yes:     []string{".github/a", ".github/x/b", "_gen/a.txt", "node_modules/a.js", "x/y/node_modules/a.js", "x/a.md"},
			no:      []string{".github/.x/b", "_gen/x/a.txt", "_gen/a.md", "node_modules/x/a.js", "node_modules/a.md", ".circleci/a"},
		},
		{
			include: []string{"web/{css,js/lib}/*", "./conf/*.toml"},
			yes:     []string{"web/css/a", "web/js/lib/b", "conf/a.toml"},
			no:      []string{"web/js/b", "web/html/b", "conf/x/a.toml"},
		},
		{
			include: []string{"**/*"},
			yes:     []string{"a", "x/y", ".env", "a.swift", ".swift", "x.tmp.go"},
			no:      []string{"x/.DS_Store", ".a.go.swp", ".a.go.swn", "a.swo", "a___jb_tmp___", "a.go___jb_old___", "main.go.tmp.4242.1700", ".goutputstream-AB12"},
		},
		{
			include: []string{"a/*/c/*.sql"},
			yes:     []string{"a/b/c/x.sql"},
			no:      []string{"a/.b/c/x.sql", "a/b/x.sql", "a/b/c/d/x.sql"},
		},
	} {
		p, err := newPlan(Set{Rules: []Rule{{Dir: root, Include: tt.include, Exclude: tt.exclude}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range tt.yes {
			if !p.covers(filepath.Join(root, filepath.FromSlash(name))) {
				t.Errorf("include %q exclude %q: %s is not watched", tt.include, tt.exclude, name)
			}
		}
		for _, name := range tt.no {
			if p.covers(filepath.Join(root, filepath.FromSlash(name))) {
				t.Errorf("include %q exclude %q: %s is watched", tt.include, tt.exclude, name)
			}
		}
	}
}

func TestIgnore(t *testing.T) {
	abs := func(name string) string {
		if runtime.GOOS == "windows" {
			return `C:\m` + filepath.FromSlash(name)
		}
		return "/m" + name
	}
	p, err := newPlan(Set{
		Rules: []Rule{
			{Dir: abs("/cmd/api"), Include: []string{"*.go"}},
			{Dir: abs("/gen/db"), Include: []string{"*.go"}},
			{Dir: abs(""), Include: []string{"**/*.tmpl"}},
			{Dir: abs("2"), Include: []string{"*.go"}},
		},
		Ignore: []Rule{
			{Dir: abs(""), Include: []string{"gen", "**/*_mock.go", "./web/old/**", "*.go"}},
			{Dir: abs("/web/x"), Include: []string{"*.tmpl"}},
			{Dir: abs("/cmd"), Regexps: []string{`_(mock|gen)\.go$`, "^/api/z"}},
		},
		Files: []string{abs("/gen/db/schema.sql"), abs("/gen/db/mine.go")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{
		"/cmd/api/a.go":      true,
		"/cmd/api/a_mock.go": false,
		"/cmd/api/a_gen.go":  false,
		"/cmd/api/a_gem.go":  true,
		"/cmd/api/zoo.go":    false,
		"/gen/db/a.go":       false,
		"/gen/a.tmpl":        false,
		"/gen/db/schema.sql": true, // single files are
		"/gen/db/mine.go":    true,
		"/a.tmpl":            true,
		"/web/a.tmpl":        true,
		"/web/old/a.tmpl":    false,
		"/web/old/x/a.tmpl":  false,
		"/web/x/a.tmpl":      false,
		"/web/x/y/a.tmpl":    true,
		"2/a.go":             true, // another folder, whose name only begins alike
	} {
		if p.covers(abs(name)) != want {
			t.Errorf("%s: watched %v", name, !want)
		}
	}
}

// What is entered: no walk goes where nothing can match.
func TestEnter(t *testing.T) {
	p, err := newPlan(Set{Rules: []Rule{{Dir: "/m", Include: []string{"a/*/x.sql", "*.go", "b/{c,d/e}/*"}, Exclude: []string{"a/no"}}}})
	if err != nil {
		t.Fatal(err)
	}
	top := newScope(p.rules[0])
	for name, want := range map[string]bool{"a": true, "b": true, "c": false, ".git": false} {
		if _, ok := top.enter(name); ok != want {
			t.Errorf("%s: entered %v", name, ok)
		}
	}
	a, _ := top.enter("a")
	for name, want := range map[string]bool{"yes": true, "no": false, ".git": false} {
		if _, ok := a.enter(name); ok != want {
			t.Errorf("a/%s: entered %v", name, ok)
		}
	}
	p, err = newPlan(Set{Rules: []Rule{{Dir: "/m", Include: []string{"no/**"}, Skip: `^no|\xff`}}})
	if err != nil {
		t.Fatal(err)
	}
	named, ok := newScope(p.rules[0]).enter("no")
	if !ok {
		t.Error("no: named, and not entered")
	}
	for name, want := range map[string]bool{"yes": true, "node": false, "x\ufffd": true, "xÿ": false} {
		if _, ok := named.enter(name); ok != want {
			t.Errorf("no/%s: entered %v", name, ok)
		}
	}
	yes, _ := a.enter("yes")
	if _, ok := yes.enter("deeper"); ok {
		t.Error("a/yes/deeper entered")
	}
}

func TestBadSets(t *testing.T) {
	for _, s := range []Set{
		{Rules: []Rule{{Dir: "relative", Include: []string{"*"}}}},
		{Rules: []Rule{{Dir: t.TempDir(), Include: []string{"["}}}},
		{Rules: []Rule{{Dir: t.TempDir(), Exclude: []string{"{a"}}}},
		{Files: []string{"go.mod"}},
		{Roots: []string{"."}},
		{Ignore: []Rule{{Dir: "relative"}}},
		{Ignore: []Rule{{Dir: t.TempDir(), Include: []string{"["}}}},
		{Ignore: []Rule{{Dir: t.TempDir(), Regexps: []string{"("}}}},
		{Rules: []Rule{{Dir: t.TempDir(), Skip: "("}}},
		{Poll: "sometimes"},
	} {
		if _, err := newPlan(s); err == nil {
			t.Errorf("%+v: no error", s)
		}
	}
}

// TestCovered: what a Set would watch can be asked without watching.
func TestCovered(t *testing.T) {
	s := Set{
		Rules:  []Rule{{Dir: "/p", Include: []string{"./templates/**", "*.sql"}}},
		Ignore: []Rule{{Dir: "/p", Include: []string{"templates/old/**"}}},
		Files:  []string{"/q/one"},
	}
	paths := []string{"/p/templates/a/b.html", "/p/templates/old/b.html", "/p/x.sql", "/p/a/x.sql", "/q/one", "/q/two", "/p/templates/a.html~"}
	if got, want := s.Covered(paths), []string{"/p/templates/a/b.html", "/p/x.sql", "/q/one"}; !slices.Equal(got, want) {
		t.Errorf("covers %q, want %q", got, want)
	}
	if got := (Set{Rules: []Rule{{Dir: "relative"}}}).Covered(paths); got != nil {
		t.Errorf("a set that makes no sense covers %q", got)
	}
}
