package compiler

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestSameProgram(t *testing.T) {
	dir := t.TempDir()
	big := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // several chunks
	change := func(i int) []byte {
		out := bytes.Clone(big)
		out[i] ^= 1
		return out
	}
	x, y := filepath.Join(dir, "x"), filepath.Join(dir, "y")
	for name, c := range map[string]struct {
		a, b []byte
		want bool
	}{
		"equal":       {big, big, true},
		"empty":       {nil, nil, true},
		"first byte":  {big, change(0), false},
		"last byte":   {big, change(len(big) - 1), false},
		"chunk's end": {big, change(256<<10 - 1), false},
		"shorter":     {big, big[:len(big)-1], false},
	} {
		if err := os.WriteFile(x, c.a, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(y, c.b, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := SameProgram(x, y); got != c.want || err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := SameProgram(x, filepath.Join(dir, "none")); got || err != nil {
		t.Errorf("nothing published: %v, %v", got, err)
	}
	if got, err := SameProgram(x, dir); got || err != nil {
		t.Errorf("a folder: %v, %v", got, err)
	}
	if _, err := SameProgram(filepath.Join(dir, "none"), x); err == nil {
		t.Error("nothing built")
	}
}
