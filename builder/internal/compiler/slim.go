package compiler

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// Most of what the linker reads describes the program to a debugger: with net/http, more
// than half of all references between symbols, and nine of ten names of symbols of other
// objects. With -w it uses none of that, but still looks up each name, and follows each
// reference to find out what is reachable. A slim archive is one without it.

// The kinds of symbols that are for a debugger (SDWARFCUINFO to SDWARFADDR of
// cmd/internal/objabi), and of a function's references to them (AuxDwarfInfo to
// AuxDwarfLines of cmd/internal/goobj), with Go 1.26.
const (
	debugFrom, debugTo       = 12, 21
	auxDebugFrom, auxDebugTo = 3, 6
)

// Slim writes a slim copy of an archive of Go 1.26 to the file to. A linker that is given
// -w makes the same program of it, byte for byte; no compiler can read it. Slim returns an
// error if there is anything in the archive that it does not understand.
func Slim(file, to string) (err error) {
	defer func() {
		if recover() != nil {
			err = errNotArchive
		}
	}()
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(data, []byte(goobj.ArchiveMagic))
	if !ok {
		return errNotArchive
	}
	out := append(make([]byte, 0, len(data)), goobj.ArchiveMagic...)
	for len(rest) > 0 {
		var m goobj.Member
		if m, rest, ok = goobj.Next(rest); !ok {
			return errNotArchive
		}
		switch {
		case m.Name == goobj.Exports:
			continue // the linker does not read it
		case bytes.HasPrefix(m.Body, []byte(goobj.Prefix)):
			c, err := parseCode(m.Body)
			if err != nil {
				return err
			}
			head := len(c.whole) - len(c.b)
			m.Body = append(bytes.Clone(c.whole[:head]), c.slim()...)
		}
		out = goobj.AppendMember(out, m)
	}
	return os.WriteFile(to, out, 0o600)
}

// Slims are slim copies of archives, in a folder. They may be used from several
// goroutines, and the files may be removed at any time. Nil Slims have none.
type Slims struct {
	folder string

	mu   sync.Mutex        // guards the field below
	made map[string]string // by archive: the slim one; the archive itself if it has none
}

// NewSlims returns Slims that has none yet; it keeps them in an absolute folder.
func NewSlims(folder string) *Slims { return &Slims{folder: folder, made: map[string]string{}} }

// Add makes the slim copy of an archive, whose file must never change. It is not made if
// that is not possible.
func (s *Slims) Add(archive string) {
	s.mu.Lock()
	_, known := s.made[archive]
	file := filepath.Join(s.folder, strconv.Itoa(len(s.made))+".a")
	if !known {
		s.made[archive] = archive
	}
	s.mu.Unlock()
	if known || Slim(archive, file) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made[archive] = file
}

// Of returns the slim copy of an archive, or the archive itself if there is none.
func (s *Slims) Of(archive string) string {
	if s == nil {
		return archive
	}
	s.mu.Lock()
	file := s.made[archive]
	s.mu.Unlock()
	if _, err := os.Stat(file); err != nil {
		return archive
	}
	return file
}

// A slimmer makes a slim object of another.
type slimmer struct {
	*code
	symbols int      // the number of symbols that are defined in it
	named   int      // of these, those that are identified by name, which come last
	number  []uint32 // the new numbers of the symbols of other objects; 0 if it is removed

	out     []byte
	strings map[string]int // where they are in out
}

// slim returns the object without what is for a debugger. Symbols keep their numbers, and
// those for a debugger are empty. The symbols of other objects that only these refer to are
// removed, so the rest of them have new numbers.
func (c *code) slim() []byte {
	s := slimmer{
		code:    c,
		symbols: (c.block[goobj.BlockRefs] - c.block[goobj.BlockOwn]) / goobj.SymbolSize,
		named:   c.count(goobj.BlockNamed, goobj.SymbolSize),
		number:  make([]uint32, c.count(goobj.BlockRefs, goobj.SymbolSize)),
		out:     append(make([]byte, 0, len(c.b)), c.b[:goobj.OffsetsAt+4*goobj.BlockCount]...),
		strings: map[string]int{},
	}
	for i := range s.number {
		if !s.debug(s.symbols+i) && !strings.HasPrefix(s.text(s.symbol(s.symbols+i)), "go:info.") {
			s.number[i] = 1
		}
	}
	s.references(func(at int) {
		switch in, n := s.word(at), int(s.word(at+4)); {
		case in == goobj.InNone && n >= s.named:
			s.number[n-s.named] = 1
		case in == goobj.InNone && s.debug(s.symbols-s.named+n), in == goobj.InSelf && s.debug(n):
			panic(errNotArchive) // then it may be in the program
		}
	})
	next := uint32(s.named)
	for i, needed := range s.number {
		if needed != 0 {
			s.number[i] = next
			next++
		}
	}
	s.b = bytes.Clone(s.b)
	s.references(func(at int) {
		if n := int(s.word(at + 4)); s.word(at) == goobj.InNone && n >= s.named {
			binary.LittleEndian.PutUint32(s.b[at+4:], s.number[n-s.named])
		}
	})
	s.write()
	return s.out
}

func (s *slimmer) symbol(i int) (at int) { return s.block[goobj.BlockOwn] + i*goobj.SymbolSize }

// debug reports whether a symbol is for a debugger.
func (s *slimmer) debug(i int) bool {
	kind := s.b[s.symbol(i)+kindAt]
	return debugFrom <= kind && kind <= debugTo
}

