package fast

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/compiler"
	"github.com/hotdev/hotdev/builder/internal/source"
)

// Export data contain the positions of declarations. So an additional line in the body
// of a function changes them if anything is declared below it. By the rule every
// dependent would then have to be compiled again, although only line numbers of inlined
// code can differ in it.
//
// Mostly the text of the declarations tells whether anything else differs (text.go). Where
// it cannot, the compiler itself proves that only positions differ: the old and the new
// source are compiled once more in a canonical layout, in which the n-th declaration of
// a file is on line n*stride, whatever comes before it. If the export data of these two
// are the same, byte for byte, the dependents are not compiled. The new archive gets the
// fingerprint that they have recorded; otherwise the linker would reject it.
//
// If no line moved, positions cannot be the cause, and the two compilations are saved.
//
// Code that is inlined in dependents has its old line numbers in stack traces until
// [Plan.Settle] has compiled them.

// strides are the possible distances between declarations. The first one that is enough
// for both layouts is used.
var strides = []int{1000, 10_000, 100_000}

var errLayout = errors.New("the source has no canonical layout")

// layouts are the canonical layouts of a package's old source and of its new one, while
// the compiler works on them. Both are nil if they are not needed, for instance because
// text tells what changed.
type layouts struct {
	cancel        context.CancelFunc
	done          chan struct{}
	text          *edited
	before, after *layout
	err           error
}

// layouts waits for the judgement of a package and, if that asks for it, compiles the
// package in the canonical layout, in parallel with its own compilation. The caller must
// stop it.
func (p *Plan) layouts(ctx context.Context, n *Node, now *source.Source, key string, imports compiler.Importcfg, archive string, judged <-chan judgement) *layouts {
	ctx, cancel := context.WithCancel(ctx)
	l := &layouts{cancel: cancel, done: make(chan struct{})}
	go func() { // joined by stop
		defer close(l.done)
		judgement := <-judged
		if l.text = judgement.text; !judgement.prove {
			return
		}
		l.before = n.canon
		stride := max(strideOf(n.From), strideOf(now))
		if stride == 0 {
			l.err = errLayout
			return
		}
		if l.before == nil || l.before.stride != stride || l.before.of != n.From {
			if l.before, l.err = p.layout(ctx, n, n.From, stride, key, imports, archive+".old"); l.err != nil {
				return
			}
		}
		l.after, l.err = p.layout(ctx, n, now, stride, key, imports, archive+".new")
	}()
	return l
}

func (l *layouts) wait() *layouts {
	<-l.done
	return l
}

// stop ends the compiler if it is still running, and waits for it.
func (l *layouts) stop() {
	l.cancel()
	<-l.done
}

// A layout is the export data of a package in the canonical layout.
type layout struct {
	of     *source.Source
	stride int
	export [sha256.Size]byte
	// exports are the same, split into elements; nil if they are not understood.
	exports *compiler.Exports
}

// layout compiles a package in the canonical layout. In positions, the files have their
// own names.
func (p *Plan) layout(ctx context.Context, n *Node, s *source.Source, stride int, key string, imports compiler.Importcfg, folder string) (*layout, error) {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if len(n.Files(s)) < len(s.Pkg.Files) {
		return nil, errLayout // the package has files in other languages
	}
	files, err := write(folder, n.Files(s), func(f string) ([]byte, error) {
		if s.Files[f] == nil || s.Files[f].Text == nil { // a plan that was kept has no text
			return nil, errLayout
		}
		return canonicalLayout(s.Files[f].Text, stride)
	})
	if err != nil {
		return nil, err
	}
	archive := filepath.Join(folder, "layout.a")
	run := func() ([]string, error) { return p.compile(ctx, n, imports, archive, folder+"=>"+s.Pkg.Dir, files) }
	if key != "" { // the imports are the same, but the text differs
		key = fmt.Sprintf("%s layout %d %x", key, stride, contentOf(s))
	}
	if _, _, err := p.share(ctx, n, key, archive, run, func() bool { return true }); err != nil {
		return nil, err
	}
	o, err := compiler.ReadArchive(archive)
	if err != nil {
		return nil, err
	}
	exports, _ := compiler.ReadExports(archive)
	return &layout{of: s, stride: stride, export: o.Export, exports: exports}, nil
}

// write writes files of the same names into a folder, and returns their paths.
func write(folder string, files []string, text func(file string) ([]byte, error)) (written []string, err error) {
	for _, f := range files {
		content, err := text(f)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(folder, filepath.Base(f))
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return nil, err
		}
		written = append(written, file)
	}
	return written, nil
}

// strideOf returns the stride that a package needs; 0 if it has no canonical layout.
func strideOf(s *source.Source) int {
	if s == nil {
		return 0
	}
	most := 0
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		f := s.Files[name]
		if filepath.Ext(name) != ".go" || !slices.Contains(s.Pkg.Files, name) {
			continue
		}
		most = max(most, bytes.Count(f.Text, []byte("\n")))
	}
	for _, stride := range strides {
		if most < stride { // then each declaration fits, with what is before it
			return stride
		}
	}
	return 0
}

// placesItself reports whether a file may say itself, in line directives, where its code
// is: then its layout does not determine positions.
func placesItself(text []byte) bool {
	return bytes.Contains(text, []byte("//line ")) || bytes.Contains(text, []byte("/*line "))
}

// canonicalLayout moves the n-th declaration to line (n+1)*stride, by inserting blank
// lines before the comments in front of it.
func canonicalLayout(text []byte, stride int) ([]byte, error) {
	if placesItself(text) {
		return nil, errLayout
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	file := fset.File(f.Pos())
	var out bytes.Buffer
	line, at := 1, 0
	put := func(part []byte) {
		out.Write(part)
		line += bytes.Count(part, []byte("\n"))
	}
	end := file.Offset(f.Name.End())
	for i, d := range f.Decls {
		put(text[at:end])
		start := file.Offset(d.Pos())
		between := text[end:start]
		first := bytes.IndexByte(between, '\n')
		if first < 0 {
			return nil, errLayout // there are two declarations on one line
		}
		// The rest of the last declaration's line stays there.
		put(between[:first+1])
		pad := (i+1)*stride - line - bytes.Count(between[first+1:], []byte("\n"))
		if pad < 0 {
			return nil, errLayout
		}
		put([]byte(strings.Repeat("\n", pad)))
		put(between[first+1:])
		at, end = start, file.Offset(d.End())
	}
	put(text[at:])
	return out.Bytes(), nil
}
