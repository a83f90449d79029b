package tui

import (
	"strings"

	"github.com/hotdev/hotdev/builder"
)

// diagnostic draws one complaint:
//
//	▸ internal/db/open.go:41:9  undefined: pgx.Conect
//	    40 │ func Open(ctx context.Context, dsn string) (*DB, error) {
//	  › 41 │     c, err := pgx.Conect(ctx, dsn)
//	       │                   ^^^^^^
//
// A stale one, which a build under way may take back, is dimmed as a whole.
func (l look) diagnostic(d builder.Diagnostic, dir string, selected, stale bool, w int) []row {
	place, bad, text := l.accent, l.bad, l.bold
	if selected {
		place = l.accentBold
	}
	if stale {
		place, bad, text = l.dim, l.dim, l.dim
	}
	mark := span{"  ", ink{}}
	if selected {
		mark = span{l.selected + " ", place}
	}
	rows := l.head(d, dir, mark, place, text, w)
	rows = append(rows, l.excerpt(d, bad, stale, w)...)
	for _, m := range d.More {
		for _, line := range l.wrapWords(clean(m, sourceTab), w-4) {
			ink := l.text
			if stale {
				ink = l.dim
			}
			rows = append(rows, row{{"    ", ink}, {line, ink}})
		}
	}
	return rows
}

// head is the location and the message, on one row if they fit.
func (l look) head(d builder.Diagnostic, dir string, mark span, place, text ink, w int) []row {
	message := clean(d.Message, sourceTab)
	where := location(dir, d.File, d.Line, d.Column)
	if where == "" {
		where = clean(d.Package, sourceTab)
	}
	gap := "  "
	if where == "" {
		gap = ""
	}
	if l.width(where)+l.width(gap)+l.width(message) <= w-2 {
		return []row{{mark, {where, place}, {gap, ink{}}, {message, text}}}
	}
	var rows []row
	if where != "" {
		rows = append(rows, row{mark, {l.cutLeft(where, w-2), place}})
		mark = span{"  ", ink{}}
	}
	for _, line := range l.wrapWords(message, w-2) {
		rows = append(rows, row{mark, {line, text}})
		mark = span{"  ", ink{}}
	}
	return rows
}

// excerpt is the faulty line with the one before it, and a caret under the
// column. Where the caret would be out of sight the lines are moved to the left.
func (l look) excerpt(d builder.Diagnostic, bad ink, stale bool, w int) []row {
	at := d.Line - d.First
	if d.Line <= 0 || at < 0 || at >= len(d.Excerpt) {
		return nil
	}
	from := max(0, at-1)
	if strings.TrimSpace(d.Excerpt[from]) == "" {
		from = at
	}
	digits := len(itoa(d.Line))
	room := w - 4 - digits - 3 // "  › 41 │ "
	if room < 8 {
		return nil
	}
	cell, n := -1, 0
	if d.Column > 0 {
		cell, n = l.caret(d.Excerpt[at], d.Column)
	}
	shift := 0
	if cell+min(n, room/2) > room {
		shift = cell - room/2
	}
	other, line := l.dim, l.text
	if stale {
		line = l.dim
	}
	var rows []row
	for i := from; i <= at; i++ {
		source := l.shifted(clean(strings.TrimRight(d.Excerpt[i], " \t\r"), sourceTab), shift)
		if i < at && strings.TrimSpace(source) == "" { // moved out of sight
			continue
		}
		number := itoa(d.First + i)
		number = spaces(digits-len(number)) + number
		if i == at {
			rows = append(rows, row{{"  " + l.here + " ", bad}, {number + " ", bad}, {l.bar + " ", other}, {l.cut(source, room), line}})
		} else {
			rows = append(rows, row{{"    ", ink{}}, {number + " ", other}, {l.bar + " ", other}, {l.cut(source, room), other}})
		}
	}
	if cell < 0 {
		return rows
	}
	cell -= shift
	n = max(1, min(n, room-cell))
	return append(rows, row{{"    " + spaces(digits+1), ink{}}, {l.bar + " ", other}, {spaces(cell), ink{}}, {strings.Repeat("^", n), bad}})
}

// shifted drops the first cells of a source line and says so.
func (l look) shifted(s string, cells int) string {
	if cells <= 0 {
		return s
	}
	return l.method.TruncateLeft(s, cells+l.width(l.ellipsis), l.ellipsis)
}
