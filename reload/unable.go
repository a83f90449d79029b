//go:build hotdev && !cgo && (linux || darwin || freebsd)

package reload

import "github.com/hotdev/hotdev/internal/wire"

func init() {
	if conn := connect(); conn != nil {
		_ = conn.Send(wire.Message{Type: wire.Hello, Version: wire.Version, Why: "the program was built without cgo (CGO_ENABLED=0, or there is no C compiler)"})
	}
}
