package gotest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A FileCoverage is what tests ran of the changed lines of a file.
type FileCoverage struct {
	File string `json:"file"`
	// Lines is how many of the changed lines have code, Covered how many of these ran.
	Lines   int `json:"lines"`
	Covered int `json:"covered"`
	// Missed are the lines that did not run.
	Missed []Missed `json:"missed,omitempty"`
	// Untested: no test contains the file's package.
	Untested bool `json:"untested,omitempty"`
}

// Missed is a run of lines of code that no test ran, and the source from From on.
type Missed struct {
	Span
	Excerpt []string `json:"excerpt,omitempty"`
}

// maxMissed is how many source lines of a run are kept.
const maxMissed = 12

// A block is a part of a file that runs as a whole.
type block struct {
	from, to position
	ran      bool
}

type position struct{ line, column int } // of bytes, counted from 1

func (p position) before(q position) bool {
	return p.line < q.line || p.line == q.line && p.column < q.column
}

// A profile has the blocks of files, by the name that the compiler gives a file: the
// package's import path and the base name.
type profile map[string][]block

// blockLine is a line of a profile: "ex.com/m/cart/cart.go:5.12,7.3 1 0" has the file,
// the block's begin and end as line.column, its statements, and how often it ran.
var blockLine = regexp.MustCompile(`^(.+):(\d+)\.(\d+),(\d+)\.(\d+) \d+ (\d+)$`)

// parseProfile reads what go test -coverprofile writes. A block is in it once for each
// test binary that contains it.
func parseProfile(text string) (profile, error) {
	blocks := profile{}
	seen := map[string]int{} // block → its index among those of the file
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n")
		m := blockLine.FindStringSubmatch(l)
		switch {
		case strings.HasPrefix(l, "mode: "), l == "":
			continue
		case m == nil:
			return nil, fmt.Errorf("the coverage profile has an unknown line: %q", l)
		}
		var n [4]int
		for i := range n {
			n[i], _ = strconv.Atoi(m[2+i])
		}
		b := block{from: position{n[0], n[1]}, to: position{n[2], n[3]}, ran: strings.Trim(m[6], "0") != ""}
		key := l[:strings.IndexByte(l, ' ')]
		if i, ok := seen[key]; ok {
			blocks[m[1]][i].ran = blocks[m[1]][i].ran || b.ran
			continue
		}
		seen[key] = len(blocks[m[1]])
		blocks[m[1]] = append(blocks[m[1]], b)
	}
	return blocks, nil
}

// Coverage reads the profile that go test has written of the packages measured, and says
// what ran of the changes, each of which is in a package of g; others are left out. What
// the profile does not have, or if there is none, did not run.
func Coverage(g Graph, file string, measured []string, changes []Change) ([]FileCoverage, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	blocks, err := parseProfile(string(text))
	if err != nil {
		return nil, err
	}
	var all []FileCoverage
	for _, c := range changes {
		pkg, ok := g.Owner(c.File)
		if !ok {
			continue
		}
		source, err := os.ReadFile(c.File)
		if err != nil {
			continue // it is gone
		}
		known, ok := blocks[path.Join(pkg.ImportPath, filepath.Base(c.File))]
		if !ok {
			known = bodies(source)
		}
		if f := coverage(c, source, known); f.Lines > 0 {
			f.Untested = !slices.Contains(measured, pkg.ImportPath)
			all = append(all, f)
		}
	}
	return all, nil
}

// Owner returns the package that a Go file is compiled into, its tests aside.
func (g Graph) Owner(file string) (Package, bool) {
	for _, p := range g.Packages {
		for _, f := range p.Files {
			if f == file {
				return p, strings.HasSuffix(f, ".go")
			}
		}
	}
	return Package{}, false
}

// coverage counts the changed lines that have code in one of the blocks. A line is
// covered if all of its code ran.
func coverage(c Change, source []byte, blocks []block) FileCoverage {
	f := FileCoverage{File: c.File}
	code := codeLines(source, blocks)
	lines := strings.Split(string(source), "\n")
	for _, span := range c.Lines {
		var open *Missed
		for n := span.From; n <= min(span.To, len(lines)); n++ {
			ran, ok := code[n]
			switch {
			case !ok: // a comment, a brace, a declaration
				if strings.HasPrefix(lines[n-1], "}") { // a function ends
					open = nil
				}
				continue
			case ran:
				f.Covered++
				open = nil
			case open != nil:
				open.To = n
			default:
				f.Missed = append(f.Missed, Missed{Span: Span{n, n}})
				open = &f.Missed[len(f.Missed)-1]
			}
			f.Lines++
		}
	}
	for i := range f.Missed {
		m := &f.Missed[i]
		for _, l := range lines[m.From-1 : min(m.To, m.From-1+maxMissed)] {
			m.Excerpt = append(m.Excerpt, strings.TrimRight(l, "\r"))
		}
	}
	return f
}

// codeLines are the lines with code in one of the blocks, and whether all of it ran.
func codeLines(source []byte, blocks []block) map[int]bool {
	code := map[int]bool{}
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, source, func(token.Position, string) {}, 0)
	for {
		pos, tok, text := s.Scan()
		switch tok {
		case token.EOF:
			return code
		case token.LBRACE, token.RBRACE, token.LPAREN, token.RPAREN, token.LBRACK, token.RBRACK, token.COMMA, token.SEMICOLON:
			continue // they may be all that a line has
		}
		at := file.PositionFor(pos, false)
		ran, ok := ranAt(blocks, position{at.Line, at.Column})
		if !ok {
			continue
		}
		for n := range strings.Count(text, "\n") + 1 { // a raw string has several lines
			before, known := code[at.Line+n]
			code[at.Line+n] = ran && (before || !known)
		}
	}
}

// ranAt reports whether what is at a position ran; ok is false if it is in no block.
func ranAt(blocks []block, p position) (ran, ok bool) {
	for _, b := range blocks {
		if !p.before(b.from) && p.before(b.to) {
			return b.ran, true
		}
	}
	return false, false
}

// bodies are the bodies of a file's functions, as blocks that did not run.
func bodies(source []byte) (blocks []block) {
	fset := token.NewFileSet()
	file, _ := parser.ParseFile(fset, "", source, parser.SkipObjectResolution)
	if file == nil {
		return nil
	}
	at := func(p token.Pos) position {
		pos := fset.PositionFor(p, false)
		return position{pos.Line, pos.Column}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				blocks = append(blocks, block{from: at(n.Body.Lbrace), to: at(n.Body.End())})
			}
			return false
		case *ast.FuncLit:
			blocks = append(blocks, block{from: at(n.Body.Lbrace), to: at(n.Body.End())})
			return false
		}
		return true
	})
	return blocks
}
