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

// A Folder belongs to one hotdev and holds its binaries. No other process writes to it
// while it is open.
type Folder struct {
	// Dir is absolute and exists; only the user can enter it.
	Dir  string
	lock *os.File
}

// Place creates a folder for one hotdev that works on a project (an absolute path),
// below cacheRoot:
//
//	<cacheRoot>/hotdev/<project's name>-<hash of its path>/<instance>
//
// and removes the folders of dead hotdevs. A folder belongs to the process that holds a
// lock on the file beside it. The kernel releases a lock when its process ends, however
// it ends, so no pid has to be trusted: a running hotdev in another container that
// shares the cache is safe.
func Place(cacheRoot, project string) (*Folder, error) {
	root := filepath.Join(cacheRoot, "hotdev")
	sum := sha256.Sum256([]byte(filepath.Clean(project)))
	name := strings.Map(fileRune, filepath.Base(filepath.Clean(project)))
	home := filepath.Join(root, name[:min(len(name), 60)]+"-"+hex.EncodeToString(sum[:4]))
	sweep(root)
	for n := 1; n <= maxInstances; n++ {
		if err := os.MkdirAll(home, 0o700); err != nil {
			// Another hotdev may create the folder and sweep it at this very moment: it
			// exists for Mkdir, and is gone when MkdirAll checks what it is.
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
			// Windows still holds a binary in it: use another number.
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

// unlocked makes a folder where locks do not work (on some network file systems). No
// other hotdev uses it, but one that is killed leaves it behind.
func unlocked(home string) (*Folder, error) {
	dir, err := os.MkdirTemp(home, "unlocked-")
	if err != nil {
		return nil, noPlace(home, err)
	}
	return &Folder{Dir: dir}, nil
}

const (
	lockSuffix = ".lock"
	// maxInstances is the number of hotdevs on one project at once: far more than a
	// person starts, and an end for the search.
	maxInstances = 1000
)

// fileRune replaces a rune of a project's name that a plain file name must not have.
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
	_ = os.Remove(filepath.Dir(f.Dir)) // only if it was the last
	return err
}

// errHeld: another process (or another Folder of this one) holds the lock.
var errHeld = errors.New("held by another process")

// claim locks a file, which it creates if create is set. The process that holds the
// lock removes the file, so a lock counts only while its file still has its name.
func claim(path string, create bool) (*os.File, error) {
	flags := os.O_RDWR
	if create {
		flags |= os.O_CREATE
	}
	for range 100 { // in each round, another process created and removed the file
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

// sweep removes the folders of dead hotdevs, of all projects: nothing else would ever
// remove those of a project that is gone.
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
				continue // alive, or locks do not work here, and then nothing is swept
			}
			if os.RemoveAll(filepath.Join(project, name)) != nil {
				_ = f.Close() // still in use; a later sweep removes it
				continue
			}
			removeOpen(f)
		}
		_ = os.Remove(project) // if it is empty
	}
}

// Folders are those of all hotdevs of the user below cacheRoot, for all projects,
// including those of dead ones that have not been swept.
func Folders(cacheRoot string) []string {
	folders, _ := filepath.Glob(filepath.Join(escapeGlob(cacheRoot), "hotdev", "*", "*"))
	return slices.DeleteFunc(folders, func(f string) bool { return !disk.IsDir(f) })
}
