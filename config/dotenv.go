package config

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// # The language of env files
//
// It is what docker compose and the dotenv libraries have in common, and where
// they differ, the reading that loses nothing:
//
//	NAME=value           "export NAME=value" and "NAME: value" are the same
//	NAME=a b # comment   a # after a blank begins a comment
//	NAME='a $b \n'       literal, \' aside; may have several lines
//	NAME="a $b \n"       \n \r \t \" \\ \$, and variables; may have several lines
//	NAME=a $b            variables; \$ is a $, any other backslash is itself
//
// A variable is $NAME or ${NAME}, with ${NAME:-default}, ${NAME:+other} and
// ${NAME:?message} as in a shell, and without the colon. Its value is the one
// that the program will see: the table's, the environment's, or what this file
// or one before it has set above.
//
// Where a $ or a backslash is likely to mean itself, it does, and a notice says
// how to write it beyond doubt: a variable that is not set, a command, a
// backslash in what looks like a Windows path. The two dollars that docker
// compose reads as one are one here too, and a notice says so.

// longest is how long a value may be: Linux starts no program with a longer one.
// It bounds what variables that name each other can grow to.
const longest = 128<<10 - 1

// An assignment is one NAME=value of an env file.
type assignment struct {
	name, value string
	// itself: the value refers to the variable of that name, which was set before.
	itself bool
}

// A scope is what an env file is read in.
type scope struct {
	fold   func(name string) string // two names with the same fold are one variable
	lookup func(name string) (value string, ok bool)
	assign func(assignment) // called for each before the next is read
}

// A dotenvReading is one env file while it is being read.
type dotenvReading struct {
	scope
	file    string
	rest    string // what is not read yet
	line    int    // of rest, from 1
	notices []string

	now   assignment
	begun int             // the line of now
	said  map[string]bool // the notices about now
}

// readDotenv reads an env file's content, up to the first mistake. Values do not
// appear in the notices and in the error, nor do parts of them.
func readDotenv(file, text string, in scope) (notices []string, bad *Error) {
	text = strings.TrimPrefix(text, "\ufeff")
	r := &dotenvReading{scope: in, file: file, rest: strings.ReplaceAll(text, "\r\n", "\n"), line: 1}
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		return nil, r.wrong("is UTF-16; save it as UTF-8")
	}
	lines := map[string]int{} // where a variable was set, by folded name
	for r.next() {
		if bad := r.statement(); bad != nil {
			return nil, bad
		}
		if first, twice := lines[r.fold(r.now.name)]; twice && !r.now.itself {
			r.notice("is set in line %d, too; this one counts", first)
		}
		lines[r.fold(r.now.name)] = r.begun
		r.assign(r.now)
	}
	return r.notices, nil
}

func (r *dotenvReading) wrong(format string, args ...any) *Error {
	return &Error{File: r.file, Line: r.line, Message: fmt.Sprintf(format, args...)}
}

// notice says something about the assignment, once.
func (r *dotenvReading) notice(format string, args ...any) {
	text := fmt.Sprintf("%s:%d: %s ", r.file, r.begun, r.now.name) + fmt.Sprintf(format, args...)
	if !r.said[text] {
		r.said[text] = true
		r.notices = append(r.notices, printable(text))
	}
}

// take moves past the next n bytes and returns them.
func (r *dotenvReading) take(n int) string {
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	r.line += strings.Count(taken, "\n")
	return taken
}

// lineEnd is how far the end of the line is.
func (r *dotenvReading) lineEnd() int {
	if n := strings.IndexByte(r.rest, '\n'); n >= 0 {
		return n
	}
	return len(r.rest)
}

const blanks = " \t\v\f\r"

// next goes to the next assignment and reports whether there is one.
func (r *dotenvReading) next() bool {
	for {
		r.take(len(r.rest) - len(strings.TrimLeft(r.rest, blanks+"\n")))
		if !strings.HasPrefix(r.rest, "#") {
			break
		}
		r.take(r.lineEnd())
	}
	r.now, r.begun, r.said = assignment{}, r.line, map[string]bool{}
	return r.rest != ""
}

