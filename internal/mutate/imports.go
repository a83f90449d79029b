package mutate

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// usable are packages of the standard library, each with a use: some that every program
// has, some that few have, some that use cgo.
var usable = []struct{ path, use string }{
	{"strings", "%s.ToUpper(\"\")"}, {"errors", "%s.New(\"\")"}, {"container/ring", "%s.New(1)"}, {"container/list", "%s.New()"},
	{"text/template", "%s.New(\"\")"}, {"encoding/csv", "%s.NewReader(nil)"}, {"html", "%s.EscapeString(\"\")"},
	{"math/cmplx", "%s.Abs(1)"}, {"hash/adler32", "%s.New()"}, {"net/url", "%s.Values{}"}, {"os/user", "%s.Current"},
	{"archive/tar", "%s.NewReader(nil)"}, {"expvar", "%s.Handler"},
}

// use adds an import of a package, and a use of it.
func (s *source) use() map[string][]byte {
	u := usable[s.rng.IntN(len(usable))]
	name := fmt.Sprintf("used%d", s.n)
	return s.importing(name, u.path, fmt.Sprintf("\nvar _ = "+u.use+"\n", name))
}

// importing imports a package under a name, and appends a use of it to the file.
func (s *source) importing(name, path, use string) map[string][]byte {
	after := s.at(s.syntax.Name.End())
	return s.changed(fmt.Appendf(nil, "%s\n\nimport %s %q%s%s", s.text[:after], name, path, s.text[after:], use))
}

// unimport removes an import, if there is one that is not needed.
func (s *source) unimport() map[string][]byte {
	list := slices.Clone(s.syntax.Imports)
	blank := slices.DeleteFunc(slices.Clone(list), func(i *ast.ImportSpec) bool { return i.Name == nil || i.Name.Name != "_" })
	if len(blank) > 0 {
		list = blank
	}
	i, ok := one(s, list)
	if !ok || i.Path.Value == `"C"` {
		return nil
	}
	from, to := s.at(i.Pos()), s.at(i.Path.End())
	if before := strings.TrimRight(string(s.text[:from]), " \t"); strings.HasSuffix(before, token.IMPORT.String()) {
		from = len(before) - len(token.IMPORT.String())
	}
	return s.changed(slices.Concat(s.text[:from], s.text[to:]))
}

// newPackage creates a package of the module in a new folder, which the file imports.
func (s *source) newPackage() map[string][]byte {
	module, file, _ := s.module()
	name := "zadded" + strconv.Itoa(s.n)
	dir := filepath.Join(filepath.Dir(s.name), name)
	rel, err := filepath.Rel(filepath.Dir(file), dir)
	if file == "" || err != nil {
		return nil
	}
	out := s.importing(name, path.Join(module, filepath.ToSlash(rel)), fmt.Sprintf("\nvar _ = %s.Sum(1)\n", name))
	out[filepath.Join(dir, "sum.go")] = fmt.Appendf(nil, "package %s\n\nimport \"strconv\"\n\nfunc Sum(n int) string { return strconv.Itoa(n + %d) }\n", name, s.n)
	return out
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+(\S+)`)

// module returns the file's module: its path, its go.mod and the content of that. file
// is empty if there is none.
func (s *source) module() (path, file string, text []byte) {
	for dir := filepath.Dir(s.name); ; dir = filepath.Dir(dir) {
		file = filepath.Join(dir, "go.mod")
		if text, err := os.ReadFile(file); err == nil {
			if m := moduleLine.FindSubmatch(text); m != nil {
				return string(m[1]), file, text
			}
		}
		if dir == filepath.Dir(dir) {
			return "", "", nil
		}
	}
}

// embedded is the prefix of the names of folders that are embedded as a whole.
const embedded = "zfolder"

// inFolders returns the files that are embedded with their folder.
func (s *source) inFolders() []string {
	return slices.DeleteFunc(slices.Clone(s.texts), func(f string) bool { return !strings.HasPrefix(filepath.Base(filepath.Dir(f)), embedded) })
}
