package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A document is one TOML file while it is being decoded, with the place of
// everything in it and the mistakes found so far.
type document struct {
	name   string
	dir    string // the absolute folder that its paths are relative to
	data   []byte
	places map[string]place // by id of the path
	errs   Errors
	bad    map[string]bool // ids of values that errs is about
	base   []string        // the path of the table that is being checked; empty is the top
}

// A place is where a key and its value begin, as offsets.
type place struct{ key, value int }

// deepest is how deep places are kept: one more than the deepest value of the
// schema, program[0].build.before[1][2]. Anything deeper counts as if it were there, so
// that a file of nothing but brackets costs no more than its size.
const deepest = 7

// id makes a path of keys and indexes comparable. Keys may hold dots, but no
// NUL.
func id(path []string) string { return strings.Join(path, "\x00") }

// spell writes a path as a user would: build.before[1].
func spell(path []string) string {
	var b strings.Builder
	for i, part := range path {
		switch _, err := strconv.Atoi(part); {
		case err == nil && i > 0:
			b.WriteString("[" + part + "]")
		case i > 0:
			b.WriteString("." + part)
		default:
			b.WriteString(part)
		}
	}
	return b.String()
}

// newDocument parses data. Where that fails, the reason is in errs and there is
// no tree.
func newDocument(name string, data []byte) (*document, map[string]any) {
	d := &document{name: name, data: data, places: map[string]place{}, bad: map[string]bool{}}
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		e := &Error{File: name, Line: 1, Column: 1, Message: printable(strings.TrimPrefix(err.Error(), "toml: "))}
		var at *toml.DecodeError
		if errors.As(err, &at) {
			e.Line, e.Column = at.Position()
		}
		d.errs = Errors{e}
		return d, nil
	}
	d.index()
	return d, tree
}

// index fills places. The content is known to be valid.
func (d *document) index() {
	var p unstable.Parser
	p.Reset(d.data)
	var table []string           // what the last header named
	elements := map[string]int{} // by array of tables: how many headers so far
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			table = d.names(nil, e.Key(), elements)
		case unstable.ArrayTable:
			table = d.names(nil, e.Key(), elements)
			// What is meant here is the array itself, not its last element.
			if n := len(table) - 1; elements[id(table[:n])] > 0 {
				table = table[:n]
			}
			array := id(table)
			table = append(table, strconv.Itoa(elements[array]))
			elements[array]++
			for it := e.Key(); it.Next(); { // the last one counts
				at := int(it.Node().Raw.Offset)
				d.places[id(table)] = place{at, at}
			}
		case unstable.KeyValue:
			d.keyValue(table, e)
		}
	}
}

// names appends a dotted key to path and notes the place of each of its parts.
// A part that names an array of tables stands for its last element.
func (d *document) names(path []string, key unstable.Iterator, elements map[string]int) []string {
	path = append([]string(nil), path...)
	for len(path) < deepest && key.Next() {
		at := int(key.Node().Raw.Offset)
		path = append(path, string(key.Node().Data))
		if _, seen := d.places[id(path)]; !seen {
			d.places[id(path)] = place{at, at}
		}
		if n := elements[id(path)]; n > 0 {
			path = append(path, strconv.Itoa(n-1))
		}
	}
	return path
}

// keyValue notes the places in a key with its value, and returns where it ends.
func (d *document) keyValue(table []string, e *unstable.Node) int {
	var last *unstable.Node
	for it := e.Key(); it.Next(); {
		last = it.Node()
	}
	path := d.names(table, e.Key(), nil)
	at := int(last.Raw.Offset + last.Raw.Length)
	at = d.skip(at+bytes.IndexByte(d.data[at:], '=')+1, " \t")
	if len(path) < deepest {
		d.places[id(path)] = place{key: int(last.Raw.Offset), value: at}
	}
	return d.value(path, e.Value(), at)
}

// value notes the places in the value that begins at an offset, and returns
// where it ends. The syntax tree tells that for scalars only.
func (d *document) value(path []string, value *unstable.Node, at int) int {
	const between = " \t\r\n,#"
	switch value.Kind {
	case unstable.InlineTable:
		at++
		for it := value.Children(); it.Next(); {
			at = d.keyValue(path, it.Node())
		}
		return d.skip(at, between) + 1
	case unstable.Array:
		i := 0
		at++
		for it := value.Children(); it.Next(); i++ {
			at = d.skip(at, between)
			element := path
			if len(path) < deepest {
				element = append(path[:len(path):len(path)], strconv.Itoa(i))
				d.places[id(element)] = place{at, at}
			}
			at = d.value(element, it.Node(), at)
		}
		return d.skip(at, between) + 1
	}
	return int(value.Raw.Offset + value.Raw.Length)
}

// skip is the next offset from at that holds none of chars. A "#" is skipped with
// its line.
func (d *document) skip(at int, chars string) int {
	for at < len(d.data) && strings.IndexByte(chars, d.data[at]) >= 0 {
		if d.data[at] == '#' {
			at += len(d.data[at:]) - len(bytes.TrimLeftFunc(d.data[at:], func(r rune) bool { return r != '\n' }))
		} else {
			at++
		}
	}
	return at
}

// wrong notes a mistake in the value at path. One value is blamed once.
func (d *document) wrong(path []string, format string, args ...any) {
	for i := range path {
		if d.bad[id(path[:i+1])] {
			return
		}
	}
	if _, set := d.places[id(path)]; !set && len(d.base) > 0 {
		return // it is inherited from the top, and was blamed there
	}
	d.bad[id(path)] = true
	d.blame(d.place(path).value, fmt.Sprintf("%s: ", spell(path))+fmt.Sprintf(format, args...))
}

// in is a path in what is being checked.
func (d *document) in(path ...string) []string { return slices.Concat(d.base, path) }

// place is the place of path, or of the innermost part of it that is in the file.
func (d *document) place(path []string) place {
	for ; len(path) > 0; path = path[:len(path)-1] {
		if p, ok := d.places[id(path)]; ok {
			return p
		}
	}
	return place{}
}

func (d *document) blame(offset int, message string) {
	line, column := d.position(offset)
	d.errs = append(d.errs, &Error{File: d.name, Line: line, Column: column, Message: printable(message)})
}

// printable makes one line of a text that quotes a file, and one that does
// nothing to a terminal.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

// position counts line and column from 1.
func (d *document) position(offset int) (line, column int) {
	before := d.data[:offset]
	return bytes.Count(before, []byte("\n")) + 1, offset - bytes.LastIndexByte(before, '\n')
}
