package complaint

import (
	"fmt"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

// A Report turns what the toolchain prints into diagnostics. Its rule: a line is
// understood, belongs to the line before it, or becomes a message as it is; only the go
// command's progress messages are dropped (see chatter).
type Report struct {
	Dir string // what relative paths are relative to
	// DirOf returns the folder of a package, or "" if unknown.
	DirOf func(pkg string) string
	// OwnerOf returns the package that a file belongs to, or "" if unknown.
	OwnerOf func(file string) string
	// RankOf returns the position of a package in the graph. It may be nil.
	RankOf func(pkg string) int
	// FolderOf returns the folder of any package of the program, or "". It may be nil.
	FolderOf func(pkg string) string
	// DependsOn reports whether a package imports another, directly or not. It may be
	// nil.
	DependsOn func(pkg, other string) bool

	pkg     string
	Out     []Diagnostic
	lead    []string // lines that introduce the next one ("main.go: In function 'f':")
	chain   []string // an import chain, as far as it has been read
	gather  bool     // all further lines belong to the last diagnostic (a failed linker's report)
	section int      // index in Out where the current package's diagnostics begin
	beyond  int      // number of diagnostics that were not kept
	repeat  bool     // the last diagnostic was a duplicate, and so are its continuation lines
}

// Begin starts the output of a package.
func (p *Report) Begin(pkg string) {
	p.End()
	pkg, _, _ = strings.Cut(pkg, " ") // "ex.com/a [ex.com/a.test]"
	p.pkg = pkg
	if RelativePath(pkg) {
		// A folder that is no longer a package keeps its former name.
		if owner := p.owner(filepath.Join(p.Dir, pkg, "any.go")); owner != "" {
			p.pkg = owner
		}
	}
}

// RelativePath reports whether pkg is a folder, by which the go command calls a package
// that has no import path.
func RelativePath(pkg string) bool {
	return pkg == "." || pkg == ".." || strings.HasPrefix(pkg, "./") || strings.HasPrefix(pkg, "../")
}

// End ends a package's output.
func (p *Report) End() {
	p.endChain()
	for _, l := range p.lead {
		p.Add(Diagnostic{Message: l})
	}
	p.lead, p.gather, p.section = nil, false, len(p.Out)
}

// Line reads one line, without its line end.
func (p *Report) Line(raw string) {
	text := strings.TrimRight(Clean(raw), " \t")
	if text == "" {
		return
	}
	indented := text[0] == '\t' || strings.HasPrefix(text, "    ") || strings.HasPrefix(text, "  ")
	switch {
	case strings.HasPrefix(text, "# ") && !strings.HasPrefix(text, "# cgo "):
		p.Begin(text[2:])
	case len(p.chain) > 0 && indented:
		p.chain = append(p.chain, strings.TrimSpace(text))
	case strings.HasPrefix(text, "package ") && !strings.Contains(text[len("package "):], " "):
		p.End()
		p.chain = []string{text}
	case indented:
		p.continuation(text)
	default:
		p.endChain()
		p.message(text)
	}
}

// continuation reads an indented line.
func (p *Report) continuation(text string) {
	if len(p.lead) > 0 && !p.gather {
		// The introduction has further lines itself ("go: …; to add it:").
		p.Add(Diagnostic{Message: p.lead[0], More: p.lead[1:]})
		p.lead = nil
	}
	if len(p.Out) == p.section {
		p.message(strings.TrimSpace(text))
		return
	}
	p.more(unindent(text))
}

// message reads a line that is not indented.
func (p *Report) message(text string) {
	if chatter(text) {
		return
	}
	d, located := p.Locate(strings.TrimPrefix(text, "go: "))
	last := len(p.Out) - 1
	if last >= p.section {
		same := located && d.File == p.Out[last].File
		switch {
		case p.gather && !located,
			!located && (text == "too many errors" || strings.HasPrefix(text, "asm: ") || strings.HasPrefix(text, "collect2: ")),
			same && (d.Message == "too many errors" || strings.HasPrefix(d.Message, "note: ")):
			p.more(strings.TrimPrefix(d.Message, "note: "))
			return
		}
	}
	if !located && announces(text) {
		p.lead = append(p.lead, text)
		return
	}
	if located && len(p.lead) > 0 {
		for _, l := range p.lead {
			if !strings.Contains(l, "errors parsing ") {
				d.More = append(d.More, l)
			}
		}
		p.lead = nil
	}
	p.Add(d)
	p.gather = reports(text)
}

// reports reports whether all lines after this one explain it: the linker ran another
// linker that failed, or the go command shows its usage.
func reports(text string) bool {
	return strings.Contains(text, ": running ") && strings.Contains(text, " failed: ") ||
		strings.HasPrefix(text, "flag provided but not defined: ") || strings.HasPrefix(text, "invalid value ")
}

// announces reports whether a line only introduces the next ones.
func announces(text string) bool {
	return strings.HasSuffix(text, ":") || strings.HasSuffix(text, ",") || strings.HasPrefix(text, "In file included from ")
}

// chatter reports whether a line is about the go command's progress.
func chatter(text string) bool {
	rest, ok := strings.CutPrefix(text, "go: ")
	if !ok {
		return false
	}
	for _, verb := range []string{"downloading ", "finding ", "found ", "extracting ", "added ", "upgraded "} {
		if strings.HasPrefix(rest, verb) {
			return true
		}
	}
	return false
}

// endChain ends an import chain: "package a", "imports b from a.go", …, the last line
// of which ends in the error.
func (p *Report) endChain() {
	if len(p.chain) == 0 {
		return
	}
	chain := p.chain
	p.chain = nil
	last := chain[len(chain)-1]
	d, located := p.Locate(last)
	if !located {
		if link, msg, ok := strings.Cut(last, ": "); ok && strings.HasPrefix(last, "imports ") {
			d.Message = msg
			chain[len(chain)-1] = link
			p.placeImport(&d, chain)
			if d.Package == "" && p.pkg == "" {
				d.Package, _, _ = strings.Cut(strings.TrimPrefix(link, "imports "), " ")
			}
		}
	} else {
		chain = chain[:len(chain)-1]
	}
	if len(chain) > 1 {
		d.More = append(d.More, chain...)
	} else if d.Package == "" {
		d.Package = strings.TrimPrefix(chain[0], "package ")
	}
	p.Add(d)
}

// placeImport finds the place of a chain's last link, "imports a from b.go",
// in the folder of the package before it.
func (p *Report) placeImport(d *Diagnostic, chain []string) {
	imported, file, ok := strings.Cut(strings.TrimPrefix(chain[len(chain)-1], "imports "), " from ")
	if !ok || len(chain) < 2 || p.DirOf == nil {
		return
	}
	importer := strings.TrimPrefix(strings.TrimPrefix(chain[len(chain)-2], "package "), "imports ")
	importer, _, _ = strings.Cut(importer, " ")
	dir := p.DirOf(importer)
	if dir == "" {
		return
	}
	path := filepath.Join(dir, file)
	if pos, ok := ImportPosition(path, imported); ok {
		d.Package, d.File, d.Line, d.Column = importer, path, pos.Line, pos.Column
	}
}

// ImportPosition returns the position of an import in a Go file.
func ImportPosition(file, imported string) (token.Position, bool) {
	if filepath.Ext(file) != ".go" {
		return token.Position{}, false
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ImportsOnly)
	if err != nil {
		return token.Position{}, false
	}
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == imported {
			return fset.PositionFor(spec.Path.Pos(), false), true
		}
	}
	return token.Position{}, false
}

