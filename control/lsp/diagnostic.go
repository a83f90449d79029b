package lsp

import (
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hotdev/hotdev/control"
)

// The protocol's.
type (
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}
	span struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}
	location struct {
		URI   string `json:"uri"`
		Range span   `json:"range"`
	}
	related struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}
	diagnostic struct {
		Range    span      `json:"range"`
		Severity int       `json:"severity"`
		Source   string    `json:"source"`
		Message  string    `json:"message"`
		Related  []related `json:"relatedInformation,omitempty"`
	}
)

const severityError = 1

// diagnostics are a report's, by the URI of their file. What has no place is at the
// beginning of go.mod, which every module has.
func diagnostics(r control.Report) map[string][]diagnostic {
	all := map[string][]diagnostic{}
	add := func(file string, d diagnostic) {
		d.Severity, d.Source = severityError, "hotdev"
		if file == "" {
			file = filepath.Join(r.Dir, "go.mod")
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(r.Dir, file)
		}
		all[address(file)] = append(all[address(file)], d)
	}
	if t := r.Tests; t != nil {
		for _, d := range t.Diagnostics {
			add(d.File, diagnostic{Range: place(d.Excerpt, d.First, d.Line, d.Column), Message: strings.Join(append([]string{d.Message}, d.More...), "\n")})
		}
		for _, f := range t.Failures {
			message := strings.Join(append([]string{f.Brief()}, f.Message[min(1, len(f.Message)):]...), "\n")
			d := diagnostic{Range: place(f.Excerpt, f.First, f.Line, 0), Message: message}
			for _, m := range f.More {
				if !m.Log {
					d.Related = append(d.Related, related{location{address(m.File), place(nil, 0, m.Line, 0)}, strings.Join(m.Text, "\n")})
				}
			}
			add(f.File, d)
		}
	}
	for _, p := range r.Programs {
		for _, d := range p.Diagnostics {
			message := strings.Join(append([]string{d.Message}, d.More...), "\n")
			if len(d.Suggest) > 0 {
				message += "\ndid you mean " + strings.Join(d.Suggest, ", ") + "?"
			}
			add(d.File, diagnostic{Range: place(d.Excerpt, d.First, d.Line, d.Column), Message: message})
		}
		for _, c := range p.Crashes {
			message := c.Kind
			if c.Message != "" {
				message += ": " + c.Message
			}
			if c.Count > 1 {
				message += " (" + strconv.Itoa(c.Count) + " times)"
			}
			d := diagnostic{Range: place(c.Excerpt, c.First, c.Line, 0), Message: message}
			for _, f := range c.Frames {
				d.Related = append(d.Related, related{location{address(f.File), place(nil, 0, f.Line, 0)}, f.Func})
			}
			add(c.File, d)
		}
		for line := range strings.Lines(p.Config) {
			file, at, message := configMistake(strings.TrimSpace(line))
			add(file, diagnostic{Range: at, Message: message})
		}
	}
	return all
}

var mistakePlace = regexp.MustCompile(`^(.+?):(\d+):(\d+): (.*)$`)

// configMistake takes a sentence such as "x.toml:3:1: unknown key" apart.
func configMistake(text string) (file string, at span, message string) {
	m := mistakePlace.FindStringSubmatch(text)
	if m == nil {
		return "", span{}, text
	}
	line, _ := strconv.Atoi(m[2])
	column, _ := strconv.Atoi(m[3])
	return m[1], place(nil, 0, line, column), m[4]
}

// address is a file's URI.
func address(file string) string {
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") { // a drive
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// place is where line and column (from 1, in bytes; 0 is unknown) are for an editor,
// which counts from 0 and in UTF-16. With the source line at hand it is the word
// there, or, without a column, the line but for its indentation.
func place(excerpt []string, first, line, column int) span {
	at := max(0, line-1)
	text, known := "", false
	if i := line - first; len(excerpt) > 0 && i >= 0 && i < len(excerpt) {
		text, known = excerpt[i], true
	}
	switch {
	case !known && column > 0:
		return span{position{at, column - 1}, position{at, column}}
	case !known:
		return span{position{at, 0}, position{at, 1}}
	case column <= 0:
		from := len(text) - len(strings.TrimLeft(text, " \t"))
		return span{position{at, units(text[:from])}, position{at, units(text)}}
	}
	from := min(column-1, len(text))
	to := from
	for to < len(text) {
		r, size := utf8.DecodeRuneInString(text[to:])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' {
			break
		}
		to += size
	}
	if to == from && from < len(text) {
		_, size := utf8.DecodeRuneInString(text[from:])
		to += size
	}
	return span{position{at, units(text[:from])}, position{at, units(text[:to])}}
}

// units is how long a text is in UTF-16.
func units(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
