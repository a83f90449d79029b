package compiler

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A code is the object in an archive, which the linker reads: a table of symbols, with
// their references to others (cmd/internal/goobj in the toolchain). Offsets are from the
// beginning of b.
type code struct {
	whole []byte // the member of the archive
	b     []byte // the part of it from goobj.Magic on
	block [goobj.BlockCount]int
}

// Where a reference, or the kind of a symbol, is in an entry.
const (
	relocAt = 15
	auxAt   = 1
	kindAt  = 10
)

// The kinds of symbols that are functions (cmd/internal/objabi).
const (
	isText     = 1
	isTextFIPS = 2
)

// auxFuncInfo is the kind of a function's reference to what describes it at run time.
const auxFuncInfo = 1

func readCode(file string) (*code, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	a, err := split(data)
	if err != nil {
		return nil, err
	}
	return parseCode(a.code.Body)
}

func parseCode(member []byte) (*code, error) {
	i := bytes.Index(member, []byte(goobj.Magic))
	if i < 0 || !bytes.HasPrefix(member, []byte(goobj.Prefix)) {
		return nil, errNotArchive
	}
	c := &code{whole: member, b: member[i:]}
	for i := range c.block {
		if len(c.b) < goobj.OffsetsAt+4*(i+1) {
			return nil, errNotArchive
		}
		c.block[i] = int(binary.LittleEndian.Uint32(c.b[goobj.OffsetsAt+4*i:]))
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
	if int(number) >= c.count(goobj.BlockOwn, goobj.SymbolSize) {
		return ""
	}
	return c.text(c.block[goobj.BlockOwn] + int(number)*goobj.SymbolSize)
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
	from, to := c.entries(goobj.BlockDataIndex, symbol)
	return c.b[c.block[goobj.BlockData]+from : c.block[goobj.BlockData]+to]
}

// renumber gives new numbers to the references to the package in the object of another,
// and reports whether there are any that change.
func (n *Numbers) renumber(c *code, path string) (changed bool, err error) {
	number, prefix := uint32(0), goobj.PathInNames(n.path)
	for i := range c.count(goobj.BlockPackages, goobj.StringSize) {
		if i > 0 && c.text(c.block[goobj.BlockPackages]+goobj.StringSize*i) == prefix {
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
	for at := c.block[goobj.BlockRefNames]; at < c.block[goobj.BlockRefNames+1]; at += goobj.RefNameSize {
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
	for at := c.block[goobj.BlockRefFlags]; at < c.block[goobj.BlockRefFlags+1]; at += goobj.RefFlagSize {
		reference(at)
	}
	for at := c.block[goobj.BlockRelocs]; at < c.block[goobj.BlockRelocs+1]; at += goobj.RelocSize {
		reference(at + relocAt)
	}
	for at := c.block[goobj.BlockAux]; at < c.block[goobj.BlockAux+1]; at += goobj.AuxSize {
		reference(at + auxAt)
		if c.b[at] == auxFuncInfo && c.word(at+auxAt) == goobj.InSelf {
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
	from, to := c.entries(goobj.BlockDataIndex, info)
	from, to = c.block[goobj.BlockData]+from, c.block[goobj.BlockData]+to
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
		from, to := c.entries(goobj.BlockRelocIndex, c.hashedAt(i))
		for r := from; r < to; r++ {
			at := c.block[goobj.BlockRelocs] + r*goobj.RelocSize + relocAt
			is = c.word(at) == number || c.word(at) == goobj.InLong && visit(int(c.word(at+4))) || is
		}
		if over[i] = is; is {
			found = append(found, i)
		}
		return is
	}
	for i := range c.count(goobj.BlockLong, goobj.SymbolSize) {
		visit(i)
	}
	return found
}

// hashedAt returns the index of a hashed symbol among all symbols.
func (c *code) hashedAt(i int) int {
	return c.count(goobj.BlockOwn, goobj.SymbolSize) + c.count(goobj.BlockShort, goobj.SymbolSize) + i
}

func (c *code) hash(i int) []byte {
	at := c.block[goobj.BlockHash] + i*goobj.HashSize
	return c.b[at : at+goobj.HashSize]
}

// contentHash computes the hash of a symbol's content, as the compiler does, in an
// object of path.
func (c *code) contentHash(i int, path string) []byte {
	symbol := c.block[goobj.BlockLong] + i*goobj.SymbolSize
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(c.word(symbol+13))))
	kind, name := c.b[symbol+kindAt], c.text(symbol)
	h.Write([]byte{sectionOf(kind, name)})
	if kind == isText || kind == isTextFIPS { // closures, since Go 1.27
		h.Write([]byte(name))
	}
	h.Write(bytes.TrimRight(c.data(c.hashedAt(i)), "\x00"))
	from, to := c.entries(goobj.BlockRelocIndex, c.hashedAt(i))
	for r := from; r < to; r++ {
		at := c.block[goobj.BlockRelocs] + r*goobj.RelocSize
		h.Write(c.b[at : at+5])    // where, and of what size
		h.Write(c.b[at+5 : at+6])  // the type, without its second byte
		h.Write(c.b[at+7 : at+15]) // what is added
		in, number := c.word(at+relocAt), c.word(at+relocAt+4)
		switch {
		case in == 0:
			h.Write([]byte("nil symbol"))
			continue
		case in == goobj.InLong && int(number) == i:
			h.Write([]byte("self symbol"))
			continue
		}
		switch in {
		case goobj.InShort:
			var content [8]byte
			copy(content[:], c.data(c.count(goobj.BlockOwn, goobj.SymbolSize)+int(number)))
			h.Write([]byte{0})
			h.Write(content[:])
		case goobj.InLong:
			h.Write([]byte{1})
			h.Write(c.hash(int(number)))
		case goobj.InNone:
			h.Write([]byte{2})
			h.Write([]byte(c.text(c.block[goobj.BlockNamed] + int(number)*goobj.SymbolSize)))
		case goobj.InBuiltin:
			h.Write([]byte{3})
			h.Write(c.b[at+relocAt+4 : at+goobj.RelocSize])
		case goobj.InSelf:
			h.Write([]byte(goobj.PathInNames(path)))
			h.Write(c.b[at+relocAt+4 : at+goobj.RelocSize])
		default:
			h.Write([]byte(c.text(c.block[goobj.BlockPackages] + 8*int(in))))
			h.Write(c.b[at+relocAt+4 : at+goobj.RelocSize])
		}
	}
	return h.Sum(nil)[:goobj.HashSize]
}

// sectionOf returns the compiler's mark for a section in which a symbol must be, by its
// kind and its name.
func sectionOf(kind byte, name string) byte {
	switch kind {
	case isText:
		return 't'
	case isTextFIPS:
		return 'f'
	}
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
