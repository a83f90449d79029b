package tui

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A place is where the editor can be sent to.
type place struct {
	file         string
	line, column int
}

// An item is what n and N walk over in the Build pane: a complaint, a frame of a
// report, something folded.
type item struct {
	from, to int    // its rows
	at       place  // what enter opens; none if it has no file
	fold     string // what x opens and closes here, if anything
	// folded: the item is nothing but the fold, and enter opens that.
	folded bool
	// name is what copying calls it, text what it copies.
	name string
	text func() string
}

// asked is what a sheet is made of.
type asked struct {
	state    engine.State
	dir      string          // that files are named relative to
	selected int             // which item has the mark
	open     map[string]bool // what is unfolded, by the fold's name
	// unwrapped: a row for each text, however long it is.
	unwrapped bool
	// calm is what to say where nothing is broken.
	calm []cells.Row
}

// A sheet is all that the Build pane has to say at a width, row by row.
type sheet struct {
	cells.Look
	asked
	w   int
	low bool // there is no room for what only stands beside it

	rows  []cells.Row
	items []item
}

// lowPane is a height at which an error with the line before the faulty one does
// not fit any more.
const lowPane = 7

// lay lays everything out. The items are the same at any width.
func lay(l cells.Look, a asked, w, h int) *sheet {
	sh := &sheet{Look: l, asked: a, w: w, low: h < lowPane}
	s := a.state
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
		sh.rows = append(sh.rows, a.calm...)
		sh.resolved()
	}
	return sh
}

// gap parts what follows from what stands above.
func (sh *sheet) gap() {
	if len(sh.rows) > 0 {
		sh.rows = append(sh.rows, nil)
	}
}

// next reports whether the item to come is the selected one.
func (sh *sheet) next() bool { return len(sh.items) == sh.selected }

// add appends rows that are one item.
func (sh *sheet) add(it item, rows ...cells.Row) {
	it.from = len(sh.rows)
	sh.rows = append(sh.rows, rows...)
	it.to = len(sh.rows)
	sh.items = append(sh.items, it)
}

// mark stands before the first row of the item to come.
func (sh *sheet) mark() cells.Span {
	if sh.next() {
		return sh.AccentBold.Of(sh.Look.Selected + " ")
	}
	return cells.Bare("  ")
}

// wrap breaks a text, unless the user wants one row of it.
func (sh *sheet) wrap(text string, w int) []string {
	if sh.unwrapped {
		return []string{sh.Cut(text, w)}
	}
	return sh.WrapWords(text, w)
}

// notice is a standing sentence, before everything else. A line of it that
// begins with a place, as a mistake in the configuration does, is an item.
func (sh *sheet) notice(n engine.Notice) {
	for i, text := range strings.Split(n.Text, "\n") {
		mark := cells.Bare("  ")
		if i == 0 {
			mark = sh.Warn.Of(sh.Look.Notice + " ")
		}
		at, message := placed(sh.dir, text)
		if at.file != "" {
			text = location(sh.dir, at.file, at.line, at.column) + ": " + message
			if sh.next() {
				mark = sh.mark()
			}
		}
		var rows []cells.Row
		for _, line := range sh.WrapWords(cells.Clean(text), sh.w-2) {
			rows = append(rows, cells.Row{mark, sh.Warn.Of(line)})
			mark = cells.Bare("  ")
		}
		if at.file == "" {
			sh.rows = append(sh.rows, rows...)
			continue
		}
		name := location(sh.dir, at.file, at.line, at.column)
		sh.add(item{at: at, name: name, text: func() string { return printable(text) + "\n" }}, rows...)
	}
}

// noticePlace is how a complaint of a file begins; not one of a host and its port.
var noticePlace = regexp.MustCompile(`^(\S.*?(?:\.toml|\.env[^/:]*|\.go|\.mod|\.work|\.sum)):(\d+)(?::(\d+))?: `)

