package runner

import (
	"errors"
	"fmt"
	"os"
)

// Listen is a socket for programs to take connections from; on Windows, programs
// cannot be given one.
func Listen(addr string) (*os.File, error) {
	return nil, fmt.Errorf("listen %s: a program cannot be given a socket: %w", addr, errors.ErrUnsupported)
}
