package builder

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// A Folder is one hotdev's own place for binaries, which nobody else writes to
// while it is open.
type Folder struct {
	// Dir is absolute and exists; only the user can enter it.
	Dir  string
	lock *os.File
}

// Place makes a folder for one hotdev that works on a project (an absolute
// path), below cacheRoot:
//
//	<cacheRoot>/hotdev/<project's name>-<hash of its path>/<instance>
//
// and removes those of hotdevs that died. A folder belongs to who holds a lock
// on the file beside it; the kernel lets go of a lock when its process ends,
// in whatever way, so that no pid has to be trusted: a live hotdev in another
// container that shares the cache is safe.
func Place(cacheRoot, project string) (*Folder, error) {
	root := filepath.Join(cacheRoot, "hotdev")
	sum := sha256.Sum256([]byte(filepath.Clean(project)))
	name := strings.Map(fileRune, filepath.Base(filepath.Clean(project)))
	home := filepath.Join(root, name[:min(len(name), 60)]+"-"+hex.EncodeToString(sum[:4]))
	sweep(root)
	for n := 1; n <= maxInstances; n++ {
		if err := os.MkdirAll(home, 0o700); err != nil {
			// Others may make the folder and sweep it at this very moment: it exists
			// for Mkdir, and is gone when MkdirAll looks what it is.
			if st, gone := os.Lstat(home); errors.Is(err, fs.ErrExist) && (gone != nil || st.IsDir()) {
				continue
			}
			return nil, noPlace(home, err)
		}
		dir := filepath.Join(home, strconv.Itoa(n))
		f, err := claim(dir+lockSuffix, true)
		if errors.Is(err, errHeld) || errors.Is(err, fs.ErrNotExist) {
			continue // taken, or the project's folder was just swept
		}
		if err != nil {
			return unlocked(home)
		}
		err = os.RemoveAll(dir)
		if err == nil {
			err = os.Mkdir(dir, 0o700)
		}
		if err != nil {
			// A binary in it that Windows does not let go of yet: another number.
			_ = f.Close()
			if n == maxInstances {
				return nil, noPlace(home, err)
			}
			continue
		}
		return &Folder{Dir: dir, lock: f}, nil
	}
	return nil, fmt.Errorf("cache folder: all %d places in %s are taken", maxInstances, home)
}

// unlocked makes a folder where locks do not work (some network file systems):
// of its own all the same, but left behind by a hotdev that is killed.
func unlocked(home string) (*Folder, error) {
	dir, err := os.MkdirTemp(home, "unlocked-")
	if err != nil {
		return nil, noPlace(home, err)
	}
	return &Folder{Dir: dir}, nil
}

const (
	lockSuffix = ".lock"
	// maxInstances of hotdev on one project at once: far more than a person
	// starts, and an end for the search.
	maxInstances = 1000
)

// fileRune keeps a project's name a plain file name.
func fileRune(r rune) rune {
	if r < 0x20 || r > 0x7e || strings.ContainsRune(`<>:"/\|?* `, r) {
		return '_'
	}
	return r
}

// Close removes the folder and all that is in it.
func (f *Folder) Close() error {
	err := os.RemoveAll(f.Dir)
	if f.lock != nil {
		removeOpen(f.lock)
		f.lock = nil
	}
	_ = os.Remove(filepath.Dir(f.Dir)) // if it was the last
	return err
}

// errHeld: another process (or another Folder of this one) holds the lock.
var errHeld = errors.New("held by another process")

// claim locks a file, which it creates if asked to. The file is removed by the
// process that holds its lock, so a lock counts only while its file has its name.
func claim(path string, create bool) (*os.File, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	for range 100 { // each round, somebody else's came and went
		f, err := os.OpenFile(path, flags, 0o600)
		if err != nil {
			return nil, err
		}
		if err := tryLock(f); err != nil {
			_ = f.Close()
			return nil, err
		}
		mine, err := f.Stat()
		named, err2 := os.Stat(path)
		if err == nil && err2 == nil && os.SameFile(mine, named) {
			return f, nil
		}
		_ = f.Close()
	}
	return nil, errHeld
}

// sweep removes the folders of dead hotdevs, of all projects: nobody else would
// ever remove those of a project that is gone.
func sweep(root string) {
	homes, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, home := range homes {
		if !home.IsDir() {
			continue
		}
		project := filepath.Join(root, home.Name())
		entries, err := os.ReadDir(project)
		if err != nil {
			continue
		}
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), lockSuffix)
			if !ok || e.IsDir() {
				continue
			}
			path := filepath.Join(project, e.Name())
			f, err := claim(path, false)
			if err != nil {
				continue // alive, or locks do not work here: then nothing is swept
			}
			if os.RemoveAll(filepath.Join(project, name)) != nil {
				_ = f.Close() // still in use; a later sweep gets it
				continue
			}
			removeOpen(f)
		}
		_ = os.Remove(project) // if nothing is left
	}
}

// Folders are those of all hotdevs of the user below cacheRoot, whatever their
// projects; of dead ones too, as long as nobody has swept them.
func Folders(cacheRoot string) []string {
	folders, _ := filepath.Glob(filepath.Join(escapeGlob(cacheRoot), "hotdev", "*", "*"))
	return slices.DeleteFunc(folders, func(f string) bool { return !disk.IsDir(f) })
}
