// Package atomicfile writes files whole or not at all, so that nobody reads a part of
// one, whenever hotdev is killed.
package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Write gives a file this content and these permissions, whether it exists or
// not; its folder must exist. With an error the file is as it was. The content is
// first written beside it, under a name that hotdev's watch knows as its own.
func Write(file string, content []byte, perm fs.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".hotdev-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if e := temp.Chmod(perm); err == nil {
		err = e
	}
	if e := temp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
