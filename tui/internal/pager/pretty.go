package pager

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// prettyLine returns a JSON line of log/slog, zap or zerolog as words: time, level,
// message, and the rest as key=value in the order of the line. Any other line is
// returned unchanged.
func prettyLine(l cells.Look, text string) string {
	bare := strings.TrimSpace(runner.Uncoloured(text))
	if len(bare) < 2 || bare[0] != '{' || bare[len(bare)-1] != '}' {
		return text
	}
	fields, ok := jsonFields(bare)
	if !ok {
		return text
	}
	var when, level, message string
	var rest []field
	known := false
	for _, f := range fields {
		switch f.key {
		case "time", "ts", "timestamp", "@timestamp":
			when = clock(f)
		case "level", "severity", "lvl":
			level, known = f.text(), true
		case "msg", "message":
			message, known = f.text(), true
		default:
			rest = append(rest, f)
		}
	}
	if !known {
		return text // it is JSON, but not of a log
	}
	var b strings.Builder
	if when != "" {
		b.WriteString(l.Dim.Paint(when) + " ")
	}
	if level != "" {
		word, ink := levelOf(l, level)
		b.WriteString(ink.Paint(word) + cells.Spaces(5-len(word)) + " ")
	}
	b.WriteString(cells.CleanOutput(message))
	for _, f := range rest {
		b.WriteString(" " + l.Dim.Paint(cells.CleanOutput(f.key)+"=") + cells.CleanOutput(f.value()))
	}
	return b.String()
}

// asShown returns a line of the output as the user reads it, without its colours.
func asShown(text string, pretty bool) string {
	if pretty {
		text = prettyLine(cells.Look{}, text)
	}
	return runner.Uncoloured(text)
}

// levelOf returns the word of a level and its ink. slog writes levels between the
// standard ones as "INFO+2".
func levelOf(l cells.Look, s string) (string, cells.Ink) {
	word := strings.ToUpper(cells.CleanOutput(s))
	name := strings.TrimRight(strings.TrimRight(word, "0123456789"), "+-")
	switch name {
	case "TRACE", "DEBUG":
		return word, l.Dim
	case "INFO", "NOTICE":
		return word, l.Good
	case "WARN", "WARNING":
		return strings.Replace(word, "WARNING", "WARN", 1), l.Warn
	case "ERROR", "CRITICAL", "DPANIC", "PANIC", "FATAL":
		return word, l.BadBold
	}
	return word, l.Bold
}

// A field is a member of an object, with its value as it was written.
type field struct {
	key string
	raw json.RawMessage
}

// jsonFields returns the members of an object in their order.
func jsonFields(s string) ([]field, bool) {
	d := json.NewDecoder(strings.NewReader(s))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var fields []field
	for d.More() {
		t, err := d.Token()
		key, isText := t.(string)
		if err != nil || !isText {
			return nil, false
		}
		f := field{key: key}
		if d.Decode(&f.raw) != nil {
			return nil, false
		}
		fields = append(fields, f)
	}
	if _, err := d.Token(); err != nil || d.InputOffset() != int64(len(s)) {
		return nil, false
	}
	return fields, true
}

// text returns a string without its quotes; any other value as it was written.
func (f field) text() string {
	var s string
	if json.Unmarshal(f.raw, &s) == nil {
		return s
	}
	return string(f.raw)
}

// value returns the value, with quotes only if it would otherwise be misread.
func (f field) value() string {
	if len(f.raw) == 0 || f.raw[0] != '"' {
		var b bytes.Buffer
		if json.Compact(&b, f.raw) == nil {
			return b.String()
		}
		return string(f.raw)
	}
	s := f.text()
	if s == "" || strings.ContainsAny(s, " =\"\t\n") {
		return strconv.Quote(s)
	}
	return s
}

// clock returns the time of day with milliseconds, in the zone that was written. A
// number is seconds since 1970 (zap), or milliseconds or finer (as zerolog can be
// configured); it has no zone, and is shown in UTC.
func clock(f field) string {
	const form = "15:04:05.000"
	s := f.text()
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.Format(form)
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999Z0700", s); err == nil { // zap's ISO 8601
		return t.Format(form)
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n <= 0 {
		return s
	}
	const year5000 = 1e11 // in seconds; larger numbers have a finer unit
	for n > year5000 {
		n /= 1000
	}
	whole, part := math.Modf(n)
	return time.Unix(int64(whole), int64(part*1e9)).UTC().Format(form)
}
