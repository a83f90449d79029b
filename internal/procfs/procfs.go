// Package procfs reads what Linux reports about a process, for benchmarks.
package procfs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Status returns a number from the status of a process, such as VmRSS or Threads;
// memory is in kibibytes. It returns 0 if the number cannot be read.
func Status(pid int, name string) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if fields := strings.Fields(rest); len(fields) > 0 {
				n, _ := strconv.Atoi(fields[0])
				return n
			}
		}
	}
	return 0
}

// CPU is the processor time that a process has taken so far, to a hundredth of a second;
// 0 where there is none to read.
func CPU(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may hold blanks
	fields := strings.Fields(rest)
	const user, system = 11, 12
	if len(fields) <= system {
		return 0
	}
	ticks := 0
	for _, i := range []int{user, system} {
		n, _ := strconv.Atoi(fields[i])
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // on every Linux
}
