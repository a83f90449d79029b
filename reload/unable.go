//go:build hotdev && !cgo && (linux || darwin || freebsd)

package reload

import "github.com/hotdev/hotdev/internal/wire"

func init() {
	conn := connect()
	if conn == nil {
		return
	}
	_ = conn.Send(wire.Message{Type: wire.Hello, Version: wire.Version, Why: "the program was built without cgo (CGO_ENABLED=0, or there is no C compiler)"})
	go func() { // lives as long as hotdev, or the program
		for {
			m, err := conn.Receive()
			if err != nil {
				return
			}
			if m.Type == wire.Patch { // that needs no plugins
				patches.tell(m)
			}
		}
	}()
}
