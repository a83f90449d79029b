//go:build !linux

package live

import "errors"

// NewConn is for where there is no agent: nothing can be said.
func NewConn(s Socket) *Conn {
	return &Conn{socket: s, patience: patience, send: func([]byte, []byte) error { return errors.ErrUnsupported }}
}
