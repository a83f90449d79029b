package compiler

import "github.com/shirou/gopsutil/v4/mem"

// startHeap returns the heap, in MB, at which the compiler is to begin to collect garbage.
// It would begin at 128. A package that needs more is compiled faster if it begins later:
// large ones in a fifth less processor time with 1024. A small package does not get that
// far, and takes no more memory than otherwise. As many compilers as there are processors
// may take half of the memory that is available, in bytes; where that is little, or
// unknown, each still has 256.
func startHeap(available uint64, processors int) int {
	return int(min(max(available/2/uint64(processors)>>20, 256), 1024))
}

// availableMemory returns the bytes that processes can use without swapping; 0 if that is
// not known.
func availableMemory() uint64 {
	m, err := mem.VirtualMemory()
	if err != nil {
		return 0
	}
	return min(m.Available, allowedMemory())
}
