package compiler

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
)

// A code is the object in an archive, which the linker reads: a table of symbols, with
// their references to others (cmd/internal/goobj in the toolchain). Offsets are from the
// beginning of b.
type code struct {
	whole []byte // the member of the archive
	b     []byte // the part of it from objectMagic on
	block [blocks + 1]int
}

// The blocks of an object, in the order of the file. The symbols of the first four are
// counted together, in that order.
const (
	blockAutolib = iota
	blockPackages
	blockFiles
	blockOwn    // symbols that others refer to by number
	blockShort  // those that are identified by their content, which is short
	blockHashed // or by a hash of it
	blockNamed  // or by name
	blockNamedRefs
	blockRefFlags
	blockShortHashes
	blockHashes
	blockRelocIndex
	blockAuxIndex
	blockDataIndex
	blockRelocs
	blockAux
	blockData
	blockRefNames
	blocks
)

// The numbers of "packages" that are none: how a symbol is identified. The numbers of
// packages begin with 1.
const (
	inNamed = 1<<31 - 1 - iota
	inShort
	inHashed
	inBuiltin
	inOwn
)

// The sizes of entries in bytes, and where a reference is in them.
const (
	symbolSize  = 21
	relocSize   = 23
	relocAt     = 15
	auxSize     = 9
	auxAt       = 1
	refFlagSize = 10
	refNameSize = 16
	hashSize    = 16
)

func readCode(file string) (*code, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	a, err := split(data)
	if err != nil {
		return nil, err
	}
	return parseCode(a.code.body)
}

func parseCode(member []byte) (*code, error) {
	i := bytes.Index(member, []byte(objectMagic))
	if i < 0 || !bytes.HasPrefix(member, []byte("go object ")) {
		return nil, errNotArchive
	}
	c := &code{whole: member, b: member[i:]}
	const offsets = len(objectMagic) + len(Fingerprint{}) + 4 // after the flags
	for i := range c.block {
		if len(c.b) < offsets+4*(i+1) {
			return nil, errNotArchive
		}
		c.block[i] = int(binary.LittleEndian.Uint32(c.b[offsets+4*i:]))
		if c.block[i] > len(c.b) || i > 0 && c.block[i] < c.block[i-1] {
			return nil, errNotArchive
		}
	}
	return c, nil
}

func (c *code) word(at int) uint32 { return binary.LittleEndian.Uint32(c.b[at:]) }

// text reads a reference to a string.
func (c *code) text(at int) string {
	n, from := int(c.word(at)), int(c.word(at+4))
	return string(c.b[from : from+n])
}

// count returns the number of entries in a block.
func (c *code) count(block, size int) int { return (c.block[block+1] - c.block[block]) / size }

// ownName returns the name of one of the object's own symbols; "" if there is none.
func (c *code) ownName(number uint32) string {
	if int(number) >= c.count(blockOwn, symbolSize) {
		return ""
	}
	return c.text(c.block[blockOwn] + int(number)*symbolSize)
}

// entries returns what belongs to a symbol: a range of an index.
func (c *code) entries(index, symbol int) (from, to int) {
	at := c.block[index] + 4*symbol
	if at+8 > c.block[index+1] {
		panic(errNotArchive)
	}
	return int(c.word(at)), int(c.word(at + 4))
}

func (c *code) data(symbol int) []byte {
	from, to := c.entries(blockDataIndex, symbol)
	return c.b[c.block[blockData]+from : c.block[blockData]+to]
}

// renumber gives new numbers to the references to the package in the object of another,
// and reports whether there are any that change.
func (n *Numbers) renumber(c *code, path string) (changed bool, err error) {
	number, prefix := uint32(0), symbolPrefix(n.path)
	for i := range c.count(blockPackages, 8) {
		if i > 0 && c.text(c.block[blockPackages]+8*i) == prefix {
			number = uint32(i)
		}
	}
	reference := func(at int) {
		if number == 0 || c.word(at) != number {
			return
		}
		s, known := n.symbols[c.word(at+4)]
		if !known {
			panic(errNumbers)
		}
		changed = changed || s.now != c.word(at+4)
		binary.LittleEndian.PutUint32(c.b[at+4:], s.now)
	}
	for at := c.block[blockRefNames]; at < c.block[blockRefNames+1]; at += refNameSize {
		name := c.text(at + 8)
		if c.word(at) == number && name != n.symbols[c.word(at+4)].name || c.word(at) != number && strings.HasPrefix(name, prefix+".") {
			return false, errNumbers
		}
		reference(at)
	}
	if number == 0 {
		return false, nil
	}
	// What is known of hashes must explain those that the compiler wrote.
	hashed := c.hashesOver(number)
	for _, i := range hashed {
		if !bytes.Equal(c.contentHash(i, path), c.hash(i)) {
			return false, errNumbers
		}
	}
	for at := c.block[blockRefFlags]; at < c.block[blockRefFlags+1]; at += refFlagSize {
		reference(at)
	}
	for at := c.block[blockRelocs]; at < c.block[blockRelocs+1]; at += relocSize {
		reference(at + relocAt)
	}
	for at := c.block[blockAux]; at < c.block[blockAux+1]; at += auxSize {
		reference(at + auxAt)
		const funcInfo = 1
		if c.b[at] == funcInfo && c.word(at+auxAt) == inOwn {
			c.inlined(int(c.word(at+auxAt+4)), reference)
		}
	}
	for _, i := range hashed { // those that they refer to come first
		copy(c.hash(i), c.contentHash(i, path))
	}
	return changed, nil
}

