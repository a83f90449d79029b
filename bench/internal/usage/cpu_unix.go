//go:build unix

// Package usage measures what a benchmark uses of the machine.
package usage

import (
	"syscall"
	"time"
)

// CPU returns the processor time of this process and of the processes that it has
// waited for. On a busy machine it says more than a clock.
func CPU() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return total
}
