//go:build !linux

package live

import "errors"

// NewConn returns a Conn that cannot send: this system has no agent.
func NewConn(s Socket) *Conn {
	return &Conn{socket: s, patience: patience, send: func([]byte, []byte) error { return errors.ErrUnsupported }}
}
