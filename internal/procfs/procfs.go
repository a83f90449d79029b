// Package procfs reads what Linux reports about a process, for benchmarks.
package procfs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
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
