package reload

import (
	"fmt"
	"io/fs"
)

// sub is the folder dir of embedded files.
func sub(embedded fs.FS, dir string) fs.FS {
	info, err := fs.Stat(embedded, dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no folder", dir)
	}
	below, err2 := fs.Sub(embedded, dir)
	if err == nil {
		err = err2
	}
	if err != nil {
		panic(fmt.Errorf("reload.FS: %w", err))
	}
	return below
}
