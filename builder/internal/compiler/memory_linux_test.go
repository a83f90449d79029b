package compiler

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// The least that any of the control groups allows counts; files that are only cached are
// not in use.
func TestAllowedMemory(t *testing.T) {
	mount := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(mount, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a/memory.max", "1000\n")
	write("a/memory.current", "700\n")
	write("a/memory.stat", "anon 100\nfile 600\ninactive_file 400\nactive_file 200\n")
	write("a/b/memory.max", "max\n")
	write("a/b/memory.current", "650\n")
	write("a/c/memory.max", "500\n")
	write("a/c/memory.current", "600\n")
	for _, c := range []struct {
		groups string
		want   uint64
	}{
		{"0::/a/b\n", 900},
		{"0::/a/c/d\n", 0},
		{"0::/\n", math.MaxUint64},
		{"1:memory:/a\n0::/other\n", math.MaxUint64},
		{"0::/a/../../b\n", math.MaxUint64},
		{"0::\n", math.MaxUint64},
		{"", math.MaxUint64},
	} {
		if got := allowedIn(mount, c.groups); got != c.want {
			t.Errorf("%q: %d, want %d", c.groups, got, c.want)
		}
	}
}