func (p *Report) Add(d Diagnostic) {
	if d.Package == "" {
		d.Package = p.pkg
	}
	if owner := p.owner(d.File); owner != "" {
		d.Package = owner
	}
	same := func(o Diagnostic) bool {
		return o.Package == d.Package && o.File == d.File && o.Line == d.Line && o.Column == d.Column && o.Message == d.Message
	}
	p.repeat = slices.ContainsFunc(p.Out, same)
	switch {
	case p.repeat:
	case len(p.Out) < maxDiagnostics:
		p.Out = append(p.Out, d)
	default:
		p.repeat = true // its continuation lines are dropped as well
		p.beyond++
	}
}

// maxDiagnostics limits what is kept of a build. The compiler and the linker stop long
// before by themselves; a C++ compiler does not.
const maxDiagnostics = 500

// Done ends the output, and returns all diagnostics.
func (p *Report) Done() []Diagnostic {
	p.End()
	if p.beyond > 0 {
		p.Out = append(p.Out, Diagnostic{Message: fmt.Sprintf("and %d more", p.beyond)})
	}
	return withSuggestions(withEchoes(WithExcerpts(p.Out), p.DependsOn), p.FolderOf)
}

func (p *Report) owner(file string) string {
	if file == "" || p.OwnerOf == nil {
		return ""
	}
	return p.OwnerOf(file)
}

