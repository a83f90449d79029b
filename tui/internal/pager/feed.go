// Package pager displays a program's output: from where, which lines, what is searched
// for and what is selected. It draws a log of a million lines from the few that are
// visible.
//
// An [Output] is the user's settings, a value; a [Feed] is a log displayed with such
// settings. The methods of a Feed that respond to the user return the next Output. Work
// that needs every line (a filter, a search) is done by commands, block by block,
// beginning near the visible lines. Their results arrive in a [Sifted]; until then the
// known part is used.
package pager

import (
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// Output is how the program's output is displayed: from where, which lines, what is
// searched for and what is selected.
type Output struct {
	Tail tail
	// cleared is the first line that the user wants to see.
	cleared int
	Run     bool // show only the newest run's lines
	Pretty  bool // show JSON lines as words
	// Unwrapped: each line takes one row, however long it is.
	Unwrapped bool

	Only  Filter
	shown sieve // the lines that pass the filter Only

	Search  Pattern
	Matches sieve // the shown lines that match the search
	Match   int   // the chosen match; Chosen is whether there is one
	Chosen  bool
	origin  int // the line where the search began: the nearest match is chosen

	Selection selection
	// Press is the cell where the mouse's button went down, while it is down.
	Press   Cell
	Pressed bool
}

// A Feed is a log and the way it is displayed. Lines are identified by their numbers
// since the beginning.
type Feed struct {
	cells.Look
	Output
	log    engine.Log
	lo, hi int
}

func (o Output) Feed(l cells.Look, log engine.Log) Feed {
	f := Feed{Look: l, Output: o, log: log, hi: end(log)}
	f.lo = max(log.Dropped(), o.cleared)
	if o.Run {
		f.lo = max(f.lo, log.Run())
	}
	f.lo = min(f.lo, f.hi)
	return f
}

func (f Feed) at(n int) engine.Entry { return f.log.At(n - f.log.Dropped()) }

// next returns the first shown line from n on, or hi. It tests incomplete lines itself;
// there are two at most.
func (f Feed) next(n int) int {
	n = max(n, f.lo)
	if !f.Only.Active() {
		return min(n, f.hi)
	}
	if whole := f.log.Dropped() + f.log.Finished(); n < whole {
		if at, ok := f.shown.next(n); ok && at < f.hi {
			return at
		}
		n = whole
	}
	for n < f.hi && !f.Only.entry(f.at(n)) {
		n++
	}
	return n
}

// prev returns the last shown line before n, if there is one.
func (f Feed) prev(n int) (line int, ok bool) {
	if !f.Only.Active() {
		return n - 1, n > f.lo
	}
	for whole := f.log.Dropped() + f.log.Finished(); n > whole; n-- {
		if n-1 >= f.lo && f.Only.entry(f.at(n-1)) {
			return n - 1, true
		}
	}
	line, ok = f.shown.prev(n)
	return line, ok && line >= f.lo
}

// rows draws line n at w cells.
func (f Feed) rows(n, w int) []string {
	e := f.at(n)
	if e.Mark != nil {
		return f.selected(n, []string{markRule(f.Look, *e.Mark, w)}, w)
	}
	gutter := f.Width(f.Stderr) + 1
	if w <= gutter { // only the text fits
		gutter = 0
	}
	mark := cells.Spaces(gutter)
	switch here := f.Chosen && n == f.Match; {
	case gutter == 0:
	case e.Stream == runner.Stderr && here:
		mark = f.Warn.Paint(f.Stderr) + f.AccentBold.Paint(f.Look.Selected)
	case e.Stream == runner.Stderr:
		mark = f.Warn.Paint(f.Stderr) + " "
	case e.Stream == runner.Stdin:
		mark = f.Accent.Paint(f.Look.Here) + cells.Spaces(gutter-f.Width(f.Look.Here))
	case here:
		mark = f.AccentBold.Paint(f.Look.Selected) + cells.Spaces(gutter-f.Width(f.Look.Selected))
	}
	text := e.Text
	if f.Pretty {
		text = prettyLine(f.Look, text)
	}
	if f.Search.Text != "" {
		text = f.Search.highlight(text)
	}
	pieces := f.WrapOutput(text, w-gutter)
	if f.Output.Unwrapped && len(pieces) > 1 && !(f.Chosen && n == f.Match) { // a match is always shown
		pieces = pieces[:1]
		if room := w - gutter - f.Width(f.Ellipsis); room > 0 {
			pieces = []string{f.WrapOutput(text, room)[0] + f.Dim.Paint(f.Ellipsis)}
		}
	}
	var rows []string
	for _, text := range pieces {
		n := gutter + f.Width(text)
		rows = append(rows, mark+text+cells.Spaces(w-n))
		if gutter > 0 {
			mark = cells.Spaces(gutter)
			if e.Stream == runner.Stderr {
				mark = f.Warn.Paint(f.Stderr) + " "
			}
		}
	}
	return f.selected(n, rows, w)
}

// entry reports whether a line of the log is shown. Marks say to which generation the
// lines around them belong, so they are always shown.
func (f Filter) entry(e engine.Entry) bool {
	switch {
	case e.Mark != nil:
		return true
	case f.Stderr && e.Stream != runner.Stderr:
		return false
	}
	return f.match(asShown(e.Text, f.pretty))
}

// modes describes how the output is displayed, where that differs from the default.
func (o Output) modes(l cells.Look, log engine.Log) []string {
	f := o.Feed(l, log)
	var words []string
	if o.Search.Text != "" {
		words = append(words, "search: "+cells.Clean(o.Search.Text)+" "+f.Matched())
	}
	if o.Only.Active() {
		n := f.shown.Count(f.lo, f.hi) - log.Marks(f.lo)
		text := Thousands(max(0, n)) + " of " + Thousands(f.hi-f.lo-log.Marks(f.lo)) + " lines"
		switch {
		case o.Only.Text != "" && o.Only.Stderr:
			text = "filter: " + cells.Clean(o.Only.Text) + ", stderr only  " + text
		case o.Only.Stderr:
			text = "stderr only  " + text
		default:
			text = "filter: " + cells.Clean(o.Only.Text) + "  " + text
		}
		words = append(words, text)
	}
	if !o.shown.complete(log) || !o.Matches.complete(log) {
		words = append(words, "searching"+l.Ellipsis)
	}
	if o.Run {
		words = append(words, "this generation only")
	}
	if o.Pretty {
		words = append(words, "pretty JSON")
	}
	if o.Unwrapped {
		words = append(words, "long lines cut")
	}
	if o.Selection.Lines {
		words = append(words, o.Selection.Words())
	}
	return words
}

// Matched says which of how many matches is chosen.
func (f Feed) Matched() string {
	n := f.Matches.Count(f.lo, f.hi)
	if n == 0 {
		return "no match"
	}
	at := 0
	if f.Chosen {
		at = f.Matches.Count(f.lo, f.Match+1)
	}
	return Thousands(at) + "/" + Thousands(n)
}

// Foot returns the text of the pane's lower border.
func (o Output) Foot(l cells.Look, log engine.Log) string {
	words := o.modes(l, log)
	if text := o.Tail.foot(o.Feed(l, log)); text != "" {
		words = append(words, text)
	}
	return strings.Join(words, l.Dot)
}

func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// FilterBy shows the lines that match another filter.
func (o Output) FilterBy(f Filter) Output {
	f.pretty = o.Pretty
	o.Only = f
	if f.Active() {
		o.shown = o.shown.ask(f.entry)
		o.shown.slow = o.Pretty
	} else {
		o.shown = o.shown.ask(nil)
	}
	return o.SearchFor(o.Search)
}

// SearchFor finds other matches among the shown lines.
func (o Output) SearchFor(p Pattern) Output {
	o.Search, o.Chosen = p, false
	if p.Text == "" {
		o.Matches = o.Matches.ask(nil)
		return o
	}
	only := o.Only
	only.pretty = o.Pretty
	o.Matches = o.Matches.ask(func(e engine.Entry) bool {
		if e.Mark != nil {
			return false
		}
		at, _ := p.index(asShown(e.Text, only.pretty))
		return at >= 0 && (!only.Active() || only.entry(e))
	})
	o.Matches.slow = o.Pretty
	return o
}
