//go:build !hotdev || !(linux || darwin || freebsd)

package reload

import "io/fs"

// FS is the folder dir of embedded files, which are those of the calling package's own
// folder, as with fs.Sub:
//
//	//go:embed dist
//	var embedded embed.FS
//
//	var dist = reload.FS(embedded, "dist")
//
// Under hotdev it is that folder on the disk, so that a saved file is served without a
// build: hotdev starts none for it, and tells open pages at once. So it is for files
// that the program reads whenever they are asked for, and from it alone. Without hotdev
// it is what is embedded.
//
// It panics if embedded has no such folder.
func FS(embedded fs.FS, dir string) fs.FS { return sub(embedded, dir) }
