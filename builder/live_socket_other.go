//go:build !unix

package builder

import (
	"errors"
	"os"
)

func socketPair() (mine, theirs *os.File, err error) { return nil, nil, errors.ErrUnsupported }
