//go:build !unix

package builder

import (
	"errors"
	"os"
)

// LiveSocket is for where programs can be patched.
func LiveSocket() (mine, theirs *os.File, err error) { return nil, nil, errors.ErrUnsupported }
