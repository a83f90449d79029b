// Package atomicfile writes files completely or not at all. A reader never sees a part
// of one, even if hotdev is killed.
package atomicfile

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Write gives a file this content and these permissions, whether it exists or not; its
// folder must exist. After an error the file is unchanged. The content is first written
// to a temporary file beside it, with a name that hotdev's watch recognises as hotdev's
// own.
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
