package compiler

import (
	"bytes"
	"debug/elf"
	"errors"
	"io"
	"io/fs"
	"os"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// SameProgram reports whether two binaries are equal byte for byte, apart from the
// build IDs in an ELF file. Build IDs depend on the sources, so even a changed comment
// changes them. A published path that does not exist, or that is not a regular file,
// equals nothing.
func SameProgram(built, published string) (bool, error) {
	f, err := os.Open(built)
	if err != nil {
		return false, err
	}
	defer f.Close()
	g, err := os.Open(published)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, nil // an unreadable file will be replaced
	}
	defer g.Close()
	fs, err := f.Stat()
	if err != nil {
		return false, err
	}
	gs, err := g.Stat()
	if err != nil || !gs.Mode().IsRegular() || fs.Size() != gs.Size() || gs.Mode().Perm()&0o100 != fs.Mode().Perm()&0o100 {
		return false, nil
	}
	const chunk = 256 << 10 // large enough to make the calls cheap, small enough to stay in the cache
	x, y := make([]byte, chunk), make([]byte, chunk)
	ids := buildIDs(f)
	for at := int64(0); ; at += chunk {
		n, errX := io.ReadFull(f, x)
		m, errY := io.ReadFull(g, y)
		if errY != nil && errY != io.EOF && errY != io.ErrUnexpectedEOF {
			return false, nil
		}
		if errX != nil && errX != io.EOF && errX != io.ErrUnexpectedEOF {
			return false, errX
		}
		for _, id := range ids { // the other file's are in the same places, or its headers differ
			id.blank(x[:n], at)
			id.blank(y[:m], at)
		}
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		if errX != nil {
			return true, nil
		}
	}
}

// A span is a range of bytes in a file.
type span struct{ from, to int64 }

// blank clears the part of the span that lies in a chunk read at offset at.
func (s span) blank(chunk []byte, at int64) {
	from, to := max(s.from-at, 0), min(s.to-at, int64(len(chunk)))
	if from < to {
		clear(chunk[from:to])
	}
}

// buildIDs returns the places of Go's and of the linker's build ID in an ELF file; none
// for any other file.
func buildIDs(r io.ReaderAt) []span {
	f, err := elf.NewFile(r)
	if err != nil {
		return nil
	}
	var ids []span
	for _, name := range []string{".note.go.buildid", ".note.gnu.build-id"} {
		if s := f.Section(name); s != nil {
			ids = append(ids, span{int64(s.Offset), int64(s.Offset + s.FileSize)})
		}
	}
	return ids
}

// SameArchive reports whether two archives of a package have the same code, byte for
// byte, and export data that say the same. The order of export data may differ: it
// depends on which imports have a copy of what the package refers to. Build IDs and the
// package's own fingerprint do not count.
func SameArchive(a, b string) (bool, error) {
	var code [2][]byte
	var exports [2]*Exports
	for i, file := range []string{a, b} {
		c, err := readCode(file)
		if err != nil {
			return false, err
		}
		if exports[i], err = ReadExports(file); err != nil {
			return false, err
		}
		code[i] = c.b
		clear(code[i][len(goobj.Magic):][:len(Fingerprint{})])
	}
	d := Differ(exports[0], exports[1])
	return d.None() && bytes.Equal(code[0], code[1]), nil
}
