package tui

import (
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

// diagnostic draws one complaint:
//
//	▸ 1 internal/db/open.go:41:9 (new)  undefined: pgx.Conect
//	    40 │ func Open(ctx context.Context, dsn string) (*DB, error) {
//	  › 41 │     c, err := pgx.Conect(ctx, dsn)
//	       │                   ^^^^^^
//	    did you mean Connect?
//
// A stale one, which a build under way may take back, is dimmed as a whole.
func (sh *sheet) diagnostic(c engine.Trouble) []row {
	bad, text := sh.bad, sh.text
	if sh.stale() {
		bad, text = sh.dim, sh.dim
	}
	rows := sh.head(c)
	more := func() {
		for _, m := range c.More {
			for _, line := range sh.wrap(clean(m), sh.w-4) {
				rows = append(rows, row{bare("    "), text.of(line)})
			}
		}
	}
	before := strings.HasSuffix(c.Message, ":") // what it announces follows at once
	if before {
		more()
	}
	rows = append(rows, sh.excerpt(c.Diagnostic, bad)...)
	if ask := c.Suggestion(); ask != "" {
		rows = append(rows, row{bare("    "), text.of(clean(ask))})
	}
	if !before {
		more()
	}
	return rows
}

// head is the number, the location, the news and the message, on one row if
// they fit.
func (sh *sheet) head(c engine.Trouble) []row {
	place, text, number, mark := sh.accent, sh.bold, sh.dim, sh.mark()
	if sh.next() {
		place = sh.accentBold
	}
	if sh.stale() {
		place, text, mark.ink = sh.dim, sh.dim, sh.dim
	}
	first := row{mark, number.of(c.Number + " ")}
	message := clean(c.Message)
	where := location(sh.dir, c.File, c.Line, c.Column)
	if where == "" {
		where = clean(c.Package)
	}
	var label span
	if c.Since != engine.Unsaid {
		label = sh.dim.of(" (" + string(c.Since) + ")")
		if c.Since == engine.New && !sh.stale() {
			label.ink = sh.warn
		}
	}
	if where == "" {
		label.text = strings.TrimPrefix(label.text, " ")
	}
	gap := span{}
	if where != "" || label.text != "" {
		gap.text = "  "
	}
	place = sh.linked(place, c.File)
	if sh.rowWidth(first)+sh.width(where+label.text+gap.text+message) <= sh.w || where == "" && sh.build.unwrapped {
		return []row{append(first, place.of(where), label, gap, text.of(message))}
	}
	rows := []row{append(first, place.of(sh.cutLeft(where, sh.w-sh.rowWidth(first)-sh.width(label.text))), label)}
	if where == "" && label.text == "" {
		rows = nil
	}
	for i, line := range sh.wrap(message, sh.w-sh.rowWidth(first[:2])) {
		lead := row{bare(spaces(sh.rowWidth(first[:2])))}
		if i == 0 && rows == nil {
			lead = first
		}
		rows = append(rows, append(lead, text.of(line)))
	}
	return rows
}

// excerpt is the faulty line with the one before it, and a caret under what the
// column points at. Where the caret would be out of sight the lines are moved to
// the left.
func (sh *sheet) excerpt(d builder.Diagnostic, bad ink) []row {
	at := d.Line - d.First
	if d.Line <= 0 || at < 0 || at >= len(d.Excerpt) {
		return nil
	}
	from := max(0, at-1)
	if sh.low || strings.TrimSpace(d.Excerpt[from]) == "" {
		from = at
	}
	digits := len(itoa(d.Line))
	room := sh.w - 4 - digits - 3 // "  › 41 │ "
	if room < 8 {
		return nil
	}
	cell, n := -1, 0
	if d.Column > 0 {
		cell, n = sh.caret(d.Excerpt[at], d.Column)
	}
	shift := 0
	if cell+min(n, room/2) > room {
		shift = cell - room/2
	}
	var lines []string
	for _, line := range d.Excerpt[from : at+1] {
		lines = append(lines, clean(strings.TrimRight(line, " \t\r")))
	}
	code := sh.highlight(d.File, lines, sh.stale())
	var rows []row
	for i, line := range lines {
		source := sh.clip(code[i], line, shift, room)
		last := from+i == at
		if !last && strings.TrimSpace(source.text()) == "" { // moved out of sight
			continue
		}
		number := itoa(d.First + from + i)
		number = spaces(digits-len(number)) + number
		gutter := row{bare("    "), sh.dim.of(number + " "), sh.dim.of(sh.bar + " ")}
		if last {
			gutter = row{bad.of("  " + sh.here + " "), bad.of(number + " "), sh.dim.of(sh.bar + " ")}
		}
		rows = append(rows, append(gutter, source...))
	}
	if cell < 0 {
		return rows
	}
	cell -= shift
	n = max(1, min(n, room-cell))
	return append(rows, row{bare("    " + spaces(digits+1)), sh.dim.of(sh.bar + " "), bare(spaces(cell)), bad.of(strings.Repeat("^", n))})
}
