// Package sheet lays out what the Build pane has to say: the errors of a build
// with their source lines, what follows from them folded, the reports of a
// program that failed, who has its address. It knows what can be walked over,
// opened, unfolded and copied there, and leaves it to the screen to do it.
package sheet

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A place is where the editor can be sent to.
type Place struct {
	File         string
	Line, Column int
}

// An item is what n and N walk over in the Build pane: a complaint, a frame of a
// report, something folded.
type Item struct {
	From, To int    // its rows
	At       Place  // what enter opens; none if it has no file
	Fold     string // what x opens and closes here, if anything
	// folded: the item is nothing but the fold, and enter opens that.
	Folded bool
	// Of is the ID of the failed test that it belongs to; empty is none.
	Of string
	// name is what copying calls it, text what it copies.
	Name string
	Text func() string
}

// asked is what a sheet is made of.
type Asked struct {
	State  engine.State
	Dir    string          // that files are named relative to
	Chosen int             // which item has the mark
	Open   map[string]bool // what is unfolded, by the fold's name
	// unwrapped: a row for each text, however long it is.
	Unwrapped bool
	// calm is what to say where nothing is broken.
	Calm []cells.Row
}

// A sheet is all that the Build pane has to say at a width, row by row.
type Sheet struct {
	cells.Look
	Asked
	w   int
	low bool // there is no room for what is only context

	Rows  []cells.Row
	Items []Item
}

// ItemAt returns the index of the item that a row belongs to, counted from the first of
// Rows; -1 if it belongs to none.
func (sh *Sheet) ItemAt(row int) int {
	return slices.IndexFunc(sh.Items, func(i Item) bool { return row >= i.From && row < i.To })
}

// lowPane is a height at which an error with the line before the faulty one does
// not fit any more.
const lowPane = 7

// lay lays everything out. The items are the same at any width.
func Lay(l cells.Look, a Asked, w, h int) *Sheet {
	sh := &Sheet{Look: l, Asked: a, w: w, low: h < lowPane}
	s := a.State
	for _, n := range s.Notices {
		sh.notice(n)
	}
	broken := len(s.Build.Diagnostics) > 0
	if broken {
		sh.complaints()
	}
	if c := s.Process.Conflict; c != nil {
		sh.gap()
		sh.conflict(*c)
	}
	for i := len(s.Process.Reports) - 1; i >= 0; i-- {
		sh.gap()
		sh.report(s.Process.Reports[i], "report "+strconv.Itoa(s.Process.Gen)+" "+strconv.Itoa(i))
	}
	if !broken {
		sh.gap()
		sh.Rows = append(sh.Rows, a.Calm...)
		sh.resolved()
	}
	return sh
}

// gap separates what follows from what is above it.
func (sh *Sheet) gap() {
	if len(sh.Rows) > 0 {
		sh.Rows = append(sh.Rows, nil)
	}
}

// next reports whether the item to come is the selected one.
func (sh *Sheet) next() bool { return len(sh.Items) == sh.Chosen }

// add appends rows that are one item.
func (sh *Sheet) add(it Item, rows ...cells.Row) {
	it.From = len(sh.Rows)
	sh.Rows = append(sh.Rows, rows...)
	it.To = len(sh.Rows)
	sh.Items = append(sh.Items, it)
}

// mark is the prefix of the first row of the next item.
func (sh *Sheet) mark() cells.Span {
	if sh.next() {
		return sh.AccentBold.Of(sh.Look.Selected + " ")
	}
	return cells.Bare("  ")
}

// wrap breaks a text, unless the user wants one row of it.
func (sh *Sheet) wrap(text string, w int) []string {
	if sh.Unwrapped {
		return []string{sh.Cut(text, w)}
	}
	return sh.WrapWords(text, w)
}

// notice is a standing sentence, before everything else. A line of it that
// begins with a place, as a mistake in the configuration does, is an item.
func (sh *Sheet) notice(n engine.Notice) {
	for i, text := range strings.Split(n.Text, "\n") {
		mark := cells.Bare("  ")
		if i == 0 {
			mark = sh.Warn.Of(sh.Look.Notice + " ")
		}
		at, message := placed(sh.Dir, text)
		if at.File != "" {
			text = Location(sh.Dir, at.File, at.Line, at.Column) + ": " + message
			if sh.next() {
				mark = sh.mark()
			}
		}
		var rows []cells.Row
		for _, line := range sh.WrapWords(cells.Clean(text), sh.w-2) {
			rows = append(rows, cells.Row{mark, sh.Warn.Of(line)})
			mark = cells.Bare("  ")
		}
		if at.File == "" {
			sh.Rows = append(sh.Rows, rows...)
			continue
		}
		name := Location(sh.Dir, at.File, at.Line, at.Column)
		sh.add(Item{At: at, Name: name, Text: func() string { return printable(text) + "\n" }}, rows...)
	}
}

