package compiler

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// An Object is an object file of the compiler, as hashes of its two parts: the export
// data, which dependents read, and the code, which the linker reads.
type Object struct {
	Export, Code [sha256.Size]byte
	Print        Fingerprint
}

// A Fingerprint identifies a package's export data: eight bytes of a hash. Dependents
// record it, and the linker compares it. It is in the object, after objectMagic, and at
// the end of the export data.
type Fingerprint [8]byte

const objectMagic = "\x00go120ld"

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
	return *objectOf(a.export.body, a.code.body), nil
}

const (
	archiveMagic = "!<arch>\n"
	memberHead   = 60 // bytes before a member
)

// An archive is the content of a file: what the compiler wrote, and what the assembler
// and cgo added.
type archive struct {
	export, code member
	rest         []byte
}

// A member is one file of an archive.
type member struct {
	head []byte // 60 bytes
	body []byte
}

func split(data []byte) (a archive, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(archiveMagic))
	next := func(name string) (m member) {
		if !ok || len(rest) < memberHead {
			ok = false
			return m
		}
		m.head = rest[:memberHead]
		size, err := strconv.Atoi(strings.TrimSpace(string(m.head[48:58])))
		if err != nil || size < 0 || len(rest) < memberHead+size || strings.TrimSpace(string(m.head[:16])) != name {
			ok = false
			return m
		}
		m.body = rest[memberHead : memberHead+size]
		rest = rest[min(len(rest), memberHead+size+size%2):]
		return m
	}
	a.export, a.code = next("__.PKGDEF"), next("_go_.o")
	at := bytes.Index(a.code.body, []byte(objectMagic))
	if !ok || !bytes.HasPrefix(a.code.body, []byte("go object ")) || at < 0 || len(a.code.body) < at+len(objectMagic)+len(Fingerprint{}) {
		return archive{}, errNotArchive
	}
	a.rest = rest
	return a, nil
}

// objectOf hashes what the compiler wrote into an archive.
func objectOf(export, code []byte) *Object {
	o := &Object{Export: hashWithoutBuildID(export), Code: hashWithoutBuildID(code)}
	copy(o.Print[:], code[bytes.Index(code, []byte(objectMagic))+len(objectMagic):])
	return o
}

// with returns the archive's file with other content in its members.
func (a archive) with(export, code []byte) []byte {
	file := []byte(archiveMagic)
	for _, m := range []member{{a.export.head, export}, {a.code.head, code}} {
		at := len(file)
		file = append(file, m.head...)
		copy(file[at+48:at+58], fmt.Sprintf("%-10d", len(m.body)))
		if file = append(file, m.body...); len(m.body)%2 == 1 {
			file = append(file, 0)
		}
	}
	return append(file, a.rest...)
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
	if bytes.Count(data, old[:]) != 2 || !bytes.Contains(data, append([]byte(objectMagic), old[:]...)) {
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
