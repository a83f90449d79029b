package qr

import (
	"strings"
	"testing"
	"unicode/utf8"

	"rsc.io/qr"
)

// Each module of the code is where it belongs, in a quiet zone, dark on light and light
// on dark.
func TestLines(t *testing.T) {
	const text = "http://192.168.100.200:7777"
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		t.Fatal(err)
	}
	for _, inverted := range []bool{false, true} {
		lines := Lines(text, inverted)
		if want := (code.Size + 2*quiet + 1) / 2; len(lines) != want {
			t.Fatalf("%d lines, want %d", len(lines), want)
		}
		for y := -quiet; y < code.Size+quiet; y++ {
			line := []rune(lines[(y+quiet)/2])
			for x := -quiet; x < code.Size+quiet; x++ {
				half := "█▀"
				if (y+quiet)%2 == 1 {
					half = "█▄"
				}
				if ink := strings.ContainsRune(half, line[x+quiet]); ink != (code.Black(x, y) != inverted) {
					t.Fatalf("inverted %v: the module at %d, %d is wrong", inverted, x, y)
				}
			}
		}
		for i, l := range lines {
			if n := utf8.RuneCountInString(l); n != code.Size+2*quiet {
				t.Errorf("line %d has %d modules, want %d", i, n, code.Size+2*quiet)
			}
		}
	}
	if Lines(strings.Repeat("x", 10_000), false) != nil {
		t.Error("a code of more than one can hold")
	}
}
