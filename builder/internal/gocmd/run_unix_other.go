//go:build unix && !linux

package gocmd

import "syscall"

// dieWithParent does nothing: only Linux has such a setting. Elsewhere a build that
// outlives a killed hotdev ends by itself, and its leftovers are removed later.
func dieWithParent(*syscall.SysProcAttr) {}
