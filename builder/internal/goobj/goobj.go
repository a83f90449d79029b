// Package goobj describes the files that the Go compiler and assembler write: archives,
// and the objects in them. It has the layout only; what is in an object is known to those
// who read it. The format is described in GOROOT/src/cmd/internal/goobj/objfile.go; its
// version is in Magic.
package goobj

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	// ArchiveMagic is what an archive begins with.
	ArchiveMagic = "!<arch>\n"
	// HeadSize is the size of what is before each member of an archive, in bytes.
	HeadSize = 60
	// Exports is the name of the member with export data. It comes first, and the object
	// that the compiler wrote is next.
	Exports = "__.PKGDEF"
	// Prefix is what members with objects and export data begin with.
	Prefix = "go object "
	// Magic is what an object begins with, after some lines of text in its member.
	Magic = "\x00go120ld"
)

// A Member is a member of an archive.
type Member struct {
	Name       string
	Head, Body []byte
}

// ReadHead returns the name of a member and the size of its body. ok is false if b does
// not begin with the head of a member.
func ReadHead(b []byte) (name string, size int, ok bool) {
	if len(b) < HeadSize {
		return "", 0, false
	}
	size, err := strconv.Atoi(strings.TrimSpace(string(b[48:58])))
	return strings.TrimSpace(string(b[:16])), size, err == nil && size >= 0
}

// Next cuts the first member off the rest of an archive, which follows ArchiveMagic or
// another member. ok is false if there is no whole member.
func Next(rest []byte) (m Member, after []byte, ok bool) {
	name, size, ok := ReadHead(rest)
	if !ok || len(rest) < HeadSize+size {
		return Member{}, rest, false
	}
	m = Member{name, rest[:HeadSize], rest[HeadSize : HeadSize+size]}
	return m, rest[min(len(rest), HeadSize+size+size%2):], true
}

// AppendMember appends a member to an archive, with the size of its body in its head.
func AppendMember(to []byte, m Member) []byte {
	at := len(to)
	to = append(to, m.Head...)
	copy(to[at+48:at+58], fmt.Sprintf("%-10d", len(m.Body)))
	if to = append(to, m.Body...); len(m.Body)%2 == 1 {
		to = append(to, 0)
	}
	return to
}

// Where the offsets of the blocks are in an object: after Magic, the fingerprint and the
// flags.
const (
	FlagsAt   = 16
	OffsetsAt = 20
)

// The blocks of an object, in the order of the file. From BlockOwn to BlockRefs they are
// symbols, which are counted together in this order.
const (
	BlockAutolib = iota
	BlockPackages
	BlockFiles
	BlockOwn   // symbols that others refer to by number
	BlockShort // those that are identified by their content, which is short
	BlockLong  // or by a hash of it
	BlockNamed // or by name
	BlockRefs  // symbols of other objects, by name
	BlockRefFlags
	BlockHash64
	BlockHash
	BlockRelocIndex
	BlockAuxIndex
	BlockDataIndex
	BlockRelocs
	BlockAux
	BlockData
	BlockRefNames
	BlockEnd
	BlockCount
)

// The sizes of the entries of blocks, in bytes.
const (
	StringSize  = 4 + 4 // a reference to a string
	LibSize     = StringSize + 8
	SymbolSize  = StringSize + 2 + 1 + 1 + 1 + 4 + 4
	RelocSize   = 4 + 1 + 2 + 8 + 8
	AuxSize     = 1 + 8
	RefFlagSize = 8 + 2
	RefNameSize = 8 + StringSize
	HashSize    = 16
)

// The numbers of "packages" that are none: how a symbol is identified. The numbers of
// packages begin with 1.
const (
	InNone    = 1<<31 - 1 - iota // by name
	InShort                      // by content
	InLong                       // by a hash of it
	InBuiltin                    // as one of the compiler's list of runtime functions
	InSelf                       // as one of the object's own
)

// PathInNames returns how a package's path begins the names of its symbols
// (cmd/internal/objabi.PathToPrefix).
func PathInNames(path string) string {
	slash := strings.LastIndexByte(path, '/')
	var b []byte
	for i := range len(path) {
		if c := path[i]; c <= ' ' || i >= slash && c == '.' || c == '%' || c == '"' || c >= 0x7f {
			b = fmt.Appendf(b, "%%%02x", c)
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
