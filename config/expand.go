package config

import "strings"

// An expansion replaces escapes and variables in one value of an env file.
type expansion struct {
	*dotenvReading
	quoted bool // between double quotes
	path   bool // backslashes are a path's
}

// expand replaces the variables in s, which is a value or a part of one. The value of
// a variable is not expanded again.
func (e expansion) expand(s string) (string, *Error) {
	var b strings.Builder
	for s != "" && b.Len() <= longest {
		i := strings.IndexAny(s, `\$`)
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		var value string
		var bad *Error
		if s[0] == '\\' {
			value, s = e.escape(s)
		} else if value, s, bad = e.dollar(s); bad != nil {
			return "", bad
		}
		b.WriteString(value)
	}
	if b.Len() > longest {
		return "", &Error{File: e.file, Line: e.begun, Message: "the value is longer than a program can be given"}
	}
	return b.String(), nil
}

// escape reads the backslash that s begins with.
func (e expansion) escape(s string) (value, rest string) {
	if len(s) == 1 {
		return s, ""
	}
	means := ""
	switch c := s[1]; {
	case c == '$', e.quoted && (c == '\\' || c == '"'):
		means = s[1:2]
	case e.quoted && c == 'n':
		means = "\n"
	case e.quoted && c == 'r':
		means = "\r"
	case e.quoted && c == 't':
		means = "\t"
	}
	switch {
	case means == "":
		return s[:1], s[1:]
	case e.path && means != `"`:
		e.notice("looks like a Windows path, so its backslashes are kept as they are; single quotes, '…', make that certain")
		if means == `\` {
			return s[:2], s[2:]
		}
		return s[:1], s[1:]
	}
	return means, s[2:]
}

// dollar reads the dollar that s begins with.
func (e expansion) dollar(s string) (value, rest string, bad *Error) {
	after := s[1:]
	switch {
	case strings.HasPrefix(after, "$"):
		e.notice(`has "$$", which means one "$", as in docker compose; single quotes, '…', keep both`)
		return "$", after[1:], nil
	case strings.HasPrefix(after, "("):
		e.notice(`has "$(", which is kept as it is, for no command is run here; single quotes, '…', make that certain`)
		return "$", after, nil
	case strings.HasPrefix(after, "{"):
		return e.braces(s)
	}
	n := identifier(after)
	if n == 0 {
		return "$", after, nil // it can be nothing else
	}
	name := after[:n]
	if value, ok := e.value(name); ok {
		return value, after[n:], nil
	}
	// The name is not told: it may be part of a password.
	e.notice(`has a "$" that is kept as it is, for no variable of the name that follows it is set; single quotes, '…', make that certain`)
	return s[:1+n], after[n:], nil
}

// braces reads the ${…} that s begins with.
func (e expansion) braces(s string) (value, rest string, bad *Error) {
	end := closing(s)
	n := 0
	if end > 0 {
		n = identifier(s[2:end])
	}
	name, operator, argument := "", "", ""
	if n > 0 {
		name, operator = s[2:2+n], s[2+n:end]
		// With the colon, an empty variable counts as one that is not set.
		m := len(operator) - len(strings.TrimPrefix(operator, ":"))
		if m < len(operator) && strings.IndexByte("-+?", operator[m]) >= 0 {
			operator, argument = operator[:m+1], operator[m+1:]
		}
	}
	switch operator {
	case "", "-", ":-", "+", ":+", "?", ":?":
	default:
		n = 0
	}
	if n == 0 {
		e.notice(`has a "${" that is kept as it is, for it begins no variable such as ${NAME}; single quotes, '…', make that certain`)
		return s[:2], s[2:], nil
	}
	rest = s[end+1:]
	value, set := e.value(name)
	there := set && (value != "" || !strings.HasPrefix(operator, ":"))
	switch operator := strings.TrimPrefix(operator, ":"); {
	case operator == "" && !set:
		e.notice("has ${%s}, which is kept as it is, for %[1]s is not set; ${%[1]s-} may be empty, and single quotes, '…', make certain that no variable is meant", name)
		return s[:end+1], rest, nil
	case operator == "+" && !there:
		return "", rest, nil
	case operator == "+", operator == "-" && !there:
		value, bad = e.expand(argument)
	case operator == "?" && !there:
		message := name + " is not set"
		if set {
			message = name + " is empty"
		}
		if argument != "" {
			message += ": " + argument
		}
		bad = &Error{File: e.file, Line: e.begun, Message: printable(e.now.name + ": " + message)}
	}
	return value, rest, bad
}

// value is that of a variable.
func (e expansion) value(name string) (value string, ok bool) {
	value, ok = e.lookup(name)
	if ok && e.fold(name) == e.fold(e.now.name) {
		e.now.itself = true
	}
	return value, ok
}

// identifier is how long the name is that s begins with; 0 if it begins with
// none.
func identifier(s string) int {
	n := 0
	for n < len(s) && (s[n] == '_' || 'a' <= s[n] && s[n] <= 'z' || 'A' <= s[n] && s[n] <= 'Z' || n > 0 && '0' <= s[n] && s[n] <= '9') {
		n++
	}
	return n
}

// closing is where the brace ends that is the second character of s; -1 if
// nowhere, or if more are open within it than anybody writes: what is left is
// looked through again for each that does not end.
func closing(s string) int {
	depth := 0
	for i := range len(s) {
		switch {
		case s[i] == '{' && i > 0 && s[i-1] == '$':
			if depth++; depth > 20 {
				return -1
			}
		case s[i] == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
