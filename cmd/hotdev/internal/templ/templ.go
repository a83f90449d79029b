// Package templ knows what templ generates: which parts of a generated file are text,
// and how a program finds newer texts than those that were compiled into it.
//
// A program that runs with the variables of [Environ] reads the text of its templates
// from files, each time it writes it. So a change of text alone needs no build, as long
// as the files exist and belong to the same code as the program. templ's own watch mode
// works that way.
package templ

import (
	"crypto/sha256"
	"encoding/hex"
	"go/scanner"
	"go/token"
	"hash"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// Generated reports whether a file is one that templ generates, by its name.
func Generated(path string) bool { return strings.HasSuffix(path, "_templ.go") }

// Environ has a program read texts from files in folder, for templates below root.
func Environ(folder, root string) []string {
	if resolved, err := filepath.EvalSymlinks(root); err == nil {
		root = resolved // templ compares the text of paths
	}
	return []string{"TEMPL_DEV_MODE=true", "TEMPL_DEV_MODE_ROOT=" + folder, "TEMPL_DEV_MODE_WATCH_ROOT=" + root}
}

// A File is a generated file, taken apart.
type File struct {
	// Code identifies all of it except texts, comments and the lines of the template
	// that errors name. Texts are as the source quotes them, in its order.
	Code  [sha256.Size]byte
	Texts []string
}

// Read reads a generated file; ok is false if its texts are not known.
func Read(path string) (f File, ok bool) {
	src, err := os.ReadFile(path)
	if err != nil {
		return File{}, false
	}
	return parse(src)
}

// lexeme is a token with its text.
type lexeme struct {
	tok  token.Token
	text string
}

// The calls that write text, up to the text, and the errors that name a line, as far as
// the number; an empty word is any.
var (
	writes = []string{"templruntime", ".", "WriteString", "(", "", ",", "", ","}
	errs   = []string{"templ", ".", "Error", "{", "Err", ":", "", ",", "FileName", ":", "", ",", "Line", ":", "", ",", "Col", ":", ""}
)

// parse takes a source apart.
func parse(src []byte) (File, bool) {
	fset := token.NewFileSet()
	var s scanner.Scanner
	bad := false
	s.Init(fset.AddFile("", -1, len(src)), src, func(token.Position, string) { bad = true }, 0) // without comments
	var all []lexeme
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if text == "" || tok == token.SEMICOLON {
			text = tok.String()
		}
		all = append(all, lexeme{tok, text})
	}
	if bad {
		return File{}, false
	}
	var f File
	code := sha256.New()
	for i := 0; i < len(all); {
		switch {
		case follows(all[i:], writes) && i+len(writes) < len(all) && all[i+len(writes)].tok == token.STRING:
			text := all[i+len(writes)].text
			if !strings.HasPrefix(text, `"`) || all[i+len(writes)-2].text != strconv.Itoa(len(f.Texts)+1) {
				return File{}, false
			}
			f.Texts = append(f.Texts, text[1:len(text)-1])
			add(code, all[i:i+len(writes)]...)
			i += len(writes) + 1
		case follows(all[i:], errs):
			add(code, all[i:i+len(errs)-5]...) // up to the line
			i += len(errs)
		default:
			add(code, all[i])
			i++
		}
	}
	f.Code = [sha256.Size]byte(code.Sum(nil))
	return f, true
}

// follows reports whether the tokens begin with these words.
func follows(all []lexeme, words []string) bool {
	for i, word := range words {
		if i >= len(all) || word != "" && all[i].text != word {
			return false
		}
	}
	return true
}

func add(to hash.Hash, all ...lexeme) {
	for _, l := range all {
		to.Write([]byte(l.text + "\x00"))
	}
}

// Write puts the texts of the generated file at path where a program finds them.
func (f File) Write(folder, path string) error {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	name := sha256.Sum256([]byte(normal(strings.TrimSuffix(path, "_templ.go") + ".templ")))
	return atomicfile.Write(filepath.Join(folder, "templ_"+hex.EncodeToString(name[:])+".txt"), []byte(strings.Join(f.Texts, "\n")), 0o644)
}

// normal is a path as templ names it: with slashes, and a drive as /c.
func normal(path string) string {
	path = strings.ReplaceAll(filepath.Clean(path), `\`, "/")
	if drive, rest, ok := strings.Cut(path, ":"); ok && len(drive) == 1 {
		return "/" + strings.ToLower(drive) + rest
	}
	return path
}
