package compiler

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

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
	f.Add([]byte("!<arch>\n" + member("__.PKGDEF", def) + member("_go_.o", "go object linux amd64 go1.26\nbuild id \"a/b\"\n\n!\n"+goobj.Magic+"12345678rest")))
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
		a, err := ReadArchive(file)
		if err != nil {
			return
		}
		other := a.Print
		other[0]++
		if SetFingerprint(file, a.Print, other) != nil {
			return
		}
		b, err := ReadArchive(file)
		if err != nil || b.Print != other {
			t.Errorf("another fingerprint: %v, %x", err, b.Print)
		}
	})
}

// FuzzExports: no export data make their reader panic, nor the comparison with
// themselves, which finds nothing.
func FuzzExports(f *testing.F) {
	text := func(words ...uint32) string {
		b := []byte("go object linux amd64\nbuild id \"a\"\n\n$$B\nu")
		for _, w := range words {
			b = binary.LittleEndian.AppendUint32(b, w)
		}
		return string(b)
	}
	// A package x without objects: a string, two roots, the package.
	const pkg = "x\x01\x03\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"
	f.Add([]byte(text(2, 0, 1, 3, 3, 4, 4, 4, 4, 4, 4, 4, 1, 6, 9, 13) + pkg + "12345678\n$$\n"))
	f.Add([]byte(text(2, 0) + "\n$$\n"))
	f.Add([]byte(text(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) + "12345678\n$$\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := ParseExports(data)
		if err != nil {
			return
		}
		if d := Differ(e, e); !d.Whole && len(d.Names)+len(d.own) > 0 {
			t.Errorf("it differs from itself: %v", d)
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
