package tui

import (
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// output is how the program's output is looked at: from where, which lines, what
// is searched for and what is selected.
type output struct {
	tail tail
	// cleared is the first line that the user wants to see.
	cleared int
	run     bool // only the newest run's lines
	pretty  bool // JSON lines as words
	// unwrapped: a row for each line, however long it is.
	unwrapped bool

	only  filter
	shown sieve // by only

	search  pattern
	matches sieve // of the shown lines, by search
	match   int   // the chosen one, and whether there is one
	chosen  bool
	origin  int // the line that the search began at: the nearest match is chosen

	selection selection
	// press is where the mouse's button went down, while it is down.
	press   cell
	pressed bool
}

// A feed is the log as it is shown: which of its lines, and how. Lines are
// called by their numbers since the beginning.
type feed struct {
	cells.Look
	output
	log    engine.Log
	lo, hi int
}

func (o output) feed(l cells.Look, log engine.Log) feed {
	f := feed{Look: l, output: o, log: log, hi: end(log)}
	f.lo = max(log.Dropped(), o.cleared)
	if o.run {
		f.lo = max(f.lo, log.Run())
	}
	f.lo = min(f.lo, f.hi)
	return f
}

func (f feed) at(n int) engine.Entry { return f.log.At(n - f.log.Dropped()) }

// next is the first shown line from n on, or hi. Unfinished lines are tested
// here; there are two at most.
func (f feed) next(n int) int {
	n = max(n, f.lo)
	if !f.only.active() {
		return min(n, f.hi)
	}
	if whole := f.log.Dropped() + f.log.Finished(); n < whole {
		if at, ok := f.shown.next(n); ok && at < f.hi {
			return at
		}
		n = whole
	}
	for n < f.hi && !f.only.entry(f.at(n)) {
		n++
	}
	return n
}

// prev is the last shown line before n, if there is one.
func (f feed) prev(n int) (line int, ok bool) {
	if !f.only.active() {
		return n - 1, n > f.lo
	}
	for whole := f.log.Dropped() + f.log.Finished(); n > whole; n-- {
		if n-1 >= f.lo && f.only.entry(f.at(n-1)) {
			return n - 1, true
		}
	}
	line, ok = f.shown.prev(n)
	return line, ok && line >= f.lo
}

// rows draws line n at w cells.
func (f feed) rows(n, w int) []string {
	e := f.at(n)
	if e.Mark != nil {
		return f.selected(n, []string{markRule(f.Look, *e.Mark, w)}, w)
	}
	gutter := f.Width(f.Stderr) + 1
	if w <= gutter { // a sliver: the text is all there is room for
		gutter = 0
	}
	mark := cells.Spaces(gutter)
	switch here := f.chosen && n == f.match; {
	case gutter == 0:
	case e.Stream == runner.Stderr && here:
		mark = f.Warn.Paint(f.Stderr) + f.AccentBold.Paint(f.Look.Selected)
	case e.Stream == runner.Stderr:
		mark = f.Warn.Paint(f.Stderr) + " "
	case here:
		mark = f.AccentBold.Paint(f.Look.Selected) + cells.Spaces(gutter-f.Width(f.Look.Selected))
	}
	text := e.Text
	if f.pretty {
		text = prettyLine(f.Look, text)
	}
	if f.search.text != "" {
		text = f.search.highlight(text)
	}
	pieces := f.WrapOutput(text, w-gutter)
	if f.output.unwrapped && len(pieces) > 1 && !(f.chosen && n == f.match) { // a match is seen wherever it is
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

// entry reports whether a line of the log is shown. Marks tell to which generation
// the lines around them belong, and are.
func (f filter) entry(e engine.Entry) bool {
	switch {
	case e.Mark != nil:
		return true
	case f.stderr && e.Stream != runner.Stderr:
		return false
	}
	return f.match(asShown(e.Text, f.pretty))
}

// modes says in words how the output is looked at, where that is not as it
// comes.
func (o output) modes(l cells.Look, log engine.Log) []string {
	f := o.feed(l, log)
	var words []string
	if o.search.text != "" {
		words = append(words, "search: "+cells.Clean(o.search.text)+" "+f.matched())
	}
	if o.only.active() {
		n := f.shown.count(f.lo, f.hi) - log.Marks(f.lo)
		text := thousands(max(0, n)) + " of " + thousands(f.hi-f.lo-log.Marks(f.lo)) + " lines"
		switch {
		case o.only.text != "" && o.only.stderr:
			text = "filter: " + cells.Clean(o.only.text) + ", stderr only  " + text
		case o.only.stderr:
			text = "stderr only  " + text
		default:
			text = "filter: " + cells.Clean(o.only.text) + "  " + text
		}
		words = append(words, text)
	}
	if !o.shown.complete(log) || !o.matches.complete(log) {
		words = append(words, "searching"+l.Ellipsis)
	}
	if o.run {
		words = append(words, "this generation only")
	}
	if o.pretty {
		words = append(words, "pretty JSON")
	}
	if o.unwrapped {
		words = append(words, "long lines cut")
	}
	if o.selection.lines {
		words = append(words, o.selection.words())
	}
	return words
}

// matched is which of how many matches is chosen.
func (f feed) matched() string {
	n := f.matches.count(f.lo, f.hi)
	if n == 0 {
		return "no match"
	}
	at := 0
	if f.chosen {
		at = f.matches.count(f.lo, f.match+1)
	}
	return thousands(at) + "/" + thousands(n)
}

// foot is what the pane's lower border says.
func (o output) foot(l cells.Look, log engine.Log) string {
	words := o.modes(l, log)
	if text := o.tail.foot(o.feed(l, log)); text != "" {
		words = append(words, text)
	}
	return strings.Join(words, l.Dot)
}

func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// filterBy shows other lines.
func (o output) filterBy(f filter) output {
	f.pretty = o.pretty
	o.only = f
	if f.active() {
		o.shown = o.shown.ask(f.entry)
		o.shown.slow = o.pretty
	} else {
		o.shown = o.shown.ask(nil)
	}
	return o.searchFor(o.search)
}

// searchFor finds other matches among the shown lines.
func (o output) searchFor(p pattern) output {
	o.search, o.chosen = p, false
	if p.text == "" {
		o.matches = o.matches.ask(nil)
		return o
	}
	only := o.only
	only.pretty = o.pretty
	o.matches = o.matches.ask(func(e engine.Entry) bool {
		if e.Mark != nil {
			return false
		}
		at, _ := p.index(asShown(e.Text, only.pretty))
		return at >= 0 && (!only.active() || only.entry(e))
	})
	o.matches.slow = o.pretty
	return o
}
