package compiler

import (
	"bytes"
	"crypto/sha256"
	"errors"
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
	o, err := readObject(data)
	if err != nil {
		return Object{}, err
	}
	return *o, nil
}

const (
	archiveMagic = "!<arch>\n"
	memberHead   = 60 // bytes before a member
)

func readObject(data []byte) (*Object, error) {
	rest, ok := bytes.CutPrefix(data, []byte(archiveMagic))
	if !ok {
		return nil, errNotArchive
	}
	var a Object
	found := 0
	for len(rest) >= memberHead {
		name := strings.TrimSpace(string(rest[:16]))
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil || size < 0 || len(rest) < memberHead+size {
			return nil, errNotArchive
		}
		body := rest[memberHead : memberHead+size]
		switch name {
		case "__.PKGDEF":
			a.Export = hashWithoutBuildID(body)
			found++
		case "_go_.o":
			i := bytes.Index(body, []byte(objectMagic))
			if !bytes.HasPrefix(body, []byte("go object ")) || i < 0 || len(body) < i+len(objectMagic)+len(a.Print) {
				return nil, errNotArchive
			}
			copy(a.Print[:], body[i+len(objectMagic):])
			a.Code = hashWithoutBuildID(body)
			found++
		default:
			return nil, errNotArchive // it holds assembly or cgo
		}
		rest = rest[min(len(rest), memberHead+size+size%2):]
	}
	if found != 2 {
		return nil, errNotArchive
	}
	return &a, nil
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
