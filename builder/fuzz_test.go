package builder

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
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
		p := &report{dir: dir, dirOf: func(string) string { return dir }, ownerOf: func(string) string { return "ex.com/a" }, rankOf: func(string) int { return 0 }}
		for l := range strings.Lines(text) {
			p.line(strings.TrimSuffix(l, "\n"))
		}
		all := p.done()
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

// FuzzCommands: whatever go build -n prints, it is understood or refused.
func FuzzCommands(f *testing.F) {
	for _, text := range []string{
		"# ex.com/a\ncat >$WORK/b001/importcfg << 'EOF' # internal\n# import config\npackagefile fmt=/cache/x-d\nimportmap a=b\nEOF\n" +
			"/go/tool/compile -o $WORK/b001/_pkg_.a -trimpath \"$WORK/b001=>\" -p main -lang=go1.24 -complete -buildid x -goversion go1.26 -importcfg $WORK/b001/importcfg -pack ./main.go\n" +
			"cat >$WORK/b001/importcfg.link << 'EOF' # internal\npackagefile ex.com/a=$WORK/b001/_pkg_.a\nEOF\n" +
			"GOROOT='/usr/go' /go/tool/link -o $WORK/b001/exe/a.out -importcfg $WORK/b001/importcfg.link -buildmode=exe -s $WORK/b001/_pkg_.a\n",
		"# ex.com/a\ncompile -o\n", "# ex.com/a\ncompile -p\nlink -importcfg\n", "link -o\nlink\n",
		"# ex.com/a\ncompile -embedcfg\ncompile -importcfg\ncompile -pgoprofile\n", "A=b\n", "\"compile\" \"-o\n", "cat >x << 'EOF'\n{\n}EOF\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := &plan{graph: Graph{Main: "ex.com/a", Packages: []Package{{ImportPath: "ex.com/a", Imports: []string{"fmt"}}}}, nodes: map[string]*node{
			"ex.com/a": {path: "ex.com/a", archive: "a.a", from: &source{}},
			"fmt":      {path: "fmt", archive: "fmt.a"},
		}}
		r := commandReader{plan: p, documents: map[string]string{}, folders: map[string]string{}}
		for l := range strings.Lines(text) {
			r.line(strings.TrimSuffix(l, "\n"))
		}
		err := r.finish()
		if err != nil {
			return
		}
		for _, flag := range p.linking.flags {
			if strings.Contains(flag, "$WORK") {
				t.Errorf("a flag names go's own folder: %q", flag)
			}
		}
		for _, n := range p.linking.packages {
			if p.nodes[n] == nil {
				t.Errorf("the linker is to read %q, which nobody knows", n)
			}
		}
	})
}

// FuzzArchive: no file makes the reader of archives panic; and its build ID is
// no part of what was read.
func FuzzArchive(f *testing.F) {
	member := func(name, body string) string {
		head := []byte(strings.Repeat(" ", 60))
		copy(head, name)
		copy(head[48:], strconv.Itoa(len(body)))
		copy(head[58:], "`\n")
		if len(body)%2 == 1 {
			return string(head) + body + "\n"
		}
		return string(head) + body
	}
	def := "go object linux amd64 go1.26\nbuild id \"a/b\"\n\n$$B\nexport\n$$\n"
	f.Add([]byte("!<arch>\n" + member("__.PKGDEF", def) + member("_go_.o", "go object linux amd64 go1.26\nbuild id \"a/b\"\n\n!\n"+objectMagic+"12345678rest")))
	f.Add([]byte("!<arch>\n" + member("__.PKGDEF", def)))
	f.Add([]byte("!<arch>\n" + member("_go_.o", "go object \nbuild id ")))
	f.Add([]byte("!<arch>\n"))
	f.Add([]byte("!<arch>\n" + strings.Repeat(" ", 60)))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "a.a")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := readArchive(file)
		if err != nil {
			return
		}
		other := a.print
		other[0]++
		if setFingerprint(file, a.print, other) != nil {
			return
		}
		b, err := readArchive(file)
		if err != nil || b.print != other {
			t.Errorf("another fingerprint: %v, %x", err, b.print)
		}
	})
}

// FuzzHeader: no source makes the reader of headers panic, and code added at
// the end of a Go file is no part of what it says.
func FuzzHeader(f *testing.F) {
	for _, text := range []string{
		"package a\n", "//go:build linux\n\npackage a\n\nimport \"C\"\n\nfunc f() {}\n", "package a\n\nimport (\n\t. \"fmt\"\n)\n\n//go:embed x\nvar x string\n",
		"// Code generated by x. DO NOT EDIT.\n\npackage a\n", "package", "", "\ufeffpackage a", "//go:build (\npackage a\n", "#include <x.h>\n/* */",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		read := func(name, text string) header {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			Generated(file)
			return readHeader(file)
		}
		read("a.c", text)
		h := read("a.go", text)
		if strings.HasPrefix(string(h), "broken ") {
			return
		}
		if more := read("a.go", text+"\n\nfunc added() {}\n"); more != h && !strings.HasPrefix(string(more), "broken ") {
			t.Errorf("%q, and with a function more %q", h, more)
		}
	})
}

// FuzzBuildIDs: no file makes the search for build IDs panic, and what it finds
// can be blanked.
func FuzzBuildIDs(f *testing.F) {
	self, err := os.Executable()
	if err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:min(len(data), 4096)])
	f.Add([]byte("\x7fELF\x02\x01\x01"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, id := range buildIDs(bytes.NewReader(data)) {
			id.blank(bytes.Clone(data), 0)
			id.blank(bytes.Clone(data), 7)
		}
	})
}
