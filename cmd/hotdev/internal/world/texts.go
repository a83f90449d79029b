package world

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/templ"
)

// texts writes the texts of templ's templates for a running program that reads them from
// files, so that a change of text alone needs no build.
//
// Texts fit a program only if the code around them is what the program was built from.
// So each build records the code of its templates, and a text is written only while the
// code on disk is still the same.
type texts struct {
	mu      sync.Mutex
	read    map[string]readText           // what was read last, by path
	built   map[int]map[string]templ.File // templates by the generation that has them
	running int                           // the generation of the program that reads texts; 0 is none
	folder  string                        // of its texts
}

// readText is a generated file as it was at a time.
type readText struct {
	size int64
	time time.Time
	file templ.File
	ok   bool
}

// kept is the number of builds whose templates are remembered: an old binary may run again.
const kept = 10

// build records the templates below root that a generation is built from.
func (t *texts) build(root string, gen int) {
	if root == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	all, known := map[string]templ.File{}, true
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error { // what cannot be read is not built
		switch name := filepath.Base(path); {
		case err != nil:
		case e.IsDir() && path != root && (name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")):
			return filepath.SkipDir
		case templ.Generated(path):
			file, ok := t.of(path)
			all[path], known = file, known && ok
		}
		return nil
	})
	if !known {
		all = nil // a program that asks for texts which are not there fails
	}
	if t.built == nil {
		t.built = map[int]map[string]templ.File{}
	}
	t.built[gen] = all
	maps.DeleteFunc(t.built, func(g int, _ map[string]templ.File) bool { return g <= gen-kept && g != t.running })
}

// of reads the file at path, unless it is unchanged; false if its texts are not known.
func (t *texts) of(path string) (templ.File, bool) {
	st, err := os.Stat(path)
	if err != nil {
		return templ.File{}, false
	}
	r, known := t.read[path]
	if !known || r.size != st.Size() || !r.time.Equal(st.ModTime()) {
		if t.read == nil {
			t.read = map[string]readText{}
		}
		r = readText{size: st.Size(), time: st.ModTime()}
		r.file, r.ok = templ.Read(path)
		t.read[path] = r
	}
	return r.file, r.ok
}

// start writes the texts for a program that is about to start, and returns the variables
// that make it read them, if it can. The caller calls gone when the program has ended.
func (t *texts) start(root string, gen int) (env []string, gone func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	built := t.built[gen]
	if root == "" || len(built) == 0 {
		return nil, func() {}
	}
	folder, err := os.MkdirTemp("", "hotdev-templ-")
	if err != nil {
		return nil, func() {}
	}
	remove := func() { _ = os.RemoveAll(folder) }
	for path, file := range built {
		if now, ok := t.of(path); ok && now.Code == file.Code {
			file = now
		}
		if err := file.Write(folder, path); err != nil {
			remove()
			return nil, func() {}
		}
	}
	t.running, t.folder = gen, folder
	return templ.Environ(folder, root), func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.folder == folder {
			t.running, t.folder = 0, ""
		}
		remove()
	}
}

// load writes the texts for new code that the running program has just taken in.
func (t *texts) load(gen int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == 0 {
		return
	}
	for path, file := range t.built[gen] {
		_ = file.Write(t.folder, path) // as at the start
	}
	t.running = gen
}

// changed returns the changed files in which only text has changed since the running
// program was built. The program has their new texts from now on.
func (t *texts) changed(paths []string) (only []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == 0 {
		return nil
	}
	for _, path := range paths {
		if !templ.Generated(path) {
			continue
		}
		built, of := t.built[t.running][path]
		now, ok := t.of(path)
		if of && ok && now.Code == built.Code && now.Write(t.folder, path) == nil {
			only = append(only, path)
		}
	}
	return only
}
