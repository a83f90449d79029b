// Package sheet lays out the content of the Build pane and of the Tests pane: the
// errors of a build with their source lines and their folded consequences, the reports
// of a program that failed, the process that has its address, failed tests. It knows
// what can be selected, opened, unfolded and copied; the screen does these things.
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

// A Place is a place that the editor can open.
type Place struct {
	File         string
	Line, Column int
}

// An Item is what n and N move between: a diagnostic, a frame of a report, a fold.
type Item struct {
	From, To int    // its rows; To is exclusive
	At       Place  // what enter opens; without a file, nothing
	Fold     string // the fold that x opens and closes, or ""
	// Folded: the item is only the fold, and enter opens it.
	Folded bool
	// Of is the ID of the failed test that the item belongs to, or "".
	Of string
	// Name is what copying calls it, Text returns what is copied.
	Name string
	Text func() string
}

// Asked is what a sheet is made from.
type Asked struct {
	State  engine.State
	Dir    string          // files are named relative to it
	Chosen int             // the index of the item with the mark
	Open   map[string]bool // the unfolded folds, by name
	// Unwrapped: each text takes one row, however long it is.
	Unwrapped bool
	// Calm is the content if nothing is broken.
	Calm []cells.Row
}

// A Sheet is the content of a pane at a width, row by row.
type Sheet struct {
	cells.Look
	Asked
	w      int
	low    bool // there is no room for context
	unseen bool // no row is drawn: only the items are wanted

	Rows  []cells.Row
	Items []Item
}

// ItemAt returns the index of the item that a row belongs to, counted from the first of
// Rows; -1 if it belongs to none.
func (sh *Sheet) ItemAt(row int) int {
	return slices.IndexFunc(sh.Items, func(i Item) bool { return row >= i.From && row < i.To })
}

// lowPane is the height below which an error no longer fits together with the line
// before the faulty one.
const lowPane = 7

// Lay lays out the Build pane at w by h cells. The items are the same at any width; for
// them alone, h is 0, and no source is laid out.
func Lay(l cells.Look, a Asked, w, h int) *Sheet {
	sh := &Sheet{Look: l, Asked: a, w: w, low: h < lowPane, unseen: h == 0}
	s := a.State
	broken := len(s.Build.Diagnostics) > 0
	troubled := broken || s.Process.Conflict != nil || len(s.Process.Reports) > 0
	var later, remarks []engine.Notice
	for _, n := range s.Notices {
		switch { // in a low pane, others would hide what is broken now
		case n.Remark():
			remarks = append(remarks, n)
		case troubled && !sh.hasPlace(n):
			later = append(later, n)
		default:
			sh.notice(n)
		}
	}
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
	sh.notices(later)
	if !broken {
		sh.gap()
		sh.Rows = append(sh.Rows, a.Calm...)
		sh.resolved()
	}
	sh.notices(remarks)
	return sh
}

// notices adds notices that do not come first.
func (sh *Sheet) notices(all []engine.Notice) {
	if len(all) > 0 {
		sh.gap()
	}
	for _, n := range all {
		sh.notice(n)
	}
}

// gap separates the next rows from those above.
func (sh *Sheet) gap() {
	if len(sh.Rows) > 0 {
		sh.Rows = append(sh.Rows, nil)
	}
}

// next reports whether the next item is the selected one.
func (sh *Sheet) next() bool { return len(sh.Items) == sh.Chosen }

// add appends rows that form one item.
func (sh *Sheet) add(it Item, rows ...cells.Row) {
	it.From = len(sh.Rows)
	sh.Rows = append(sh.Rows, rows...)
	it.To = len(sh.Rows)
	sh.Items = append(sh.Items, it)
}

// mark returns the prefix of the first row of the next item.
func (sh *Sheet) mark() cells.Span {
	if sh.next() {
		return sh.AccentBold.Of(sh.Look.Selected + " ")
	}
	return cells.Bare("  ")
}

// wrap wraps a text, unless the user wants a single row.
func (sh *Sheet) wrap(text string, w int) []string {
	if sh.Unwrapped {
		return []string{sh.Cut(text, w)}
	}
	return sh.WrapWords(text, w)
}

// notice adds a lasting message. A line that begins with a
// place, such as that of a mistake in the configuration, is an item.
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

// hasPlace reports whether a line of the notice can be opened.
func (sh *Sheet) hasPlace(n engine.Notice) bool {
	return slices.ContainsFunc(strings.Split(n.Text, "\n"), func(line string) bool {
		at, _ := placed(sh.Dir, line)
		return at.File != ""
	})
}

// noticePlace matches the place at the beginning of a message about a file, but not a
// host and its port.
var noticePlace = regexp.MustCompile(`^(\S.*?(?:\.toml|\.env[^/:]*|\.go|\.mod|\.work|\.sum)):(\d+)(?::(\d+))?: `)

// placed splits a line of a notice into its place, if it has one, and the rest.
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

// complaints adds the diagnostics of the last build, and what it fixed.
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

// header adds the package of a group.
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

// stale reports whether the current build may remove what is shown.
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

// echoes returns the text for the folded consequences of a diagnostic.
func (sh *Sheet) echoes(c engine.Trouble, open bool) string {
	text := c.Behind(sh.Dot)
	if open {
		return text + " (x folds)"
	}
	return text + " (x shows)"
}

// resolved adds what was fixed, briefly: it is good news, not work.
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

// fold returns the name of the fold with the echoes of c. It is the same after a
// rebuild.
func fold(c engine.Trouble) string {
	if len(c.Echoes) == 0 {
		return ""
	}
	return "echoes " + c.File + " " + c.Message
}
