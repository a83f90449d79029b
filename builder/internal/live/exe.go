package live

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"strings"
)

// An executable is the program as the linker wrote it.
type executable struct {
	b       []byte
	mapped  bool
	parts   []part
	symbols map[string]uint64 // by name in the symbol table, without ambiguous names
	machine elf.Machine
	// The addresses from which offsets in the runtime's tables count.
	text, etext, types, rodata uint64
}

// A part is a range of memory with its content.
type part struct {
	addr uint64
	b    []byte
	size uint64 // zero-filled part included
	off  uint64 // in the file
}

// openExecutable reads an ELF executable with fixed addresses.
func openExecutable(path string) (*executable, error) {
	b, mapped, err := mapFile(path)
	if err != nil {
		return nil, err
	}
	x := &executable{b: b, mapped: mapped, symbols: map[string]uint64{}}
	if err := x.read(); err != nil {
		x.close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

func (x *executable) close() {
	if x.mapped {
		unmapFile(x.b)
	}
	x.b, x.parts, x.mapped = nil, nil, false
}

func (x *executable) read() error {
	f, err := elf.NewFile(bytes.NewReader(x.b))
	if err != nil {
		return err
	}
	if f.Type != elf.ET_EXEC {
		return errors.New("the executable is position-independent")
	}
	x.machine = f.Machine
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD {
			if p.Off+p.Filesz > uint64(len(x.b)) {
				return errors.New("the executable is cut short")
			}
			x.parts = append(x.parts, part{p.Vaddr, x.b[p.Off : p.Off+p.Filesz], p.Memsz, p.Off})
		}
	}
	syms, err := f.Symbols()
	if err != nil {
		return fmt.Errorf("the symbol table (-ldflags=-s leaves it out): %w", err)
	}
	twice := map[string]bool{}
	for _, s := range syms {
		if s.Name == "" || s.Value == 0 {
			continue
		}
		if _, ok := x.symbols[s.Name]; ok {
			twice[s.Name] = true
		}
		x.symbols[s.Name] = s.Value
	}
	for name, p := range map[string]*uint64{"runtime.text": &x.text, "runtime.etext": &x.etext, "runtime.types": &x.types, "runtime.rodata": &x.rodata} {
		if *p = x.symbols[name]; *p == 0 {
			return fmt.Errorf("no symbol %s", name)
		}
	}
	for name := range twice {
		delete(x.symbols, name)
	}
	return nil
}

// mem returns n bytes of the program's memory as it is at its start, or nil outside of
// it.
func (x *executable) mem(addr uint64, n int) []byte {
	for _, p := range x.parts {
		if addr >= p.addr && addr+uint64(n) <= p.addr+uint64(len(p.b)) {
			return p.b[addr-p.addr:][:n]
		}
	}
	for _, p := range x.parts {
		if addr >= p.addr && addr+uint64(n) <= p.addr+p.size {
			return make([]byte, n)
		}
	}
	return nil
}

// offset returns where n bytes of the program's memory are in the file.
func (x *executable) offset(addr uint64, n int) (off uint64, ok bool) {
	for _, p := range x.parts {
		if addr >= p.addr && addr+uint64(n) <= p.addr+uint64(len(p.b)) {
			return p.off + addr - p.addr, true
		}
	}
	return 0, false
}

// end returns the first address after the program.
func (x *executable) end() uint64 {
	end := uint64(0)
	for _, p := range x.parts {
		end = max(end, p.addr+p.size)
	}
	return end
}

// base returns the address from which 32-bit offsets of a symbol count.
func (x *executable) base(name string, text bool) uint64 {
	switch {
	case text:
		return x.text
	case strings.HasPrefix(name, "type:"), strings.HasPrefix(name, "go:itab."):
		return x.types
	}
	return x.rodata
}

// readFile is used if files cannot be mapped.
func readFile(path string) ([]byte, bool, error) {
	b, err := os.ReadFile(path)
	return b, false, err
}
