package compiler

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"os"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// An Object is an object file of the compiler, as hashes of its two parts: the export
// data, which dependents read, and the code, which the linker reads.
type Object struct {
	Export, Code [sha256.Size]byte
	Print        Fingerprint
}

// A Fingerprint identifies a package's export data: eight bytes of a hash. Dependents
// record it, and the linker compares it. It is in the object, after [goobj.Magic], and at
// the end of the export data.
type Fingerprint [8]byte

var errNotArchive = errors.New("not an archive of the Go compiler")

// ReadArchive reads an archive as the compiler writes it (cmd/internal/archive):
// "!<arch>\n", then members with headers of 60 bytes, __.PKGDEF first. Each begins with
// a line "go object …" and a line "build id …", which does not depend on the content.
func ReadArchive(file string) (Object, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Object{}, err
	}
	a, err := split(data)
	if err != nil {
		return Object{}, err
	}
	if len(a.rest) > 0 {
		return Object{}, errNotArchive // it holds assembly or cgo
	}
	return *objectOf(a.export.Body, a.code.Body), nil
}

// An archive is the content of a file: what the compiler wrote, and what the assembler
// and cgo added.
type archive struct {
	export, code goobj.Member
	rest         []byte
}

func split(data []byte) (archive, error) {
	rest, ok := bytes.CutPrefix(data, []byte(goobj.ArchiveMagic))
	export, rest, first := goobj.Next(rest)
	code, rest, second := goobj.Next(rest)
	at := bytes.Index(code.Body, []byte(goobj.Magic))
	if !ok || !first || !second || export.Name != goobj.Exports || code.Name != "_go_.o" || !bytes.HasPrefix(code.Body, []byte(goobj.Prefix)) ||
		at < 0 || len(code.Body) < at+len(goobj.Magic)+len(Fingerprint{}) {
		return archive{}, errNotArchive
	}
	return archive{export, code, rest}, nil
}

// objectOf hashes what the compiler wrote into an archive.
func objectOf(export, code []byte) *Object {
	o := &Object{Export: hashWithoutBuildID(export), Code: hashWithoutBuildID(code)}
	copy(o.Print[:], code[bytes.Index(code, []byte(goobj.Magic))+len(goobj.Magic):])
	return o
}

// with returns the archive's file with other content in its members.
func (a archive) with(export, code []byte) []byte {
	file := goobj.AppendMember([]byte(goobj.ArchiveMagic), goobj.Member{Head: a.export.Head, Body: export})
	file = goobj.AppendMember(file, goobj.Member{Head: a.code.Head, Body: code})
	return append(file, a.rest...)
}

// rewrite writes the archive with other content, whose export data end with the fingerprint
// that the compiler would give them, to the file to. It returns what the compiler would
// have written; the file itself keeps the fingerprint that others know, which is returned
// too.
func (a archive) rewrite(to string, export []byte, c *code) (o *Object, known Fingerprint, err error) {
	inCode := c.b[len(goobj.Magic):][:len(known)]
	inExport := export[len(export)-len(exportEnd)-len(known):][:len(known)]
	copy(known[:], inCode)
	copy(inCode, inExport)
	o = objectOf(export, c.whole)
	copy(inExport, known[:])
	copy(inCode, known[:])
	return o, known, os.WriteFile(to, a.with(export, c.whole), 0o600)
}

// SetFingerprint gives an archive another Fingerprint. It returns an error if the old
// one is not in exactly the two places where it is known to be.
func SetFingerprint(file string, old, new Fingerprint) error {
	if old == new {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bytes.Count(data, old[:]) != 2 || !bytes.Contains(data, append([]byte(goobj.Magic), old[:]...)) {
		return errNotArchive
	}
	// The file may be linked elsewhere under another name: only this name gets the new
	// content.
	next := file + ".next"
	if err := os.WriteFile(next, bytes.ReplaceAll(data, old[:], new[:]), 0o600); err != nil {
		return err
	}
	return os.Rename(next, file)
}

// hashWithoutBuildID hashes body without the line of the build ID, which is near the
// beginning.
func hashWithoutBuildID(body []byte) (sum [sha256.Size]byte) {
	const mark = "\nbuild id "
	h := sha256.New()
	if i := bytes.Index(body[:min(len(body), 512)], []byte(mark)); i >= 0 {
		if j := bytes.IndexByte(body[i+1:], '\n'); j >= 0 {
			h.Write(body[:i])
			body = body[i+1+j:]
		}
	}
	h.Write(body)
	h.Sum(sum[:0])
	return sum
}