// placed parts a line of a notice into its place, if it has one, and the rest.
func placed(dir, line string) (at place, message string) {
	m := noticePlace.FindStringSubmatch(line)
	if m == nil {
		return place{}, line
	}
	at.file = m[1]
	if !filepath.IsAbs(at.file) {
		at.file = filepath.Join(dir, at.file)
	}
	at.line, _ = strconv.Atoi(m[2])
	at.column, _ = strconv.Atoi(m[3])
	return at, line[len(m[0]):]
}

// complaints are the diagnostics of the last build, and what it fixed.
func (sh *sheet) complaints() {
	groups := sh.state.Troubles()
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
	if len(sh.state.Resolved()) > 0 || sh.state.Fixed != "" {
		sh.gap()
		sh.resolved()
	}
}

// header names the package of a group.
func (sh *sheet) header(g engine.Group) {
	name := "without a package"
	if g.Package != "" {
		name = cells.Clean(g.Package)
	}
	for _, p := range sh.state.Graph.Packages {
		if p.ImportPath == g.Package {
			name = shortName(sh.state, p)
		}
	}
	n := sh.Dot + words.Count(len(g.Troubles), "error")
	ink, dim := sh.Bold, sh.Dim
	if sh.stale() {
		ink = sh.Dim
	}
	sh.rows = append(sh.rows, cells.Row{ink.Of(sh.CutPath(name, sh.w-sh.Width(n))), dim.Of(n)})
}

// stale: a build under way may take back what is shown.
func (sh *sheet) stale() bool { return sh.state.Build.Phase == engine.Compiling }

func (sh *sheet) trouble(c engine.Trouble) {
	name := fold(c)
	sh.add(sh.errorItem(c, name), sh.diagnostic(c)...)
	if name == "" {
		return
	}
	open := sh.open[name]
	sh.rows = append(sh.rows, cells.Row{cells.Bare("  "), sh.Dim.Of(sh.echoes(c, open))})
	if open {
		for _, e := range c.Echoes {
			sh.add(sh.errorItem(e, name), sh.diagnostic(e)...)
		}
	}
}

func (sh *sheet) errorItem(c engine.Trouble, fold string) item {
	where := location(sh.dir, c.File, c.Line, c.Column)
	if where == "" {
		where = sh.Cut(cells.Clean(c.Message), 40)
	}
	return item{
		at:   place{file: c.File, line: c.Line, column: c.Column},
		fold: fold,
		name: "error " + c.Number + ": " + where,
		text: func() string { return errorText(c.Diagnostic, sh.dir) },
	}
}

// echoes says what is folded behind a complaint.
func (sh *sheet) echoes(c engine.Trouble, open bool) string {
	text := c.Behind(sh.Dot)
	if open {
		return text + " (x folds)"
	}
	return text + " (x shows)"
}

// resolved lists what is no longer wrong, shortly: it is good news, not work.
func (sh *sheet) resolved() {
	if fixed := sh.state.Fixed; fixed != "" {
		for line := range strings.Lines(fixed) {
			sh.rows = append(sh.rows, cells.Row{sh.Dim.Of(sh.Cut(sh.OK+" fixed: "+cells.Clean(strings.TrimRight(line, "\n")), sh.w))})
		}
	}
	gone := sh.state.Resolved()
	const most = 5
	for _, d := range gone[:min(len(gone), most)] {
		text := sh.OK + " fixed: "
		if where := location(sh.dir, d.File, d.Line, 0); where != "" {
			text += where + " "
		}
		sh.rows = append(sh.rows, cells.Row{sh.Dim.Of(sh.Cut(text+cells.Clean(d.Message), sh.w))})
	}
	if n := len(gone) - most; n > 0 {
		sh.rows = append(sh.rows, cells.Row{sh.Dim.Of(sh.OK + " and " + strconv.Itoa(n) + " more fixed")})
	}
}

// fold is the name under which the echoes of c are opened; it outlives a rebuild.
func fold(c engine.Trouble) string {
	if len(c.Echoes) == 0 {
		return ""
	}
	return "echoes " + c.File + " " + c.Message
}
