package complaint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzReport: whatever the toolchain prints, it becomes diagnostics that a
// screen can show: printable, bounded, and placed in files that exist.
func FuzzReport(f *testing.F) {
	dir := f.TempDir()
	file := filepath.Join(dir, "main.go")
	if err := os.WriteFile(file, []byte("package main\n\nfunc main() {\n\toops\n}\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	for _, text := range []string{
		"# ex.com/a\n./main.go:4:2: undefined: oops\n\tand more\nnote: main.go:4:2: too many errors\n",
		"package ex.com/a\n\timports ex.com/b from main.go\n\timports ex.com/a: import cycle not allowed\n",
		"go: downloading x v1\ngo: errors parsing go.mod:\nmain.go:3: unknown directive: x\n",
		"/usr/bin/ld: running gcc failed: exit status 1\n  main.go:1: x\nIn file included from main.go:2:\n",
		"main.go:999999999999:1: x\nmain.go:4:99999999: y\nmain.go:4:-1: z\n:4:2: w\n",
		"\x1b]0;title\x07main.go:4:2: \x1b[31mred\x1b[0m\u202e\x9b2J\r\n# \n\t\n    \n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := &Report{Dir: dir, DirOf: func(string) string { return dir }, OwnerOf: func(string) string { return "ex.com/a" }, RankOf: func(string) int { return 0 }}
		for l := range strings.Lines(text) {
			p.Line(strings.TrimSuffix(l, "\n"))
		}
		all := p.Done()
		if len(all) > maxDiagnostics+1 {
			t.Fatalf("%d diagnostics", len(all))
		}
		for _, d := range all {
			if d.File != "" && d.File != file {
				t.Errorf("a file that does not exist: %q", d.File)
			}
			if d.Line < 0 || d.Column < 0 || d.File != "" && d.Line == 0 {
				t.Errorf("%q at %d:%d", d.File, d.Line, d.Column)
			}
			if len(d.More) > maxMore {
				t.Errorf("%d lines more", len(d.More))
			}
			for _, s := range append([]string{d.Message, d.Package}, d.More...) {
				if !utf8.ValidString(s) || len(s) > maxText+len("…") || strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && unicode.IsControl(r) }) {
					t.Errorf("not fit for a screen: %q", s)
				}
			}
		}
	})
}

// A compiler without measure is cut off, and that is said.
func TestFlood(t *testing.T) {
	p := &Report{Dir: t.TempDir()}
	for i := range 3 * maxDiagnostics {
		p.Line(fmt.Sprint("error ", i))
		for range 2 * maxMore {
			p.Line("\tcontinued " + strings.Repeat("x", 2*maxText))
		}
	}
	list := p.Done()
	last := list[len(list)-1]
	if len(list) != maxDiagnostics+1 || last.Message != fmt.Sprintf("and %d more", 2*maxDiagnostics) || len(last.More) > 0 {
		t.Errorf("%d diagnostics, the last %+v", len(list), last)
	}
	if d := list[maxDiagnostics-1]; len(d.More) != maxMore || len(d.More[0]) > maxText+len("…") {
		t.Errorf("%d lines, the first of %d bytes", len(d.More), len(d.More[0]))
	}
}

// The compiler names the places of further lines as it was called; the go command
// shortens them. Both read the same.
func TestFurtherPlaces(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a", "a.go")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("package a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	short := filepath.Join("a", "a.go")
	for _, name := range []string{file, short} {
		p := &Report{Dir: dir}
		p.Line(name + ":7:6: T redeclared in this block")
		p.Line("\t" + name + ":1:6: other declaration of T")
		all := p.Done()
		if want := short + ":1:6: other declaration of T"; len(all) != 1 || len(all[0].More) != 1 || all[0].More[0] != want {
			t.Errorf("%s: %+v, want more %q", name, all, want)
		}
	}
}
