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

// A headerWatch makes sure that a header is of the content that go list saw. A
// file that changed while go list ran may have been read before or after.
type headerWatch struct {
	began  time.Time
	before map[string]source.Header // of what changed, read before go list ran
	last   map[string]source.Header // of what had not changed then
}

// newHeaderWatch is to be called before go list runs.
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

// trusted is a file's header if go list must have seen it, else empty.
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

// unchangedBy reports whether none of the changed paths can make go list answer
// differently. In doubt it says no.
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
		// A folder that came or went with packages or embedded files in it, or a
		// file that was never a part.
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

// embeds reports whether a file or folder matches an embed pattern, or is in
// a folder that does.
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
				// A parent of what would match counts too: a folder that appeared
				// may have brought its content with it.
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