// statement reads one assignment, up to the end of its last line.
func (r *dotenvReading) statement() *Error {
	line := r.rest[:r.lineEnd()]
	if after, ok := strings.CutPrefix(line, "export"); ok && strings.TrimLeft(after, blanks) != after {
		r.take(len(line) - len(strings.TrimLeft(after, blanks)))
		line = r.rest[:r.lineEnd()]
	}
	end := strings.IndexAny(line, "=:")
	if end < 0 {
		return r.wrong("want NAME=value")
	}
	after := line[end+1:]
	name := strings.TrimRight(line[:end], blanks)
	if !dotenvName(name) || line[end] == ':' && after != "" && !strings.ContainsAny(after[:1], blanks) {
		return r.wrong("want NAME=value")
	}
	r.now.name = name
	r.take(end + 1)
	r.take(len(after) - len(strings.TrimLeft(after, blanks)))

	value, quote, bad := r.raw(after != "" && strings.ContainsAny(after[:1], blanks))
	if bad != nil {
		return bad
	}
	if quote == '\'' {
		value = strings.ReplaceAll(value, `\'`, `'`)
	} else {
		e := expansion{dotenvReading: r, quoted: quote == '"', path: looksLikePath(value)}
		if value, bad = e.expand(value); bad != nil {
			return bad
		}
	}
	if strings.Contains(value, "\x00") {
		return &Error{File: r.file, Line: r.begun, Message: "a value must not hold the character U+0000"}
	}
	r.now.value = value
	return nil
}

// raw takes a value as it is written, and the rest of its line. Quotes around it
// are the second result, or 0. blank: there is one in front.
func (r *dotenvReading) raw(blank bool) (value string, quote byte, bad *Error) {
	if r.rest == "" || r.rest[0] != '"' && r.rest[0] != '\'' {
		value := r.take(r.lineEnd())
		for i := range len(value) {
			if value[i] == '#' && (i == 0 && blank || i > 0 && strings.IndexByte(blanks, value[i-1]) >= 0) {
				value = value[:i]
				break
			}
		}
		return strings.TrimRight(value, blanks), 0, nil
	}
	quote = r.rest[0]
	escaped := false // there is a quote that does not end the value
	for i := 1; i < len(r.rest); i++ {
		switch r.rest[i] {
		case '\\':
			i++
			escaped = escaped || i < len(r.rest) && r.rest[i] == quote
		case quote:
			value = r.take(i + 1)[1:i]
			end := r.rest[:r.lineEnd()]
			if after := strings.TrimLeft(end, blanks); after != "" && after[0] != '#' {
				return "", 0, r.wrong("after the closing quote %c only a comment may follow", quote)
			}
			r.take(len(end))
			return value, quote, nil
		}
	}
	if escaped {
		return "", 0, r.wrong(`a quote is not closed (\%c does not close it)`, quote)
	}
	return "", 0, r.wrong("a quote is not closed")
}

// dotenvName reports whether an env file can set name: what a shell takes, and
// what some programs want: "spring.port", "MY-KEY", "list[0]".
func dotenvName(name string) bool {
	if !utf8.ValidString(name) {
		return false
	}
	for _, c := range name {
		if !unicode.IsLetter(c) && !unicode.IsNumber(c) && !strings.ContainsRune("_.-[]", c) {
			return false
		}
	}
	return name != ""
}

// looksLikePath reports whether a value is written like a Windows path: C:\x or
// \\server\x, with single backslashes; or like several.
func looksLikePath(value string) bool {
	for _, part := range strings.FieldsFunc(value, func(c rune) bool { return strings.ContainsRune(";,=", c) }) {
		if host, ok := strings.CutPrefix(part, `\\`); ok {
			host, rest, ok := strings.Cut(host, `\`)
			if ok && dotenvName(host) && !strings.HasPrefix(rest, `\`) {
				return true
			}
		}
		if len(part) > 3 && unicode.IsLetter(rune(part[0])) && part[1:3] == `:\` && part[3] != '\\' {
			return true
		}
	}
	return false
}