// noticePlace is how a complaint of a file begins; not one of a host and its port.
var noticePlace = regexp.MustCompile(`^(\S.*?(?:\.toml|\.env[^/:]*|\.go|\.mod|\.work|\.sum)):(\d+)(?::(\d+))?: `)

// placed parts a line of a notice into its place, if it has one, and the rest.
func placed(dir, line string) (at Place, message string) {
	m := noticePlace.FindStringSubmatch(line)
	if m == nil {
		return Place{}, line
	}
	at.File = m[1]
	if !filepath.IsAbs(at.File) {
		at.File = filepath.Join(dir, at.File)
	}
	at.Line, _ = strconv.Atoi(m[2])
	at.Column, _ = strconv.Atoi(m[3])
	return at, line[len(m[0]):]
}

// complaints are the diagnostics of the last build, and what it fixed.
func (sh *Sheet) complaints() {
	groups := sh.State.Troubles()
	for _, g := range groups {
		sh.gap()
		if len(groups) > 1 {
			sh.header(g)
		}
		for i, c := range g.Troubles {
			if i > 0 {
				sh.gap()
			}
			sh.trouble(c)
		}
	}
	if len(sh.State.Resolved()) > 0 || sh.State.Fixed != "" {
		sh.gap()
		sh.resolved()
	}
}

// header names the package of a group.
func (sh *Sheet) header(g engine.Group) {
	name := "without a package"
	if g.Package != "" {
		name = cells.Clean(g.Package)
	}
	for _, p := range sh.State.Graph.Packages {
		if p.ImportPath == g.Package {
			name = ShortName(sh.State, p)
		}
	}
	n := sh.Dot + words.Count(len(g.Troubles), "error")
	ink, dim := sh.Bold, sh.Dim
	if sh.stale() {
		ink = sh.Dim
	}
	sh.Rows = append(sh.Rows, cells.Row{ink.Of(sh.CutPath(name, sh.w-sh.Width(n))), dim.Of(n)})
}

// stale: a build under way may take back what is shown.
func (sh *Sheet) stale() bool { return sh.State.Build.Phase == engine.Compiling }

func (sh *Sheet) trouble(c engine.Trouble) {
	name := fold(c)
	sh.add(sh.errorItem(c, name), sh.diagnostic(c)...)
	if name == "" {
		return
	}
	open := sh.Open[name]
	sh.Rows = append(sh.Rows, cells.Row{cells.Bare("  "), sh.Dim.Of(sh.echoes(c, open))})
	if open {
		for _, e := range c.Echoes {
			sh.add(sh.errorItem(e, name), sh.diagnostic(e)...)
		}
	}
}

func (sh *Sheet) errorItem(c engine.Trouble, fold string) Item {
	where := Location(sh.Dir, c.File, c.Line, c.Column)
	if where == "" {
		where = sh.Cut(cells.Clean(c.Message), 40)
	}
	return Item{
		At:   Place{File: c.File, Line: c.Line, Column: c.Column},
		Fold: fold,
		Name: "error " + c.Number + ": " + where,
		Text: func() string { return ErrorText(c.Diagnostic, sh.Dir) },
	}
}

// echoes says what is folded behind a complaint.
func (sh *Sheet) echoes(c engine.Trouble, open bool) string {
	text := c.Behind(sh.Dot)
	if open {
		return text + " (x folds)"
	}
	return text + " (x shows)"
}

// resolved lists what is no longer wrong, shortly: it is good news, not work.
func (sh *Sheet) resolved() {
	if fixed := sh.State.Fixed; fixed != "" {
		for line := range strings.Lines(fixed) {
			sh.Rows = append(sh.Rows, cells.Row{sh.Dim.Of(sh.Cut(sh.OK+" fixed: "+cells.Clean(strings.TrimRight(line, "\n")), sh.w))})
		}
	}
	gone := sh.State.Resolved()
	const most = 5
	for _, d := range gone[:min(len(gone), most)] {
		text := sh.OK + " fixed: "
		if where := Location(sh.Dir, d.File, d.Line, 0); where != "" {
			text += where + " "
		}
		sh.Rows = append(sh.Rows, cells.Row{sh.Dim.Of(sh.Cut(text+cells.Clean(d.Message), sh.w))})
	}
	if n := len(gone) - most; n > 0 {
		sh.Rows = append(sh.Rows, cells.Row{sh.Dim.Of(sh.OK + " and " + strconv.Itoa(n) + " more fixed")})
	}
}

// fold is the name under which the echoes of c are opened; it outlives a rebuild.
func fold(c engine.Trouble) string {
	if len(c.Echoes) == 0 {
		return ""
	}
	return "echoes " + c.File + " " + c.Message
}
