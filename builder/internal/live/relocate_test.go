//go:build linux && amd64

package live

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is relocated here is what the linker made: every place of every symbol of
// a program, on both processors.
func TestRelocations(t *testing.T) {
	t.Run("amd64", func(t *testing.T) { sameAsLinked(t, theApp(t).open(t)) })
	t.Run("arm64", func(t *testing.T) {
		if os.Getenv("HOTDEV_LONG") == "" {
			t.Skip("the runtime has to be compiled for it: HOTDEV_LONG=1")
		}
		sameAsLinked(t, crossCompiled(t))
	})
}

func sameAsLinked(t *testing.T, h *Host) {
	kinds := map[relocKind]int{}
	wrong := 0
	for i, d := range h.defs {
		id := symID(i)
		if !d.ok() || h.addrs[id] == 0 || h.wrong[id] || !d.kind().isText() && !d.kind().isRodata() {
			continue
		}
		for r := range d.relocs().all {
			to := h.ref(d.o, r.sym())
			if r.size() == 0 || r.kind() == relTLS || r.kind() == relTLSARM64 || h.addrs[to] == 0 || h.wrong[to] {
				continue
			}
			at := h.addrs[id] + uint64(r.off())
			want := h.exe.mem(at, r.size())
			got := bytes.Clone(d.data()[r.off():][:r.size()])
			o := h.arch.put(got, r, at, h.addrs[to], h.exe.base(h.names[to], h.find(to).isText()))
			if o == nil && bytes.Equal(got, want) {
				kinds[r.kind()]++
				continue
			}
			if wrong++; wrong < 10 {
				t.Errorf("%s+%d to %s, relocation %d: %x, the linker has %x: %v", h.names[id], r.off(), h.names[to], r.kind(), got, want, o)
			}
		}
	}
	t.Logf("relocations by kind: %v", kinds)
	if wrong > 0 || len(kinds) < 4 {
		t.Errorf("%d places differ", wrong)
	}
	// Every function that can be redirected at its entry gets there.
	for i, d := range h.defs {
		if id := symID(i); d.isText() && h.addrs[id] != 0 && h.arch.quantum() == 4 {
			j, o := h.arch.jump(h.addrs[id], h.exe.end())
			if o != nil || h.addrs[id]+uint64(branchOffset(le.Uint32(j))) != h.exe.end() {
				t.Fatalf("%s: jump %x, %v", h.names[id], j, o)
			}
		}
	}
}

// crossCompiled is a small program for arm64.
func crossCompiled(t *testing.T) *Host {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "go.mod"), "module example.com/app\n\ngo 1.24\n")
	writeFile(t, filepath.Join(dir, "main.go"), "package main\n\ntype shape interface{ area() int }\n\ntype square struct{ n int }\n\nfunc (s *square) area() int { return s.n * s.n }\n\nvar list = map[string]shape{\"a\": &square{2}}\n\nfunc main() {\n\tfor k, s := range list {\n\t\tprintln(k, s.area())\n\t}\n}\n")
	env := append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off", "GOARCH=arm64")
	if tc := os.Getenv("HOTDEV_TEST_TOOLCHAIN"); tc != "" {
		env = append(env, "GOTOOLCHAIN="+tc)
	}
	program := filepath.Join(dir, "app")
	command(t, dir, env, "go", "build", "-o", program, ".")
	s := Setup{Executable: program, Toolchain: theApp(t).tc}
	for line := range strings.Lines(command(t, dir, env, "go", "list", "-deps", "-export", "-f", "{{.ImportPath}} {{.Export}} {{.Name}}", ".")) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		p := Package{Path: f[0], Archive: f[1]}
		if f[2] == "main" {
			p.Path = "main"
			p.Files = []File{{filepath.Join(dir, "main.go"), readFileOf(t, filepath.Join(dir, "main.go"))}}
		}
		s.Packages = append(s.Packages, p)
	}
	h, o := Open(s)
	if o != nil {
		t.Fatal(o)
	}
	t.Cleanup(h.Close)
	return h
}
