package fast

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// LeaksOf returns what the compiler reports about the parameters in the state s of a
// package. exports are archives, by import path, that it uses in place of those in the
// plan.
func (p *Plan) LeaksOf(ctx context.Context, n *Node, s *source.Source, exports map[string][]byte) ([]byte, error) {
	folder, err := os.MkdirTemp(p.Folder, "leaks-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	files, err := write(folder, n.Files(s), func(f string) ([]byte, error) {
		if s.Files[f] == nil {
			return nil, errLayout
		}
		return s.Files[f].Text, nil
	})
	if err != nil {
		return nil, err
	}
	imports := p.importsOf(n)
	k := 0
	for name, archive := range exports { // the last line for a package counts
		file := filepath.Join(folder, fmt.Sprint("import", k, ".a"))
		if err := os.WriteFile(file, archive, 0o600); err != nil {
			return nil, err
		}
		imports.Package(name, file)
		k++
	}
	out, err := p.compile(ctx, n, imports, filepath.Join(folder, "leaks.a"), folder+"=>"+s.Pkg.Dir, files)
	return []byte(strings.Join(out, "\n") + "\n"), err
}

// CompileWith compiles a package as it was last compiled, with additional files: their
// names, and their text by name. The archive exists until [Plan.RemoveExtra].
func (p *Plan) CompileWith(ctx context.Context, n *Node, names []string, text func(name string) ([]byte, error)) (archive string, err error) {
	folder, err := os.MkdirTemp(p.Folder, extraPrefix)
	if err != nil {
		return "", err
	}
	more, err := write(folder, names, text)
	if err != nil {
		return "", err
	}
	archive = filepath.Join(folder, "extra.a")
	out, err := p.compile(ctx, n, p.importsOf(n), archive, p.Folder+"=>", append(n.Files(n.From), more...))
	if err != nil {
		err = fmt.Errorf("%w: %s", err, strings.Join(complaint.LastLines(out, 1), ""))
	}
	if n.From.Touched() {
		return "", fmt.Errorf("a file was saved meanwhile")
	}
	return archive, err
}

// extraPrefix is the prefix of folders with archives that are read once.
const extraPrefix = "extra-"

// RemoveExtra removes the archives of CompileWith.
func (p *Plan) RemoveExtra() {
	found, _ := filepath.Glob(filepath.Join(p.Folder, extraPrefix+"*"))
	for _, f := range found {
		_ = os.RemoveAll(f)
	}
}
