package source

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Imported reports in ok whether now has the same shape as s, except for imports of
// packages other than C and embed. added lists, for each package, its new imports in
// order; gone lists imports that no longer exist.
func (s Snapshot) Imported(now Snapshot) (added map[string][]string, gone []string, ok bool) {
	added = map[string][]string{}
	before, after := map[string]bool{}, map[string]bool{}
	if len(s) != len(now) {
		return nil, nil, false
	}
	for name, a := range s {
		b := now[name]
		if b == nil || a.names != b.names || a.around != b.around || len(a.Files) != len(b.Files) {
			return nil, nil, false
		}
		was, is := map[string]bool{}, map[string]bool{}
		for file, f := range a.Files {
			g := b.Files[file]
			if g == nil {
				return nil, nil, false
			}
			old, rest := f.header.split()
			new, same := g.header.split()
			if rest != same || rest == "" || !slices.Equal(old, new) && (slices.ContainsFunc(old, special) || slices.ContainsFunc(new, special)) {
				return nil, nil, false
			}
			for _, i := range old {
				was[i], before[i] = true, true
			}
			for _, i := range new {
				is[i], after[i] = true, true
			}
		}
		for _, i := range slices.Sorted(maps.Keys(is)) {
			if !was[i] {
				added[name] = append(added[name], i)
			}
		}
	}
	for i := range before {
		if !after[i] {
			gone = append(gone, i)
		}
	}
	slices.Sort(gone)
	return added, gone, true
}

// special reports whether an import changes how a package is compiled.
func special(path string) bool { return path == "C" || path == "embed" }

// split separates a Go file's header into imports and the rest.
func (h Header) split() (imports []string, rest string) {
	if !strings.HasPrefix(string(h), "package ") {
		return nil, string(h)
	}
	var b strings.Builder
	found := false
	for l := range strings.Lines(string(h)) {
		if found || strings.HasPrefix(l, "package ") || strings.HasPrefix(l, "//") || strings.HasPrefix(l, "#cgo") {
			b.WriteString(l)
			continue
		}
		found = true
		for _, f := range strings.Fields(l) {
			if path, err := strconv.Unquote(f); err == nil {
				imports = append(imports, path)
			} else {
				b.WriteString(f) // it was not an import after all
			}
		}
	}
	return imports, b.String()
}
