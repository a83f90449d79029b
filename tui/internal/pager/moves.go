package pager

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
)

// The methods here return the Output after a step of the user's, displayed in w by h
// cells.

// Far is further than any output can scroll.
const Far = 1 << 30

// View returns the visible rows, at most h.
func (f Feed) View(w, h int) []string {
	rows, _ := f.Tail.Visible(f, w, h)
	return rows
}

// Clear hides everything printed so far.
func (o Output) Clear(log engine.Log) Output {
	o.cleared = end(log)
	o.Tail = o.Tail.Follow()
	return o
}

// For returns o for log number n of several, which are shown alternately: answers for
// one are not taken for another's, and what was in progress when this one was last
// shown starts again.
func (o Output) For(n int) Output {
	o.shown.of, o.Matches.of = n, n
	o.shown.busy, o.Matches.busy = false, false
	return o
}

// Rewrap switches between wrapping long lines and cutting them. The line at the top
// stays.
func (o Output) Rewrap() Output {
	o.Unwrapped = !o.Unwrapped
	o.Tail.top.row = 0
	return o
}

// Back restores what was shown before a search or a filter was typed.
func (o Output) Back(before Output) Output {
	o.Tail, o.Search = before.Tail, before.Search
	o = o.FilterBy(before.Only)
	o.Match, o.Chosen = before.Match, before.Chosen
	return o
}

// Scroll scrolls by rows; Far and -Far scroll to the ends.
func (f Feed) Scroll(w, h, by int) Output {
	switch by {
	case Far:
		f.Output.Tail = f.Tail.Follow()
	case -Far:
		f.Output.Tail = f.Tail.home(f, w, h)
	default:
		f.Output.Tail = f.Tail.scroll(f, w, h, by)
	}
	return f.Output
}

// Refollow follows the end again if a filter left nothing below the top line.
func (f Feed) Refollow(w, h int) Output {
	if f.Tail.Held && !f.Selection.Lines && !f.Pressed && f.Search.Text == "" && f.Tail.atEnd(f, w, h) {
		f.Output.Tail = f.Tail.Follow()
	}
	return f.Output
}

// Sift continues with what is not known yet of the filter and the search. The search
// begins at the visible lines. The command answers with a [Sifted].
func (f Feed) Sift() (Output, tea.Cmd) {
	o := f.Output
	near := end(f.log)
	if o.Tail.Held {
		near = o.Tail.top.Line
	}
	var filter, search tea.Cmd
	o.shown, filter = o.shown.sift(f.log, near, false)
	if o.Search.Text != "" && !o.Chosen {
		near = o.origin
	}
	o.Matches, search = o.Matches.sift(f.log, near, true)
	return o, tea.Batch(filter, search)
}

// Take adds the results of a command, and chooses the first match that is known.
func (f Feed) Take(m Sifted, w, h int) Output {
	if !m.search {
		f.Output.shown = f.shown.take(m, f.log)
		return f.Refollow(w, h)
	}
	f.Output.Matches = f.Matches.take(m, f.log)
	if !f.Chosen && m.id == f.Matches.id && m.of == f.Matches.of {
		return f.nearest(w, h)
	}
	return f.Output
}

// BeginSearch starts a search at the visible lines.
func (f Feed) BeginSearch(w, h int) Output {
	if w <= 0 || h <= 0 {
		return f.Output
	}
	f.Output.origin = f.hi
	if f.Tail.Held {
		_, top := f.Tail.Visible(f, w, h)
		f.Output.origin = top.Line
	}
	return f.Output
}

// nearest chooses the match nearest to where the search began.
func (f Feed) nearest(w, h int) Output {
	after, ok := f.Matches.next(max(f.origin, f.lo))
	before, also := f.Matches.prev(f.origin)
	also = also && before >= f.lo
	switch {
	case ok && also && f.origin-before < after-f.origin, also && !ok:
		return f.reveal(before, w, h)
	case ok:
		return f.reveal(after, w, h)
	}
	return f.Output
}

// ToMatch goes to the next match, or with by < 0 to the previous one, wrapping around.
func (f Feed) ToMatch(by, w, h int) Output {
	if !f.Chosen {
		return f.nearest(w, h)
	}
	if by > 0 {
		at, ok := f.Matches.next(max(f.Match+1, f.lo))
		if !ok {
			at, ok = f.Matches.next(f.lo)
		}
		if ok {
			return f.reveal(at, w, h)
		}
		return f.Output
	}
	at, ok := f.Matches.prev(f.Match)
	if !ok || at < f.lo {
		at, ok = f.Matches.prev(f.hi)
	}
	if ok && at >= f.lo {
		return f.reveal(at, w, h)
	}
	return f.Output
}

func (f Feed) reveal(line, w, h int) Output {
	f.Output.Match, f.Output.Chosen = line, true
	if w > 0 && h > 0 {
		f.Output.Tail = f.Tail.show(f, line, w, h)
	}
	return f.Output
}

// SelectLines starts selecting whole lines: at the chosen match if it is visible, else
// at the last line. It returns false if there is no line.
func (f Feed) SelectLines(w, h int) (Output, bool) {
	at, ok := f.prev(f.hi)
	if !ok || h <= 0 {
		return f.Output, false
	}
	if f.Tail.Held {
		_, top := f.Tail.Visible(f, w, h)
		at = top.Line
		if f.Chosen && f.Match > at {
			at = f.Match
		}
	}
	here := Cell{spot: spot{Line: at}}
	f.Output.Selection = selection{Lines: true, From: here, to: here, follow: !f.Tail.Held}
	f.Output.Tail = f.Tail.freeze(f, w, h)
	return f.Output, true
}

// Extend moves the end of the selection by lines.
func (f Feed) Extend(by, w, h int) Output {
	at := f.Selection.to.Line
	for ; by < 0; by++ {
		before, ok := f.prev(at)
		if !ok {
			break
		}
		at = before
	}
	for ; by > 0; by-- {
		next := f.next(at + 1)
		if next >= f.hi {
			break
		}
		at = next
	}
	f.Output.Selection.to.Line = at
	f.Output.Tail = f.Tail.show(f, at, w, h)
	return f.Output
}

// CellAt returns the cell of the output at a position of the w by h cells.
func (f Feed) CellAt(x, y, w, h int) (Cell, bool) {
	if x < 0 || x >= w || y < 0 || y >= h {
		return Cell{}, false
	}
	_, at := f.Tail.Visible(f, w, h)
	for n := at.Line; n < f.hi; n = f.next(n + 1) {
		rows := len(f.rows(n, w)) - at.row
		if y < rows {
			return Cell{spot{n, at.row + y}, x}, true
		}
		y -= rows
		at.row = 0
	}
	return Cell{}, false
}

// DrawTo selects from where the mouse was pressed to a cell.
func (f Feed) DrawTo(to Cell, w, h int) Output {
	follow := !f.Tail.Held || f.Selection.follow
	f.Output.Tail = f.Tail.freeze(f, w, h)
	f.Output.Selection = selection{Drag: true, From: f.Press, to: to, follow: follow}
	return f.Output
}
