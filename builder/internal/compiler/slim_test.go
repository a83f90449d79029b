package compiler

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Linked from slim archives, which are smaller, a program is the same byte for byte.
func TestSlim(t *testing.T) {
	if !strings.HasPrefix(runtime.Version(), "go1.26") {
		t.Skip("slim archives are for the linker of Go 1.26")
	}
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/slim\n\ngo 1.26\n",
		"main.go": `package main

import (
	"fmt"
	"net/http"
	"slices"
)

type pair[T any] struct{ a, b T }

func (p pair[T]) String() string { return fmt.Sprint(p.a, p.b) }

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		slices.SortFunc(r.TransferEncoding, func(a, b string) int { return len(a) - len(b) })
		fmt.Fprint(w, pair[int]{1, 2}, pair[any]{nil, w})
	})
	http.ListenAndServe("127.0.0.1:0", nil)
}
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(argv ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), argv[0], argv[1:]...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", argv[:2], err)
		}
		return string(out)
	}
	list := strings.Fields(run("go", "list", "-export", "-deps", "-f", `{{if .Export}}{{.ImportPath}}={{.Export}}{{end}}`, "."))
	slims := NewSlims(t.TempDir())
	var main string
	var fat, slim Importcfg
	var was, is int64
	for _, l := range list {
		path, archive, _ := strings.Cut(l, "=")
		fat.Package(path, archive)
		slims.Add(archive)
		small := slims.Of(archive)
		if small == archive {
			t.Errorf("%s has no slim archive", path)
		}
		slim.Package(path, small)
		was, is = was+sizeOf(t, archive), is+sizeOf(t, small)
		main = archive // the last one
	}
	if is > was*2/3 {
		t.Errorf("slim archives have %d bytes, of %d", is, was)
	}
	binary := func(cfg Importcfg, main string) []byte {
		t.Helper()
		file, out := filepath.Join(dir, "importcfg"), filepath.Join(dir, "out")
		if err := os.WriteFile(file, cfg.text, 0o600); err != nil {
			t.Fatal(err)
		}
		run("go", "tool", "link", "-w", "-buildid=x", "-importcfg", file, "-o", out, main)
		data, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	if !bytes.Equal(binary(fat, main), binary(slim, slims.Of(main))) {
		t.Error("the binaries differ")
	}
	if err := os.RemoveAll(slims.folder); err != nil {
		t.Fatal(err)
	}
	if slims.Of(main) != main {
		t.Error("a slim archive that was removed is used")
	}
}

func sizeOf(t *testing.T, file string) int64 {
	t.Helper()
	st, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}

// FuzzSlim: no archive makes Slim panic.
func FuzzSlim(f *testing.F) {
	dir := f.TempDir()
	source, archive := filepath.Join(dir, "x.go"), filepath.Join(dir, "x.a")
	if err := os.WriteFile(source, []byte("package x\n\nvar V = F(1)\n\nfunc F(n int) []int { return make([]int, n) }\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	if out, err := exec.Command("go", "tool", "compile", "-p", "x", "-pack", "-o", archive, source).CombinedOutput(); err != nil {
		f.Fatalf("compile: %v\n%s", err, out)
	}
	data, err := os.ReadFile(archive)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(archive, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = Slim(archive, filepath.Join(dir, "slim.a"))
	})
}
