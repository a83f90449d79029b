package sheet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// diagnostic adds one diagnostic:
//
//	▸ 1 internal/db/open.go:41:9 (new)  undefined: pgx.Conect
//	    40 │ func Open(ctx context.Context, dsn string) (*DB, error) {
//	  › 41 │     c, err := pgx.Conect(ctx, dsn)
//	       │                   ^^^^^^
//	    did you mean Connect?
//
// A stale one, which the current build may remove, is dimmed as a whole.
func (sh *Sheet) diagnostic(c engine.Trouble) []cells.Row {
	bad, text := sh.Bad, sh.Text
	if sh.stale() {
		bad, text = sh.Dim, sh.Dim
	}
	rows := sh.head(c)
	more := func() {
		for _, m := range c.More {
			for _, line := range sh.wrap(cells.Clean(m), sh.w-4) {
				rows = append(rows, cells.Row{cells.Bare("    "), text.Of(line)})
			}
		}
	}
	before := strings.HasSuffix(c.Message, ":") // what it announces follows without a gap
	if before {
		more()
	}
	rows = append(rows, sh.excerpt(c.Diagnostic, bad)...)
	if ask := c.Suggestion(); ask != "" {
		rows = append(rows, cells.Row{cells.Bare("    "), text.Of(cells.Clean(ask))})
	}
	if !before {
		more()
	}
	return rows
}

// head returns the number, the location, the mark for new ones and the message, in one
// row if they fit.
func (sh *Sheet) head(c engine.Trouble) []cells.Row {
	place, text, number, mark := sh.Accent, sh.Bold, sh.Dim, sh.mark()
	if sh.next() {
		place = sh.AccentBold
	}
	if sh.stale() {
		place, text, mark.Ink = sh.Dim, sh.Dim, sh.Dim
	}
	first := cells.Row{mark, number.Of(c.Number + " ")}
	message := cells.Clean(c.Message)
	where := Location(sh.Dir, c.File, c.Line, c.Column)
	if where == "" {
		where = cells.Clean(c.Package)
	}
	var label cells.Span
	if c.Since != engine.Unsaid {
		label = sh.Dim.Of(" (" + string(c.Since) + ")")
		if c.Since == engine.New && !sh.stale() {
			label.Ink = sh.Warn
		}
	}
	if where == "" {
		label.Text = strings.TrimPrefix(label.Text, " ")
	}
	gap := cells.Span{}
	if where != "" || label.Text != "" {
		gap.Text = "  "
	}
	place = sh.Linked(place, c.File)
	if sh.RowWidth(first)+sh.Width(where+label.Text+gap.Text+message) <= sh.w || where == "" && sh.Unwrapped {
		return []cells.Row{append(first, place.Of(where), label, gap, text.Of(message))}
	}
	rows := []cells.Row{append(first, place.Of(sh.CutLeft(where, sh.w-sh.RowWidth(first)-sh.Width(label.Text))), label)}
	if where == "" && label.Text == "" {
		rows = nil
	}
	for i, line := range sh.wrap(message, sh.w-sh.RowWidth(first[:2])) {
		lead := cells.Row{cells.Bare(cells.Spaces(sh.RowWidth(first[:2])))}
		if i == 0 && rows == nil {
			lead = first
		}
		rows = append(rows, append(lead, text.Of(line)))
	}
	return rows
}

// Excerpt returns the source around a diagnostic, at width w.
func Excerpt(l cells.Look, d builder.Diagnostic, w int) []cells.Row {
	sh := &Sheet{Look: l, w: w}
	return sh.excerpt(d, l.Bad)
}

// excerpt returns the faulty line and the one before it, with a caret below the place
// of the column. If the caret would be out of view, the lines are shifted to the left.
func (sh *Sheet) excerpt(d builder.Diagnostic, bad cells.Ink) []cells.Row {
	at := d.Line - d.First
	if d.Line <= 0 || at < 0 || at >= len(d.Excerpt) {
		return nil
	}
	from := max(0, at-1)
	if sh.low || strings.TrimSpace(d.Excerpt[from]) == "" {
		from = at
	}
	digits := len(strconv.Itoa(d.Line))
	room := sh.w - 4 - digits - 3 // "  › 41 │ "
	if sh.unseen || room < 8 {
		return nil
	}
	cell, n := -1, 0
	if d.Column > 0 {
		cell, n = sh.Caret(d.Excerpt[at], d.Column)
	}
	shift := 0
	if cell+min(n, room/2) > room {
		shift = cell - room/2
	}
	var lines []string
	for _, line := range d.Excerpt[from : at+1] {
		lines = append(lines, cells.Clean(strings.TrimRight(line, " \t\r")))
	}
	code := sh.Highlight(d.File, lines, sh.stale())
	var rows []cells.Row
	for i, line := range lines {
		source := sh.Clip(code[i], line, shift, room)
		last := from+i == at
		if !last && strings.TrimSpace(source.Text()) == "" { // shifted out of view
			continue
		}
		gutter := sh.gutter(cells.Bare("    "), sh.Dim, d.First+from+i, digits)
		if last {
			gutter = sh.gutter(bad.Of("  "+sh.Here+" "), bad, d.First+from+i, digits)
		}
		rows = append(rows, append(gutter, source...))
	}
	if cell < 0 {
		return rows
	}
	cell -= shift
	n = max(1, min(n, room-cell))
	return append(rows, cells.Row{cells.Bare("    " + cells.Spaces(digits+1)), sh.Dim.Of(sh.Bar + " "), cells.Bare(cells.Spaces(cell)), bad.Of(strings.Repeat("^", n))})
}

// gutter returns what is to the left of a source line: a mark, and the line's number,
// padded to so many digits.
func (sh *Sheet) gutter(mark cells.Span, ink cells.Ink, line, digits int) cells.Row {
	return cells.Row{mark, ink.Of(fmt.Sprintf("%*d ", digits, line)), sh.Dim.Of(sh.Bar + " ")}
}
