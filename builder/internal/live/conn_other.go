//go:build !linux

package live

import (
	"errors"
	"os"
)

// NewConn returns a Conn that cannot send: this system has no agent.
func NewConn(s Socket) *Conn {
	return &Conn{socket: s, patience: patience, send: func([]byte, *os.File) error { return errors.ErrUnsupported }}
}

func memoryFile([]byte) (*os.File, error) { return nil, errors.ErrUnsupported }
