//go:build unix && !linux

package gocmd

import "syscall"

// dieWithParent: only Linux offers it. Elsewhere a build that outlives a killed
// hotdev ends by itself, and its leftovers are swept.
func dieWithParent(*syscall.SysProcAttr) {}
