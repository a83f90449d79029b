package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/hotdev/hotdev/engine"
)

// The methods here give the output as it is looked at after a step of the user's,
// in w by h cells.

// whole is further than any output can be scrolled.
const whole = 1 << 30

// view is what is seen: at most h rows.
func (f feed) view(w, h int) []string {
	rows, _ := f.tail.visible(f, w, h)
	return rows
}

// clear shows only what is printed from now on.
func (o output) clear(log engine.Log) output {
	o.cleared = end(log)
	o.tail = o.tail.follow()
	return o
}

// rewrap wraps long lines, or cuts them. The line that was at the top still is.
func (o output) rewrap() output {
	o.unwrapped = !o.unwrapped
	o.tail.top.row = 0
	return o
}

// back is as it was before a search or a filter was typed.
func (o output) back(before output) output {
	o.tail, o.search = before.tail, before.search
	o = o.filterBy(before.only)
	o.match, o.chosen = before.match, before.chosen
	return o
}

// moved scrolls by rows; whole and -whole are to the ends.
func (f feed) moved(w, h, by int) output {
	switch by {
	case whole:
		f.output.tail = f.tail.follow()
	case -whole:
		f.output.tail = f.tail.home(f, w, h)
	default:
		f.output.tail = f.tail.scroll(f, w, h, by)
	}
	return f.output
}

// refollowed follows the end again where a filter left nothing below what is held.
func (f feed) refollowed(w, h int) output {
	if f.tail.held && !f.selection.lines && !f.pressed && f.search.text == "" && f.tail.atEnd(f, w, h) {
		f.output.tail = f.tail.follow()
	}
	return f.output
}

// sifted goes on with what is not known yet of the filter and the search. The
// search begins where the user looks. A [siftedMsg] answers.
func (f feed) sifted() (output, tea.Cmd) {
	o := f.output
	near := end(f.log)
	if o.tail.held {
		near = o.tail.top.line
	}
	var filter, search tea.Cmd
	o.shown, filter = o.shown.sift(f.log, near, false)
	if o.search.text != "" && !o.chosen {
		near = o.origin
	}
	o.matches, search = o.matches.sift(f.log, near, true)
	return o, tea.Batch(filter, search)
}

// taken takes an answer, and chooses the first match that is known.
func (f feed) taken(m siftedMsg, w, h int) output {
	if !m.search {
		f.output.shown = f.shown.take(m, f.log)
		return f.refollowed(w, h)
	}
	f.output.matches = f.matches.take(m, f.log)
	if !f.chosen && m.id == f.matches.id {
		return f.nearest(w, h)
	}
	return f.output
}

// begun is a search that begins where the user looks.
func (f feed) begun(w, h int) output {
	if w <= 0 || h <= 0 {
		return f.output
	}
	f.output.origin = f.hi
	if f.tail.held {
		_, top := f.tail.visible(f, w, h)
		f.output.origin = top.line
	}
	return f.output
}

// nearest chooses the match that is nearest to where the search began.
func (f feed) nearest(w, h int) output {
	after, ok := f.matches.next(max(f.origin, f.lo))
	before, also := f.matches.prev(f.origin)
	also = also && before >= f.lo
	switch {
	case ok && also && f.origin-before < after-f.origin, also && !ok:
		return f.reveal(before, w, h)
	case ok:
		return f.reveal(after, w, h)
	}
	return f.output
}

// toMatch goes to the next match, or with by < 0 to the one before, around the
// ends.
func (f feed) toMatch(by, w, h int) output {
	if !f.chosen {
		return f.nearest(w, h)
	}
	if by > 0 {
		at, ok := f.matches.next(max(f.match+1, f.lo))
		if !ok {
			at, ok = f.matches.next(f.lo)
		}
		if ok {
			return f.reveal(at, w, h)
		}
		return f.output
	}
	at, ok := f.matches.prev(f.match)
	if !ok || at < f.lo {
		at, ok = f.matches.prev(f.hi)
	}
	if ok && at >= f.lo {
		return f.reveal(at, w, h)
	}
	return f.output
}

func (f feed) reveal(line, w, h int) output {
	f.output.match, f.output.chosen = line, true
	if w > 0 && h > 0 {
		f.output.tail = f.tail.show(f, line, w, h)
	}
	return f.output
}

// selectLines begins to select whole lines: at the chosen match if it is seen, else
// at the last line. False means that there is none.
func (f feed) selectLines(w, h int) (output, bool) {
	at, ok := f.prev(f.hi)
	if !ok || h <= 0 {
		return f.output, false
	}
	if f.tail.held {
		_, top := f.tail.visible(f, w, h)
		at = top.line
		if f.chosen && f.match > at {
			at = f.match
		}
	}
	here := cell{spot: spot{line: at}}
	f.output.selection = selection{lines: true, from: here, to: here, follow: !f.tail.held}
	f.output.tail = f.tail.freeze(f, w, h)
	return f.output, true
}

// extend moves the end of the selection by lines.
func (f feed) extend(by, w, h int) output {
	at := f.selection.to.line
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
	f.output.selection.to.line = at
	f.output.tail = f.tail.show(f, at, w, h)
	return f.output
}

// cellAt is what is seen at a place of the w by h cells.
func (f feed) cellAt(x, y, w, h int) (cell, bool) {
	if x < 0 || x >= w || y < 0 || y >= h {
		return cell{}, false
	}
	_, at := f.tail.visible(f, w, h)
	for n := at.line; n < f.hi; n = f.next(n + 1) {
		rows := len(f.rows(n, w)) - at.row
		if y < rows {
			return cell{spot{n, at.row + y}, x}, true
		}
		y -= rows
		at.row = 0
	}
	return cell{}, false
}

// drawTo selects from where the mouse was pressed to a cell.
func (f feed) drawTo(to cell, w, h int) output {
	follow := !f.tail.held || f.selection.follow
	f.output.tail = f.tail.freeze(f, w, h)
	f.output.selection = selection{drag: true, from: f.press, to: to, follow: follow}
	return f.output
}
