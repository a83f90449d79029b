// Package procfs reads what Linux tells of a process, for the benches.
package procfs

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Status is a number in the status of a process, such as VmRSS or Threads; those
// of memory are in kibibytes. It is 0 where there is none to read.
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
