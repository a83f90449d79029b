//go:build hotdev && cgo

package reload

import (
	"bytes"
	"os"
	"strconv"
)

// memory is what the process takes of it, in bytes; 0 if unknown.
func memory() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}
