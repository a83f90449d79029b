//go:build !unix

package live

func mapFile(path string) ([]byte, bool, error) { return readFile(path) }

func unmapFile([]byte) {}
