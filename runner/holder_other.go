//go:build !linux

package runner

// A Holder is the process that listens on a port.
type Holder struct {
	Pid      int
	Start    uint64
	Command  string
	Leftover bool
}

// FindHolder finds nothing: on this system the process that listens is not known.
func FindHolder(addr string) (Holder, bool) { return Holder{}, false }

// Evict ends a leftover; here there is none that is known.
func Evict(h Holder) bool { return false }