// references calls f with the places of the references to symbols, apart from those in
// symbols for a debugger, or to them.
func (s *slimmer) references(f func(at int)) {
	described := map[uint32]bool{}
	for i := range s.symbols {
		s.each(goobj.BlockRelocs, i, func(at int) { f(at + relocAt) })
		s.each(goobj.BlockAux, i, func(at int) {
			f(at + auxAt)
			if s.b[at] != auxFuncInfo {
				return
			}
			if s.word(at+auxAt) != goobj.InSelf {
				panic(errNotArchive)
			}
			if info := s.word(at + auxAt + 4); !described[info] {
				described[info] = true
				s.inlined(int(info), f)
			}
		})
	}
	for at := s.block[goobj.BlockRefFlags]; at < s.block[goobj.BlockRefFlags+1]; at += goobj.RefFlagSize {
		f(at)
	}
}

// each calls f with the places of a symbol's entries in a block that are to be kept.
func (s *slimmer) each(block, symbol int, f func(at int)) {
	if s.debug(symbol) {
		return
	}
	index, size := goobj.BlockRelocIndex, goobj.RelocSize
	if block == goobj.BlockAux {
		index, size = goobj.BlockAuxIndex, goobj.AuxSize
	}
	from, to := s.entries(index, symbol)
	for i := from; i < to; i++ {
		at := s.block[block] + i*size
		if kind := s.b[at]; block == goobj.BlockAux && auxDebugFrom <= kind && kind <= auxDebugTo {
			continue
		}
		f(at)
	}
}

// write writes the blocks, in the order of the file.
func (s *slimmer) write() {
	var texts []int
	texts = s.places(texts, goobj.BlockAutolib, goobj.LibSize)
	texts = s.places(texts, goobj.BlockPackages, goobj.StringSize)
	texts = s.places(texts, goobj.BlockFiles, goobj.StringSize)
	for i := range s.symbols + len(s.number) {
		if s.kept(i) {
			texts = append(texts, s.symbol(i))
		}
	}
	for _, at := range texts {
		if t := s.text(at); t != "" {
			if _, has := s.strings[t]; !has {
				s.strings[t] = len(s.out)
				s.out = append(s.out, t...)
			}
		}
	}
	for _, block := range []struct{ n, size int }{{goobj.BlockAutolib, goobj.LibSize}, {goobj.BlockPackages, goobj.StringSize}, {goobj.BlockFiles, goobj.StringSize}} {
		s.begin(block.n)
		for _, at := range s.places(nil, block.n, block.size) {
			s.entry(at, block.size)
		}
	}
	i := 0
	for block := goobj.BlockOwn; block <= goobj.BlockRefs; block++ {
		s.begin(block)
		for range s.count(block, goobj.SymbolSize) {
			switch {
			case s.kept(i):
				s.entry(s.symbol(i), goobj.SymbolSize)
			case i < s.symbols: // without name and size
				var empty [goobj.SymbolSize]byte
				copy(empty[8:13], s.b[s.symbol(i)+8:])
				s.out = append(s.out, empty[:]...)
			}
			i++
		}
	}
	for _, block := range []int{goobj.BlockRefFlags, goobj.BlockHash64, goobj.BlockHash} {
		s.begin(block)
		s.out = append(s.out, s.b[s.block[block]:s.block[block+1]]...)
	}
	relocs := s.index(goobj.BlockRelocIndex, func(i int) (text []byte) {
		s.each(goobj.BlockRelocs, i, func(at int) { text = append(text, s.b[at:at+goobj.RelocSize]...) })
		return text
	}, goobj.RelocSize)
	aux := s.index(goobj.BlockAuxIndex, func(i int) (text []byte) {
		s.each(goobj.BlockAux, i, func(at int) { text = append(text, s.b[at:at+goobj.AuxSize]...) })
		return text
	}, goobj.AuxSize)
	data := s.index(goobj.BlockDataIndex, func(i int) []byte {
		if s.debug(i) {
			return nil
		}
		return s.data(i)
	}, 1)
	for i, text := range [][]byte{relocs, aux, data} {
		s.begin(goobj.BlockRelocs + i)
		s.out = append(s.out, text...)
	}
	s.begin(goobj.BlockRefNames) // for tools that print objects
	s.begin(goobj.BlockEnd)
	s.out = append(s.out, 0) // the linker takes the address of what follows the last entry of a block
}

// kept reports whether a symbol keeps its name; those of other objects come after all that
// are defined.
func (s *slimmer) kept(i int) bool {
	if i >= s.symbols {
		return s.number[i-s.symbols] != 0
	}
	return !s.debug(i)
}

// places appends the places of a block's entries.
func (s *slimmer) places(to []int, block, size int) []int {
	for at := s.block[block]; at < s.block[block+1]; at += size {
		to = append(to, at)
	}
	return to
}

// begin records that a block begins here.
func (s *slimmer) begin(block int) {
	binary.LittleEndian.PutUint32(s.out[goobj.OffsetsAt+4*block:], uint32(len(s.out)))
}

// entry writes an entry that begins with a string.
func (s *slimmer) entry(at, size int) {
	to := len(s.out)
	s.out = append(s.out, s.b[at:at+size]...)
	binary.LittleEndian.PutUint32(s.out[to+4:], uint32(s.strings[s.text(at)]))
}

// index writes an index of what belongs to each symbol, in units of size, and returns
// all of that.
func (s *slimmer) index(block int, of func(symbol int) []byte, size int) (all []byte) {
	s.begin(block)
	for i := range s.symbols {
		s.out = binary.LittleEndian.AppendUint32(s.out, uint32(len(all)/size))
		all = append(all, of(i)...)
	}
	s.out = binary.LittleEndian.AppendUint32(s.out, uint32(len(all)/size))
	return all
}
