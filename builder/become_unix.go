//go:build unix

package builder

import (
	"os"
	"syscall"
)

// become replaces this process by a command; it returns only if it cannot.
func become(argv []string) error { return syscall.Exec(argv[0], argv, os.Environ()) }