// inlined calls reference with the places of the references to functions that were
// inlined in another, given the symbol that describes that one.
func (c *code) inlined(info int, reference func(at int)) {
	from, to := c.entries(blockDataIndex, info)
	from, to = c.block[blockData]+from, c.block[blockData]+to
	const files, node, function = 16, 24, 12 // offsets, and the size of a node
	at := from + files
	at += 4 + 4*int(c.word(at))
	count := int(c.word(at))
	if at+4+count*node != to {
		panic(errNumbers)
	}
	for i := range count {
		reference(at + 4 + i*node + function)
	}
}

// hashesOver returns the symbols, by their place among the hashed ones, whose hashes
// depend on the numbers of a package's symbols. A symbol comes after those that it refers
// to.
func (c *code) hashesOver(number uint32) (found []int) {
	over := map[int]bool{}
	var visit func(i int) bool
	visit = func(i int) bool {
		if is, known := over[i]; known {
			return is
		}
		over[i] = false
		is := false
		from, to := c.entries(blockRelocIndex, c.hashedAt(i))
		for r := from; r < to; r++ {
			at := c.block[blockRelocs] + r*relocSize + relocAt
			is = c.word(at) == number || c.word(at) == inHashed && visit(int(c.word(at+4))) || is
		}
		if over[i] = is; is {
			found = append(found, i)
		}
		return is
	}
	for i := range c.count(blockHashed, symbolSize) {
		visit(i)
	}
	return found
}

// hashedAt returns the index of a hashed symbol among all symbols.
func (c *code) hashedAt(i int) int {
	return c.count(blockOwn, symbolSize) + c.count(blockShort, symbolSize) + i
}

func (c *code) hash(i int) []byte {
	at := c.block[blockHashes] + i*hashSize
	return c.b[at : at+hashSize]
}

// contentHash computes the hash of a symbol's content, as the compiler does, in an
// object of path.
func (c *code) contentHash(i int, path string) []byte {
	symbol := c.block[blockHashed] + i*symbolSize
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(c.word(symbol+13))))
	h.Write([]byte{sectionOf(c.text(symbol))})
	h.Write(bytes.TrimRight(c.data(c.hashedAt(i)), "\x00"))
	from, to := c.entries(blockRelocIndex, c.hashedAt(i))
	for r := from; r < to; r++ {
		at := c.block[blockRelocs] + r*relocSize
		h.Write(c.b[at : at+5])    // where, and of what size
		h.Write(c.b[at+5 : at+6])  // the type, without its second byte
		h.Write(c.b[at+7 : at+15]) // what is added
		in, number := c.word(at+relocAt), c.word(at+relocAt+4)
		switch in {
		case inShort:
			var content [8]byte
			copy(content[:], c.data(c.count(blockOwn, symbolSize)+int(number)))
			h.Write([]byte{0})
			h.Write(content[:])
		case inHashed:
			h.Write([]byte{1})
			h.Write(c.hash(int(number)))
		case inNamed:
			h.Write([]byte{2})
			h.Write([]byte(c.text(c.block[blockNamed] + int(number)*symbolSize)))
		case inBuiltin:
			h.Write([]byte{3})
			h.Write(c.b[at+relocAt+4 : at+relocSize])
		case inOwn:
			h.Write([]byte(symbolPrefix(path)))
			h.Write(c.b[at+relocAt+4 : at+relocSize])
		default:
			h.Write([]byte(c.text(c.block[blockPackages] + 8*int(in))))
			h.Write(c.b[at+relocAt+4 : at+relocSize])
		}
	}
	return h.Sum(nil)[:hashSize]
}

// sectionOf returns the compiler's mark for a section in which a symbol must be, by its
// name.
func sectionOf(name string) byte {
	for _, prefix := range []string{"gcargs.", "gclocals.", "gclocals·"} {
		if strings.HasPrefix(name, prefix) {
			return 'F'
		}
	}
	for _, suffix := range []string{".opendefer", ".arginfo0", ".arginfo1", ".argliveinfo", ".wrapinfo", ".args_stackmap", ".stkobj"} {
		if strings.HasSuffix(name, suffix) {
			return 'F'
		}
	}
	if strings.HasPrefix(name, "type:") {
		return 'T'
	}
	return 0
}

// symbolPrefix returns how a package's path begins the names of its symbols.
func symbolPrefix(path string) string {
	slash := strings.LastIndexByte(path, '/')
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c <= ' ' || c == '.' && i > slash || c == '%' || c == '"' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02x", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