func (p *Report) more(text string) {
	d := &p.Out[len(p.Out)-1]
	if !p.repeat && len(d.More) < maxMore {
		d.More = append(d.More, p.shorten(text))
	}
}

// shorten writes the place at the beginning of a line ("/x/a.go:3:6: other declaration
// of A") as the go command does: relative to the folder, if that is shorter. The
// compiler itself prints the path that it was called with.
func (p *Report) shorten(text string) string {
	d, located := p.Locate(text)
	name, rest, ok := strings.Cut(text, ":"+strconv.Itoa(d.Line))
	if !located || !ok || p.resolve(name) != d.File {
		return text
	}
	if short, err := filepath.Rel(p.Dir, d.File); err == nil && len(short) < len(d.File) {
		return short + ":" + strconv.Itoa(d.Line) + rest
	}
	return text
}

// maxMore limits the continuation lines of a diagnostic: a linker can print thousands,
// and only the first are of use.
const maxMore = 50

// Locate splits "file:line:column: message" and "file:line: message". Only a
// file that exists counts, so that a time, an address or a path inside the
// compiler's work folder stays part of its message.
func (p *Report) Locate(text string) (Diagnostic, bool) {
	whole := Diagnostic{Message: text}
	for i := 0; i < len(text); {
		colon := strings.IndexByte(text[i:], ':')
		if colon < 0 {
			break
		}
		i += colon + 1
		line, rest, ok := leadingNumber(text[i:])
		if !ok || i == 1 {
			continue
		}
		column := 0
		if c, after, ok := leadingNumber(strings.TrimPrefix(rest, ":")); ok && rest != "" {
			column, rest = c, after
		}
		if rest != "" && rest[0] != ':' {
			continue
		}
		name := text[:i-1]
		file := p.resolve(name)
		if file == "" {
			// "parsing lib/go.mod: /x/lib/go.mod:3: …": the words before the path stay
			// in the message, because they add to it.
			if cut := strings.LastIndex(name, ": "); cut >= 0 {
				if file = p.resolve(name[cut+2:]); file != "" {
					return Diagnostic{File: file, Line: line, Column: column, Message: text}, true
				}
			}
			continue
		}
		msg := strings.TrimSpace(strings.TrimPrefix(rest, ":"))
		if msg == "" {
			msg = text
		}
		return Diagnostic{File: file, Line: line, Column: column, Message: msg}, true
	}
	return whole, false
}

// leadingNumber returns the positive number at the start of s.
func leadingNumber(s string) (n int, rest string, ok bool) {
	end := 0
	for end < len(s) && end < 9 && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(s[:end])
	return n, s[end:], err == nil && n > 0
}

// resolve returns the absolute path of a file that exists, or "".
func (p *Report) resolve(name string) string {
	if name == "" || len(name) > 4096 {
		return ""
	}
	name = filepath.FromSlash(name)
	if filepath.IsAbs(name) {
		if disk.Regular(name) {
			return filepath.Clean(name)
		}
		return ""
	}
	if file := filepath.Join(p.Dir, name); disk.Regular(file) {
		return file
	}
	if p.DirOf != nil && p.pkg != "" {
		if dir := p.DirOf(p.pkg); dir != "" {
			if file := filepath.Join(dir, name); disk.Regular(file) {
				return file
			}
		}
	}
	return ""
}

// unindent removes one level of indentation. The rest (a compiler's own excerpt with
// its caret) keeps its alignment.
func unindent(text string) string {
	if text[0] == '\t' {
		return text[1:]
	}
	n := 0
	for n < 4 && n < len(text) && text[n] == ' ' {
		n++
	}
	return text[n:]
}
