//go:build hotdev && !cgo && (linux || darwin || freebsd)

package reload

import "github.com/hotdev/hotdev/internal/wire"

// hotdev is the one that the program runs under; nil is none.
var hotdev = connect()

// announce tells hotdev something; it reports whether there is one to be told.
func announce(m wire.Message) bool { return hotdev != nil && hotdev.Send(m) == nil }

func init() {
	conn := hotdev
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
