//go:build !linux

package compiler

import "math"

// allowedMemory returns the bytes that this process and what it starts may still use: all
// there are.
func allowedMemory() uint64 { return math.MaxUint64 }
