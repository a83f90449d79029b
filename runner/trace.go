package runner

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	colours  = regexp.MustCompile("\x1b\\[[0-9;:]*m")
	header   = regexp.MustCompile(`goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[[^\]]+\]:$`)
	location = regexp.MustCompile(`^((?:[A-Za-z]:)?[^:]*[^:\s]):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=0x.*)?$`)
	call     = regexp.MustCompile(`^[\pL_][^\s(]*(?:\.|/|\().*\)$`)
	access   = regexp.MustCompile(`^(?:Previous )?(?:Read|Write|[Aa]tomic (?:read|write)) at 0x[0-9a-f]+ by .*:$`)
)

// ParseTrace finds the last crash report of a Go program in its output: a
// panic, a fatal error (such as a deadlock or a concurrent map write) or a data
// race. Frames are those of its first goroutine; where that was created is not
// among them. Colours do not matter, nor does a prefix of every line, such as a
// log's time or a container's name.
func ParseTrace(lines []string) (Trace, bool) {
	clean := make([]string, len(lines))
	for i, l := range lines {
		clean[i] = strings.TrimRight(colours.ReplaceAllString(l, ""), " \r")
	}
	for i := len(clean) - 1; i >= 0; i-- {
		if t, ok := parseReport(clean[i:]); ok {
			return t, true
		}
	}
	return Trace{}, false
}

// opening tells whether a report begins with line, and which.
func opening(line string) (t Trace, prefix string, ok bool) {
	for _, kind := range []string{"panic", "fatal error"} {
		prefix, message, found := strings.Cut(line, kind+": ")
		// A prefix ends with a blank; "\tpanic: " goes on with an older panic.
		if found && (prefix == "" || strings.HasSuffix(prefix, " ")) {
			return Trace{Kind: kind, Message: unadorned(message)}, prefix, true
		}
	}
	if prefix, ok := strings.CutSuffix(line, "WARNING: DATA RACE"); ok {
		return Trace{Kind: "data race"}, prefix, true
	}
	// A signal that no goroutine's own code caused (cgo) is reported by name.
	if strings.HasPrefix(line, "SIG") && strings.Contains(line, ": ") && !strings.Contains(line, "SIGQUIT") {
		return Trace{Kind: "fatal error", Message: line}, "", true
	}
	return Trace{}, "", false
}

// unadorned cuts what the runtime says about a panic's fate.
func unadorned(message string) string {
	for _, s := range []string{" [recovered, repanicked]", " [recovered]"} {
		message = strings.TrimSuffix(message, s)
	}
	return message
}

// parseReport parses the report that begins with the first of lines.
func parseReport(lines []string) (Trace, bool) {
	t, prefix, ok := opening(lines[0])
	if !ok {
		return t, false
	}
	if t.Kind == "data race" {
		return parseRace(t, lines[1:])
	}
	rest := lines[1:]
	for i, line := range rest {
		if at := header.FindStringIndex(line); at != nil {
			// Bare stacks below a prefixed panic are those of a log about a panic
			// that was recovered.
			if (at[0] > 0) != (prefix != "") {
				return t, false
			}
			t.Frames = parseFrames(rest[i+1:], at[0])
			return t, true
		}
		body := line
		if prefix != "" {
			// Prefixes vary (a time does), but not in their length.
			body = line[min(len(prefix), len(line)):]
		}
		switch again, _, ok := opening(strings.TrimPrefix(body, "\t")); {
		case ok && strings.HasPrefix(body, "\t"): // a panic during a panic
			t.Message = again.Message
		case t.Message == "" && strings.HasPrefix(body, "\t"):
			t.Message = strings.TrimSpace(body)
		}
	}
	// GOTRACEBACK=none gives no goroutines. Then this must be the output's end,
	// or else it is just a line that begins like a panic.
	if prefix != "" {
		return t, false
	}
	for _, line := range rest {
		if line != "" && line[0] != '\t' && line[0] != '[' && !strings.HasPrefix(line, "exit status ") {
			return t, false
		}
	}
	return t, true
}

// parseFrames parses calls, each a line and a place on the next, up to the end
// of the goroutine. The first indent bytes are a prefix. Lines of others may
// stand between.
func parseFrames(lines []string, indent int) []Frame {
	var frames []Frame
	name := ""
	for _, line := range lines {
		line = line[min(indent, len(line)):]
		body := strings.TrimLeft(line, "\t ")
		switch {
		case body == "", header.MatchString(body), strings.HasPrefix(body, "created by "),
			strings.HasPrefix(body, "exit status "):
			return frames
		case body == line && call.MatchString(body):
			name = function(body)
		case body != line && name != "":
			if m := location.FindStringSubmatch(body); m != nil {
				n, _ := strconv.Atoi(m[2])
				frames = append(frames, Frame{Func: name, File: m[1], Line: n})
				name = ""
			}
		}
	}
	return frames
}

// parseRace parses what follows WARNING: DATA RACE: the first access is the one
// that was caught.
func parseRace(t Trace, lines []string) (Trace, bool) {
	for i, line := range lines {
		for at := range line {
			if m := access.FindString(line[at:]); m != "" {
				t.Message = strings.TrimSuffix(m, ":")
				block := make([]string, 0, 64)
				for _, l := range lines[i+1:] {
					l = l[min(at, len(l)):]
					if l == "" {
						break
					}
					block = append(block, strings.TrimPrefix(l, "  "))
				}
				t.Frames = parseFrames(block, 0)
				return t, true
			}
			if at > 0 && line[at] == ':' && i > 2 {
				break
			}
		}
		if i > 3 {
			break
		}
	}
	return t, false
}

// function is a call without its arguments. They may hold parentheses, and so
// may the name: main.(*T).M({0x1, 0x2}).
func function(call string) string {
	depth := 0
	for i := len(call) - 1; i >= 0; i-- {
		switch call[i] {
		case ')':
			depth++
		case '(':
			if depth--; depth == 0 {
				return call[:i]
			}
		}
	}
	return call
}
