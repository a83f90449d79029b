package builder

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/disk"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// A headerWatch ensures that a remembered header is the one that go list saw. A file
// that changed while go list ran may have been read before or after the change.
type headerWatch struct {
	began  time.Time
	before map[string]source.Header // of the changed files, read before go list ran
	last   map[string]source.Header // of the files that had not changed by then
}

// newHeaderWatch must be called before go list runs.
func newHeaderWatch(last *listing, paths []string) headerWatch {
	w := headerWatch{began: time.Now(), before: make(map[string]source.Header)}
	if last != nil {
		w.last = last.headers
	}
	for _, p := range paths {
		if source.Buildable(p) {
			w.before[p] = source.ReadHeader(p)
		}
	}
	return w
}

// trusted returns a file's header if go list must have seen it, else an empty one.
func (w headerWatch) trusted(file string) source.Header {
	st, err := os.Stat(file)
	if err != nil {
		return ""
	}
	h := source.ReadHeader(file)
	if before, ok := w.before[file]; ok && before == h {
		return h
	}
	if last, ok := w.last[file]; ok && last == h {
		return h
	}
	if st.ModTime().Add(source.Settled).Before(w.began) {
		return h
	}
	return ""
}

// unchangedBy reports whether none of the changed paths can change the answer of go
// list. If in doubt, it returns false.
func (l *listing) unchangedBy(paths []string) bool {
	return !l.stale && len(paths) > 0 && !slices.ContainsFunc(paths, l.changedBy)
}

func (l *listing) changedBy(file string) bool {
	base, dir := filepath.Base(file), filepath.Dir(file)
	if base == "go.mod" || base == "go.work" || slices.Contains(l.graph.Files, file) {
		return true
	}
	if known, ok := l.headers[file]; ok {
		return known == "" || source.ReadHeader(file) != known
	}
	if l.plain[file] {
		return !disk.Regular(file)
	}
	st, err := os.Stat(file)
	if err != nil || st.IsDir() {
		// A folder with packages or embedded files in it appeared or went away; or a
		// file that was never part of the graph.
		for d := range l.dirs {
			if disk.Within(file, d) {
				return true
			}
		}
		for f := range l.plain {
			if disk.Within(file, f) {
				return true
			}
		}
	}
	if err != nil {
		return false
	}
	if l.embeds(file) {
		return true
	}
	pkg, ok := l.dirs[dir]
	if !ok || st.IsDir() {
		return false
	}
	if l.graph.FilesOnly && pkg == l.graph.Main {
		return false
	}
	if base == source.ProfileFile {
		return true
	}
	return source.Buildable(base) && !strings.HasSuffix(base, "_test.go") && base[0] != '_' && base[0] != '.'
}

// embeds reports whether a file or folder matches an embed pattern, or is inside a
// folder that does.
func (l *listing) embeds(file string) bool {
	for _, p := range l.graph.Packages {
		if len(p.EmbedPatterns) == 0 || !disk.Within(p.Dir, file) || file == p.Dir {
			continue
		}
		rel, err := filepath.Rel(p.Dir, file)
		if err != nil {
			continue
		}
		elems := strings.Split(filepath.ToSlash(rel), "/")
		for _, pattern := range p.EmbedPatterns {
			pattern = strings.TrimPrefix(pattern, "all:")
			if pattern == "." {
				return true
			}
			n := strings.Count(pattern, "/") + 1
			for i := 1; i <= min(n, len(elems)); i++ {
				// A parent of a match counts too: a folder that appeared may have
				// brought its content with it.
				sub := strings.Join(strings.Split(pattern, "/")[:i], "/")
				if i < n && i < len(elems) {
					continue
				}
				if ok, _ := path.Match(sub, strings.Join(elems[:i], "/")); ok {
					return true
				}
			}
		}
	}
	return false
}
