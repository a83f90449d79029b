package tester

import (
	"slices"
	"strconv"
	"strings"
)

// clean makes text of what assertions print: go-cmp puts no-break spaces among its
// blanks so that nobody compares its output.
func clean(line string) string {
	return strings.TrimRight(strings.ReplaceAll(line, "\u00a0", " "), " \t\r")
}

// tidy brings the reports of assertion libraries into one shape: first what went
// wrong, then the values or their difference. What is not known stays as it is.
func tidy(text []string) []string {
	for len(text) > 0 && strings.TrimSpace(text[len(text)-1]) == "" {
		text = text[:len(text)-1]
	}
	switch {
	case slices.ContainsFunc(text, func(l string) bool { return strings.HasPrefix(l, "\tError Trace:") }):
		return testify(text)
	case len(text) > 1 && text[0] == "error:" || len(text) > 2 && text[0] == "" && text[1] == "error:":
		return quicktest(text)
	}
	if len(text) > 1 && text[0] == "" {
		text = text[1:]
	}
	return text
}

// testify reads a report of labels and values in two columns:
//
//	Error Trace:	/x/sum_test.go:12
//	Error:      	Not equal:
//	            	expected: 4
//	Test:       	TestSum
//	Messages:   	what for
func testify(text []string) (lines []string) {
	label, messages := "", []string(nil)
	for _, l := range text {
		name, value, ok := strings.Cut(strings.TrimPrefix(l, "\t"), "\t")
		if !ok {
			name, value = strings.TrimPrefix(l, "\t"), ""
		}
		if name = strings.TrimSpace(name); strings.HasSuffix(name, ":") {
			label = name
		} else if name != "" {
			value = name
		}
		switch label {
		case "Error:":
			lines = append(lines, strings.TrimRight(value, " "))
		case "Messages:":
			messages = append(messages, strings.TrimRight(value, " "))
		}
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if len(messages) > 0 { // the user's own words say it best
		lines = append(messages, lines...)
	}
	return lines
}

// quicktest reads a report of labels with their values below them, and leaves out the
// stack, whose first line is where the report has its place.
func quicktest(text []string) (lines []string) {
	label := ""
	for _, l := range text {
		value, below := strings.CutPrefix(l, "  ")
		if !below {
			label = l
			if l != "error:" && l != "stack:" && l != "" {
				lines = append(lines, l)
			}
			continue
		}
		switch label {
		case "stack:":
		case "error:":
			lines = append(lines, value)
		default:
			lines = append(lines, "  "+value)
		}
	}
	return lines
}

// Sign says what a line of a message is in a difference: '-' what is only wanted, '+'
// what is only there, '@' where it is; 0 is none of these.
type Sign byte

// Signs are those of the lines of a message.
func Signs(text []string) []Sign {
	signs := make([]Sign, len(text))
	minus, plus, announced := false, false, false
	for i, l := range text {
		t := strings.TrimLeft(l, " \t")
		switch {
		case strings.Contains(l, "-want +got"), strings.Contains(l, "-got +want"), strings.HasPrefix(t, "--- "), strings.HasPrefix(t, "+++ "):
			announced = true
		case strings.HasPrefix(t, "@@ "):
			signs[i], announced = '@', true
		case isChange(t, '-'):
			signs[i], minus = '-', true
		case isChange(t, '+'):
			signs[i], plus = '+', true
		}
	}
	if !announced && !(minus && plus) { // a list, or a negative number
		for i := range signs {
			signs[i] = 0
		}
	}
	for i, l := range text {
		t := strings.TrimLeft(l, " \t")
		switch {
		case strings.HasPrefix(t, "expected: "), strings.HasPrefix(t, "want:") && len(t) > 5:
			signs[i] = '-'
		case strings.HasPrefix(t, "actual  : "), strings.HasPrefix(t, "actual: "), strings.HasPrefix(t, "got:") && len(t) > 4:
			signs[i] = '+'
		}
	}
	return signs
}

func isChange(t string, sign byte) bool {
	return len(t) > 0 && t[0] == sign && (len(t) == 1 || t[1] != sign)
}

// count is a number of things.
func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}
