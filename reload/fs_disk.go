//go:build hotdev && (linux || darwin || freebsd)

package reload

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hotdev/hotdev/internal/wire"
)

// FS is the folder dir of embedded files, which are those of the calling package's own
// folder, as with fs.Sub:
//
//	//go:embed dist
//	var embedded embed.FS
//
//	var dist = reload.FS(embedded, "dist")
//
// Under hotdev it is that folder on the disk: hotdev starts no build for a saved file,
// and updates open pages at once. So use it for files that the program reads each time
// they are requested, and only through it. Without hotdev it is the embedded folder.
//
// It panics if embedded has no such folder.
func FS(embedded fs.FS, dir string) fs.FS {
	below := sub(embedded, dir)
	_, file, _, ok := runtime.Caller(1)
	if folder := filepath.Join(filepath.Dir(file), filepath.FromSlash(dir)); ok {
		if d, ok := openDisk(folder, below); ok && announce(wire.Message{Type: wire.Assets, Path: folder}) {
			return d
		}
	}
	return below
}

// A disk is a folder in place of its embedded copy. A name that begins with "." or "_"
// exists only if it was embedded: else it would be missing without hotdev.
type disk struct {
	folder   string
	embedded fs.FS
}

// openDisk is the disk for embedded, if that is what was embedded of folder: all of it
// is there. A path that leads nowhere is that of a build with -trimpath.
func openDisk(folder string, embedded fs.FS) (disk, bool) {
	if !filepath.IsAbs(folder) {
		return disk{}, false
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return disk{}, false
	}
	defer root.Close()
	err = fs.WalkDir(embedded, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		_, err = root.Stat(filepath.FromSlash(path))
		return err
	})
	return disk{folder, embedded}, err == nil
}

func (d disk) Open(name string) (fs.File, error) {
	if err := d.check("open", name); err != nil {
		return nil, err
	}
	// Opened each time: a bundler may replace the folder by another one.
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	defer root.Close()
	return root.FS().Open(name)
}

// ReadDir leaves out what cannot be opened.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := d.check("readdir", name); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(d.folder)
	if err != nil {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: err}
	}
	defer root.Close()
	all, err := fs.ReadDir(root.FS(), name)
	var entries []fs.DirEntry
	for _, e := range all {
		path := e.Name()
		if name != "." {
			path = name + "/" + path
		}
		if d.check("open", path) == nil {
			entries = append(entries, e)
		}
	}
	return entries, err
}

// check returns an error if the file must not exist, even where the disk has it.
func (d disk) check(op, name string) error {
	for part := range strings.SplitSeq(name, "/") {
		if name != "." && (strings.HasPrefix(part, ".") || strings.HasPrefix(part, "_")) {
			if _, err := fs.Stat(d.embedded, name); errors.Is(err, fs.ErrNotExist) {
				return &fs.PathError{Op: op, Path: name, Err: fs.ErrNotExist}
			}
		}
	}
	return nil
}
