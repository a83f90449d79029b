//go:build hotdev && cgo && (darwin || freebsd)

package reload

// memory: only Linux tells a process cheaply what it takes.
func memory() uint64 { return 0 }
