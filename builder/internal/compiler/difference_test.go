package compiler

import (
	"encoding/binary"
	"testing"
)

// A package is the same whatever it imports, and whatever else its element refers to.
// Compilers leave references behind that nothing uses.
func TestDifferPackages(t *testing.T) {
	const one, two = "\x00\x00", "\x00\x01" // references to the two strings
	plain := exportsOf(t, "\x01"+one+"\x00\x00\x00")
	for name, c := range map[string]struct {
		element string
		differs bool
	}{
		"the same":                         {"\x01" + one + "\x00\x00\x00", false},
		"a reference that nothing uses":    {"\x02" + one + one + "\x01\x01\x00", false},
		"an unused one to another string":  {"\x02" + two + one + "\x01\x01\x00", false},
		"another path":                     {"\x02" + two + one + "\x00\x01\x00", true},
		"another name":                     {"\x02" + one + two + "\x00\x01\x00", true},
		"a path only, as the builtin ones": {"\x01" + one + "\x00", true},
		"an import":                        {"\x02" + one + "\x03\x00" + "\x00\x00\x01\x01", false},
	} {
		other := exportsOf(t, c.element)
		if got := Differ(plain, other); got.None() == c.differs {
			t.Errorf("%s: %+v", name, got)
		}
		if got := Differ(other, plain); got.None() == c.differs {
			t.Errorf("%s, the other way round: %+v", name, got)
		}
	}
}

// exportsOf returns the export data of a package without objects, whose element is given;
// the strings are "x" and "y".
func exportsOf(t *testing.T, pkg string) *Exports {
	const roots = "\x01\x03\x00\x00\x00" + "\x00\x00\x00"
	text := []byte("\n$$B\nu")
	for _, w := range []int{2, 0, 2, 4, 4, 5, 5, 5, 5, 5, 5, 5, 1, 2, 7, 10, 10 + len(pkg)} {
		text = binary.LittleEndian.AppendUint32(text, uint32(w))
	}
	e, err := ParseExports([]byte(string(text) + "xy" + roots + pkg + "12345678\n$$\n"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}
