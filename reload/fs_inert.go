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
// Under hotdev it is that folder on the disk: hotdev starts no build for a saved file,
// and updates open pages at once. So use it for files that the program reads each time
// they are requested, and only through it. Without hotdev it is the embedded folder.
//
// It panics if embedded has no such folder.
func FS(embedded fs.FS, dir string) fs.FS { return sub(embedded, dir) }
