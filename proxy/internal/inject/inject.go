// Package inject puts a tag into an HTML document that streams by.
//
// It looks at no more than the document's beginning, holds back no more than one
// unfinished tag of it, and copies every byte as it is: a document is not parsed and
// written anew, because no two parsers agree on broken HTML, and a developer debugs
// what the program sent.
//
// # Theory of operation
//
// What may come before or in place of <head> is little: a byte order mark, space,
// comments, a doctype, <html>. These are copied as soon as they are complete. The
// tag goes right after <head>; where anything else comes first, the head is implied,
// and the tag goes there. So it runs before the page's own scripts, and a browser
// puts it into the head in any case.
package inject

import (
	"bytes"
	"errors"
	"io"
)

// most is how much of a document's beginning is looked at: a longer comment than
// this is no document's beginning.
const most = 64 << 10

// NewReader is a reader of document with tag in it. Whole says that it is known to be
// a whole document; otherwise it has to look like one (a doctype, <html>, <head> or
// <body>), since a fragment would be spoilt. Close closes document.
func NewReader(document io.ReadCloser, tag []byte, whole bool) io.ReadCloser {
	return &reader{from: document, tag: tag, whole: whole}
}

type reader struct {
	from  io.ReadCloser
	tag   []byte
	whole bool

	ready   []byte // to be read next
	pending []byte // the beginning of what is not understood yet
	passed  int    // bytes looked at
	begun   bool   // something but a byte order mark has been seen
	done    bool   // the tag is in, or will never be
	err     error  // of from
}

func (r *reader) Close() error { return r.from.Close() }

func (r *reader) Read(p []byte) (int, error) {
	for len(r.ready) == 0 {
		if r.done && len(r.pending) == 0 {
			if r.err != nil {
				return 0, r.err
			}
			return r.from.Read(p)
		}
		if r.err == nil {
			buf := make([]byte, 4<<10)
			n, err := r.from.Read(buf)
			r.pending, r.err = append(r.pending, buf[:n]...), err
		}
		r.scan()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// scan moves what is understood from pending to ready.
func (r *reader) scan() {
	for !r.done && len(r.pending) > 0 {
		n, kind := token(r.pending, !r.begun)
		switch {
		case kind == unfinished && r.err == nil && r.passed+len(r.pending) < most:
			return
		case kind == unfinished:
			r.finish(false)
		case kind == prologue:
			r.take(n)
		case kind == declaration:
			r.whole = true
			r.take(n)
		case kind == head:
			r.take(n)
			r.finish(true)
		case kind == body:
			r.whole = true
			r.finish(true)
		default:
			r.finish(r.whole)
		}
	}
	if !r.done && r.err != nil { // it ended before anything showed
		r.finish(r.whole && errors.Is(r.err, io.EOF))
	}
}

func (r *reader) take(n int) {
	r.begun = true
	r.passed += n
	r.ready = append(r.ready, r.pending[:n]...)
	r.pending = r.pending[n:]
}

// finish ends the search, and lets the rest go as it is.
func (r *reader) finish(insert bool) {
	if insert {
		r.ready = append(r.ready, r.tag...)
	}
	r.done = true
	r.take(len(r.pending))
	r.pending = nil
}

// A kind is what a document's beginning goes on with.
type kind int

const (
	other       kind = iota // text, or any tag that is none of these
	unfinished              // more is needed to tell
	prologue                // space, a comment, a byte order mark
	declaration             // a doctype or <html>
	head
	body
)

// token reads what text, which is not empty, begins with, and its length where it
// may be passed.
func token(text []byte, first bool) (int, kind) {
	const mark = "\xef\xbb\xbf"
	if first && text[0] == mark[0] {
		switch {
		case bytes.HasPrefix(text, []byte(mark)):
			return len(mark), prologue
		case bytes.HasPrefix([]byte(mark), text):
			return 0, unfinished
		}
	}
	if n := len(text) - len(bytes.TrimLeft(text, "\t\n\f\r ")); n > 0 {
		return n, prologue
	}
	if text[0] != '<' {
		return 0, other
	}
	if len(text) == 1 {
		return 0, unfinished
	}
	switch c := text[1]; {
	case c == '!':
		return comment(text)
	case c == '?': // <?xml …?>, which HTML takes for a comment
		return until(text, ">", prologue)
	case lower(c) != 'h' && lower(c) != 'b':
		return 0, other
	}
	for _, tag := range []struct {
		name string
		kind kind
	}{{"html", declaration}, {"head", head}, {"body", body}} {
		name := text[1:min(len(text), 1+len(tag.name))]
		if !bytes.EqualFold(name, []byte(tag.name)[:len(name)]) {
			continue
		}
		if len(text) <= 1+len(tag.name) {
			return 0, unfinished
		}
		if c := text[1+len(tag.name)]; c != '>' && c != '/' && !space(c) {
			return 0, other // <header>
		}
		n := end(text)
		if n == 0 {
			return 0, unfinished
		}
		return n, tag.kind
	}
	return 0, other
}

// comment reads what begins with "<!".
func comment(text []byte) (int, kind) {
	const doctype = "<!doctype"
	switch n := min(len(text), len(doctype)); {
	case bytes.EqualFold(text[:n], []byte(doctype)[:n]):
		if n < len(doctype) {
			return 0, unfinished
		}
		return until(text, ">", declaration)
	case bytes.HasPrefix([]byte("<!--"), text):
		return 0, unfinished
	case !bytes.HasPrefix(text, []byte("<!--")):
		return until(text, ">", prologue)
	}
	for _, whole := range []string{"<!-->", "<!--->"} {
		if bytes.HasPrefix(text, []byte(whole)) {
			return len(whole), prologue
		}
	}
	n, found := until(text, "-->", prologue)
	if m, too := until(text, "--!>", prologue); too != unfinished && (found == unfinished || m < n) {
		return m, too
	}
	return n, found
}

// until is k up to the end of what ends with mark.
func until(text []byte, mark string, k kind) (int, kind) {
	i := bytes.Index(text, []byte(mark))
	if i < 0 {
		return 0, unfinished
	}
	return i + len(mark), k
}

// end is where the tag that text begins with ends; 0 if it is not all there. A ">"
// in a quoted value is none.
func end(text []byte) int {
	var quote byte
	value := false // an "=" came last, space aside
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i + 1
		case value && (c == '"' || c == '\''):
			quote, value = c, false
		case c == '=':
			value = true
		case !space(c):
			value = false
		}
	}
	return 0
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' && c != '\v' }

func lower(c byte) byte { return c | 0x20 }
