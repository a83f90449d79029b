package live

import "debug/elf"

// An arch is a processor architecture: how code refers to things, and how a function is
// replaced by another one.
type arch interface {
	// target returns the address that a relocated place refers to; ok is false if its
	// bytes are not a reference of that kind. base is what offsets of the symbol count
	// from.
	target(b []byte, r reloc, at, base uint64) (addr uint64, ok bool)
	// put relocates a place in bytes that will be at the address at. thread is the
	// offset of thread-local storage.
	put(b []byte, r reloc, at, target, base uint64) *Obstacle
	// entry reports whether a function that begins with code can be redirected at its
	// entry, while goroutines are stopped anywhere in it where that can happen.
	// unsafeAt reports whether none can be stopped at an offset.
	entry(code []byte, unsafeAt func(offset int) bool) bool
	// jump returns the instruction that redirects an entry.
	jump(from, to uint64) ([]byte, *Obstacle)
	// throughSlot turns an instruction that takes an address which is out of reach into
	// one that loads the address from a word. b ends where the relocated place ends.
	throughSlot(b []byte, r reloc) bool
	// pad is the byte that fills the space between functions.
	pad() byte
	// quantum is the size of the smallest instruction, in bytes.
	quantum() byte
}

func archOf(m elf.Machine) arch {
	switch m {
	case elf.EM_X86_64:
		return amd64{}
	case elf.EM_AARCH64:
		return arm64{}
	}
	return nil
}
