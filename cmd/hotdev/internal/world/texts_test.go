package world

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A program finds the texts of what it was built from, and newer ones for as long as
// nothing but text changes; the texts are gone with it.
func TestTexts(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "page", "page_templ.go")
	write := func(code, text string) {
		t.Helper()
		src := fmt.Sprintf("package page\n\nfunc Page() {\n\ttempl_Err = templruntime.WriteString(buf, 1, %q)\n\t%s\n}\n", text, code)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var w texts
	folder := ""
	start := func(gen int) (gone func()) {
		t.Helper()
		env, gone := w.start(root, gen)
		if len(env) != 3 || env[0] != "TEMPL_DEV_MODE=true" {
			t.Fatalf("gen %d starts with %q", gen, env)
		}
		folder = strings.TrimPrefix(env[1], "TEMPL_DEV_MODE_ROOT=")
		return gone
	}
	reads := func(want string) {
		t.Helper()
		files, _ := filepath.Glob(filepath.Join(folder, "templ_*.txt"))
		if len(files) != 1 {
			t.Fatalf("there are %q", files)
		}
		if text, err := os.ReadFile(files[0]); err != nil || string(text) != want {
			t.Errorf("the program reads %q, want %q (%v)", text, want, err)
		}
	}
	changed := func(want bool) {
		t.Helper()
		if got := w.changed([]string{path, filepath.Join(root, "main.go")}); slices.Equal(got, []string{path}) != want || !want && got != nil {
			t.Errorf("only text is new in %q", got)
		}
	}

	write("a()", "one")
	w.build(root, 1)
	write("a()", "one, newer")
	gone := start(1)
	reads("one, newer")
	write("a()", "two")
	changed(true)
	reads("two")
	write("b()", "three")
	changed(false)
	reads("two")

	// The next build; the first one, started again, does not get its texts.
	w.build(root, 2)
	again := start(1)
	reads("one")
	again()
	gone()
	gone = start(2)
	reads("three")
	changed(true)
	gone()
	if _, err := os.Stat(folder); err == nil {
		t.Error("the texts are still there")
	}
	changed(false)

	// Where the texts are not known, or not wanted, a program is started as ever.
	if err := os.WriteFile(path, []byte("package page\n\nvar _ = templruntime.WriteString(buf, 7, \"x\")\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w.build(root, 3)
	w.build("", 4)
	for gen, root := range map[int]string{3: root, 4: root, 5: root, 2: ""} {
		if env, gone := w.start(root, gen); env != nil {
			gone()
			t.Errorf("gen %d starts with %q", gen, env)
		}
	}
}
