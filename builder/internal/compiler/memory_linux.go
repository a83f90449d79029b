package compiler

import (
	"math"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// allowedMemory returns the bytes that the control groups of this process, as those of a
// container, still allow it and what it starts to use. What they hold of files can be
// dropped, and does not count as used. See "Control Group v2" in the kernel's
// documentation.
func allowedMemory() uint64 {
	groups, _ := os.ReadFile("/proc/self/cgroup")
	return allowedIn("/sys/fs/cgroup", string(groups))
}

// allowedIn is allowedMemory for control groups that are mounted in a folder. groups has a
// line "0::path" for the group of the process; those above it limit it, too.
func allowedIn(mount, groups string) uint64 {
	allowed := uint64(math.MaxUint64)
	for line := range strings.Lines(groups) {
		group, ok := strings.CutPrefix(strings.TrimSpace(line), "0::")
		for ; ok; group = path.Dir(group) {
			dir := filepath.Join(mount, group)
			if limit, err := strconv.ParseUint(content(dir, "memory.max"), 10, 64); err == nil { // it may be "max"
				current, _ := strconv.ParseUint(content(dir, "memory.current"), 10, 64)
				used := current - min(files(dir), current)
				allowed = min(allowed, limit-min(used, limit))
			}
			ok = group != "/" && group != "."
		}
	}
	return allowed
}

// files returns the bytes of files that a control group holds in memory.
func files(dir string) (sum uint64) {
	for line := range strings.Lines(content(dir, "memory.stat")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "inactive_file" || name == "active_file" {
			n, _ := strconv.ParseUint(value, 10, 64)
			sum += n
		}
	}
	return sum
}

// content returns what a file of a control group says; empty if there is no such file.
func content(dir, name string) string {
	text, _ := os.ReadFile(filepath.Join(dir, name))
	return strings.TrimSpace(string(text))
}
