//go:build unix

package main

import (
	"syscall"
	"time"
)

// processor is the time that this process and those that it has waited for have
// had of the processors. It says more than a clock where others are busy too.
func processor() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return total
}
