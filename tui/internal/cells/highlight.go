package cells

import (
	"go/scanner"
	"go/token"
	"path/filepath"
	"strings"
)

// The excerpts are a few lines of Go, and the standard library can tokenise Go. chroma
// (v2.27) was tried: its lexers cost 16 ms of processor time at every start of the
// binary, used or not, and 4.6 MB of its size. hotdev's binary is also started as the
// supervisor of every run of the program, so each save would pay for it.

// maxHighlit limits the bytes that are coloured: generated code has lines of megabytes.
const maxHighlit = 4 << 10

// Highlight splits clean lines of a file into spans whose texts make up the lines.
// Stale code, and text that is not Go, has a single ink.
func (l Look) Highlight(file string, lines []string, stale bool) []Row {
	text := strings.Join(lines, "\n")
	ink := l.Text
	if stale {
		ink = l.Dim
	}
	plain := make([]Row, len(lines))
	for i, line := range lines {
		plain[i] = Row{ink.Of(line)}
	}
	if stale || filepath.Ext(file) != ".go" || len(text) > maxHighlit {
		return plain
	}
	inks := l.inks(text)
	out := make([]Row, len(lines))
	at := 0
	for i, line := range lines {
		begin := 0
		for k := 1; k <= len(line); k++ {
			if k == len(line) || inks[at+k] != inks[at+begin] {
				out[i] = append(out[i], inks[at+begin].Of(line[begin:k]))
				begin = k
			}
		}
		at += len(line) + 1
	}
	return out
}

// inks returns the ink of each byte of a piece of Go, which may begin and end anywhere.
func (l Look) inks(text string) []Ink {
	inks := make([]Ink, len(text))
	for i := range inks {
		inks[i] = l.Text
	}
	for at, tok := range tokens(text) {
		var ink Ink
		switch {
		case tok.kind == token.COMMENT:
			ink = l.Dim
		case tok.kind == token.STRING || tok.kind == token.CHAR:
			ink = l.Good
		case tok.kind.IsKeyword():
			ink = l.Accent
		case tok.kind == token.INT || tok.kind == token.FLOAT || tok.kind == token.IMAG, tok.constant():
			ink = l.Warn
		default:
			continue
		}
		for i := at; i < min(at+tok.size, len(inks)); i++ {
			inks[i] = ink
		}
	}
	return inks
}

// A lexeme is a token and its length in bytes.
type lexeme struct {
	kind token.Token
	text string
	size int
}

// constant reports whether the name is a predeclared constant.
func (t lexeme) constant() bool {
	switch t.text {
	case "true", "false", "nil", "iota":
		return t.kind == token.IDENT
	}
	return false
}

// tokens iterates over the tokens of text with their offsets. It skips what is not Go.
func tokens(text string) func(yield func(int, lexeme) bool) {
	return func(yield func(int, lexeme) bool) {
		var s scanner.Scanner
		file := token.NewFileSet().AddFile("", -1, len(text))
		s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
		for {
			pos, kind, lit := s.Scan()
			if kind == token.EOF {
				return
			}
			t := lexeme{kind, lit, len(lit)}
			switch {
			case kind == token.SEMICOLON && lit == "\n": // inserted by the scanner
				continue
			case kind.IsOperator():
				t.size = len(kind.String())
			}
			if !yield(file.Offset(pos), t) {
				return
			}
		}
	}
}

// Text returns the row's text without its inks.
func (r Row) Text() string {
	var b strings.Builder
	for _, s := range r {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Clip returns the part of a line, given also as spans, that fills room cells from
// cell shift on, with an ellipsis where something is cut off.
func (l Look) Clip(spans Row, line string, shift, room int) Row {
	from, to := 0, len(line)
	var out Row
	shown := line
	if shift > 0 {
		shown = l.Method.TruncateLeft(line, shift+l.Width(l.Ellipsis), l.Ellipsis)
		from = len(line) - len(strings.TrimPrefix(shown, l.Ellipsis))
		if shown != "" { // otherwise everything is to the left of it
			out = append(out, l.Dim.Of(l.Ellipsis))
		}
	}
	cut := l.Cut(shown, room)
	if cut != shown {
		if len(cut) <= len(l.Ellipsis) { // there is no more room
			return Row{l.Dim.Of(cut)}
		}
		to = min(to, max(from, from+len(cut)-len(l.Ellipsis)*(1+len(out))))
	}
	at := 0
	for _, s := range spans {
		lo, hi := max(from, at), min(to, at+len(s.Text))
		if lo < hi {
			out = append(out, s.Ink.Of(s.Text[lo-at:hi-at]))
		}
		at += len(s.Text)
	}
	if cut != shown {
		out = append(out, l.Dim.Of(l.Ellipsis))
	}
	return out
}
