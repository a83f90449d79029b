package source

import (
	"go/build"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Rewired returns the graph with its packages as they are now: which Go files they
// have, and what these import. was is the state in which the go command listed the
// graph. The caller must check that each import can be resolved, and handle packages
// that are no longer imported.
//
// ok is false if anything else has changed, or if only the go command can judge the
// change: build constraints, cgo, embed patterns and the files that they match, files
// of other languages, vendored packages, new packages.
func (g Graph) Rewired(was, now Snapshot) (_ Graph, ok bool) {
	for _, f := range g.Files {
		if was.Content(f) != now.Content(f) {
			return Graph{}, false
		}
	}
	if a, b := was[""], now[""]; a == nil || b == nil || a.around != b.around {
		return Graph{}, false
	}
	g.Packages = slices.Clone(g.Packages)
	for i := range g.Packages {
		p := &g.Packages[i]
		a, b := was[p.ImportPath], now[p.ImportPath]
		switch {
		case a == nil || b == nil:
			return Graph{}, false
		case a.shapedLike(b):
			continue
		case p.Vendored || a.around != b.around:
			return Graph{}, false
		}
		if p.Files, p.Imports, ok = p.rewired(a, b); !ok {
			return Graph{}, false
		}
	}
	return g, true
}

// shapedLike reports whether two states of a package contribute the same to
// [Snapshot.Shape].
func (s *Source) shapedLike(o *Source) bool {
	return s.names == o.names && s.around == o.around &&
		maps.EqualFunc(s.Files, o.Files, func(a, b *File) bool { return a.header == b.header && a.header != "" })
}

// rewired returns a package's files, and what they import.
func (p *Package) rewired(was, now *Source) (files, imports []string, ok bool) {
	imported := map[string]bool{}
	var foreign []string
	add := func(file string, h Header) bool {
		list, _ := h.split()
		for _, i := range list {
			imported[i] = true
		}
		files = append(files, file)
		return !slices.Contains(list, "C")
	}
	for _, f := range p.Files {
		a, b := was.Files[f], now.Files[f]
		switch {
		case a == nil || a.header == "":
			return nil, nil, false
		case filepath.Ext(f) != ".go":
			if b == nil || a.header != b.header {
				return nil, nil, false
			}
			foreign = append(foreign, f)
		case b == nil:
			if list, _ := a.header.split(); slices.ContainsFunc(list, special) {
				return nil, nil, false
			}
		default:
			if !a.header.importsAside(b.header) || !add(f, b.header) {
				return nil, nil, false
			}
		}
	}
	names := slices.Collect(strings.Lines(now.names))
	if len(names) != len(now.beside) { // one of the files cannot be read
		return nil, nil, false
	}
	for _, name := range slices.Sorted(maps.Keys(now.beside)) {
		h := now.beside[name].header
		if old := was.beside[name]; old != nil && old.header == h && h != "" {
			continue
		}
		if !plain(name, h, p.Name) || !add(filepath.Join(p.Dir, name), h) {
			return nil, nil, false
		}
	}
	for name := range was.beside {
		if now.beside[name] == nil && filepath.Ext(name) != ".go" {
			return nil, nil, false
		}
	}
	if len(files) == 0 {
		return nil, nil, false
	}
	// Names that differ only in case are one file on some systems, and the go command
	// rejects them.
	all, folded := map[string]bool{}, map[string]bool{}
	for _, f := range slices.Concat(files, foreign, slices.Collect(maps.Keys(now.beside))) {
		all[filepath.Base(f)] = true
		folded[strings.ToLower(filepath.Base(f))] = true
	}
	if len(all) != len(folded) {
		return nil, nil, false
	}
	slices.SortFunc(files, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return append(files, foreign...), slices.Sorted(maps.Keys(imported)), true
}

// importsAside reports whether the headers of two states of a Go file differ only in
// imports that do not change how a package is compiled.
func (h Header) importsAside(o Header) bool {
	old, rest := h.split()
	new, same := o.split()
	return rest == same && strings.HasPrefix(rest, "package ") &&
		(slices.Equal(old, new) || !slices.ContainsFunc(old, special) && !slices.ContainsFunc(new, special))
}

// AsListed reports whether a package's files import what the go command listed, so that
// both have read the same.
func (s *Source) AsListed() bool {
	imported, listed := map[string]bool{}, map[string]bool{}
	for _, f := range s.Pkg.Files {
		if file := s.Files[f]; file != nil && filepath.Ext(f) == ".go" {
			list, _ := file.header.split()
			for _, i := range list {
				imported[i] = true
			}
		}
	}
	for _, i := range s.Pkg.Imports {
		listed[i] = true
	}
	delete(imported, "C")
	delete(listed, "C")
	return maps.Equal(imported, listed)
}

// plain reports whether a file with that header is a Go file of the package under any
// constraints.
func plain(file string, h Header, pkg string) bool {
	imports, rest := h.split()
	if filepath.Ext(file) != ".go" || rest != "package "+pkg+"\n" || slices.ContainsFunc(imports, special) {
		return false
	}
	if first, _ := utf8.DecodeRuneInString(file); !unicode.IsLetter(first) && !unicode.IsDigit(first) || strings.HasSuffix(strings.ToLower(file), "_test.go") {
		return false // the go command would reject it, or might
	}
	none := build.Context{GOOS: "none", GOARCH: "none", Compiler: "none", OpenFile: func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("package p\n")), nil
	}}
	ok, err := none.MatchFile("", file)
	return ok && err == nil
}
