package tui

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// tests shows the results of the tests: one line if all passed, else what there is to
// fix. It stores how far it is scrolled, which item is chosen, and which parts are
// unfolded.
type tests struct {
	top, at   int
	open      map[string]bool // by the fold's name; it is replaced, never modified
	unwrapped bool
}

// testRows returns how many rows the pane takes of its column: one if there is nothing
// to fix.
func testRows(h int, d demand) int {
	switch d.tests {
	case calm:
		return 0
	case noticed:
		return 3
	}
	return max(6, h*2/5)
}

// testNeed returns how many rows the Tests pane could use.
func (m model) testNeed() need {
	s := m.session.Tests
	switch {
	case !s.Awake:
		return calm
	case len(m.testSheet(m.width, 0).Items) > 0:
		return broken
	}
	return noticed
}

// testSheet returns the content of the Tests pane for width w and height h.
func (m model) testSheet(w, h int) *sheet.Sheet {
	s := m.session.Tests
	return sheet.LayTests(m.look.Look, s, sheet.Asked{
		Dir: m.opts.Dir, Chosen: m.tests.at, Open: m.tests.open, Unwrapped: m.tests.unwrapped, Calm: m.look.testSummary(s, m.opts.Dir, w),
	}, w, h)
}

// testSummary returns the text of the pane if no test failed.
func (l look) testSummary(s tester.State, dir string, w int) []cells.Row {
	text := "t runs all tests"
	switch {
	case s.Run.Gen > 0:
		text = words.TestRun(dir, s)
	case s.When == tester.OnSave:
		text = "a save runs the tests that it can affect; t runs all"
	}
	if s.Phase() == tester.Running && len(s.Run.Current) > 0 {
		text = words.TestPackage(s, s.Run.Current[0])
		if n := len(s.Run.Current) - 1; n > 0 {
			text += " and " + strconv.Itoa(n) + " more"
		}
	}
	var rows []cells.Row
	for _, line := range l.WrapWords(cells.Clean(text), w) {
		rows = append(rows, cells.Row{l.Dim.Of(line)})
	}
	return rows
}

func (t tests) view(m model, w, h int) (cells.Box, []string) {
	s, l := m.session.Tests, m.look
	out := cells.Box{Ink: l.Dim}
	status := words.Tests(s)
	switch s.Phase() {
	case tester.Listing, tester.Running:
		out.Ink = l.Warn
	case tester.Failed:
		out.Ink, status = l.BadBold, l.Cross+" "+status
	case tester.Passed:
		out.Ink, status = l.Good, l.OK+" "+status
	}
	c := s.Count()
	out.Status = []string{status, words.TestCount(tester.Count{Failed: c.Failed, Broken: c.Broken, Passed: c.Passed})}
	if n := c.Failed + c.Broken; n > 0 {
		out.Status = append(out.Status, strconv.Itoa(n)+" failed")
	}
	if h <= 0 {
		return out, nil
	}
	rows := m.testSheet(w, h).Rows
	from, to := cells.Window(len(rows), h, t.top)
	out.Foot = l.More(from, to, len(rows))
	return out, l.PaintAll(rows[from:to], w)
}

func (t tests) scroll(m model, by int) model {
	r := m.layout().body(testsPane)
	m.tests.top = cells.Scrolled(len(m.testSheet(r.w, r.h).Rows), r.h, t.top, by)
	return m
}

func (t tests) move(m model, by int) model { return t.scroll(m, by) }

func (t tests) click(m model, y int) model {
	r := m.layout().body(testsPane)
	sh := m.testSheet(r.w, r.h)
	from, _ := cells.Window(len(sh.Rows), r.h, t.top)
	if at := sh.ItemAt(from + y); at >= 0 {
		m.tests.at = at
	}
	return m
}

// meanings: in this pane, the keys for errors move between failures, and those that run
// the program run tests.
func (t tests) meanings() map[string]meaning {
	word := func(word string, weight int) func(model) (string, int) {
		return func(m model) (string, int) {
			if len(m.testItems()) == 0 {
				return word, 0
			}
			return word, weight
		}
	}
	return map[string]meaning{
		"next":     {word("next failure", 85), func(m model) (model, tea.Cmd) { return m.chooseTest(1), nil }},
		"previous": {do: func(m model) (model, tea.Cmd) { return m.chooseTest(-1), nil }},
		"open":     {word("open", 84), func(m model) (model, tea.Cmd) { return m.openTest() }},
		"fold":     {do: func(m model) (model, tea.Cmd) { return m.unfoldTest(), nil }},
		"copy":     {word("copy", 15), func(m model) (model, tea.Cmd) { return m.copyTest() }},
		"copy-all": {do: func(m model) (model, tea.Cmd) { return m.copyTests() }},
		"watch": {do: func(m model) (model, tea.Cmd) {
			m.tests.unwrapped, m.tests.top = !m.tests.unwrapped, 0
			return m, nil
		}},
		"reload":  {word("this test", 83), func(m model) (model, tea.Cmd) { return m.runTest() }},
		"debug":   {debugTestWord, func(m model) (model, tea.Cmd) { return m.debugTest() }},
		"restart": {always("all tests", 60), func(m model) (model, tea.Cmd) { return m.send(tester.Test{All: true}) }},
	}
}

func (m model) testItems() []sheet.Item {
	if !m.session.Tests.Awake {
		return nil
	}
	return m.testSheet(m.width, 0).Items
}

// chosenTest returns the chosen item; ok is false if there is none.
func (m model) chosenTest() (sheet.Item, bool) {
	items := m.testItems()
	if len(items) == 0 {
		return sheet.Item{}, false
	}
	return items[max(0, min(m.tests.at, len(items)-1))], true
}

// toFix names what the Tests pane lists, in its order.
func toFix(s tester.State) (names []string) {
	for _, d := range s.Broken() {
		names = append(names, d.File+d.Message)
	}
	for _, f := range s.Failures() {
		names = append(names, f.ID())
	}
	for _, f := range s.Coverage.Files {
		for _, l := range f.Missed {
			names = append(names, fmt.Sprint(f.File, l.Span))
		}
	}
	return names
}

// keepTest has the pane, whose list is a new one, keep what was chosen; if that is not
// there any more, or nobody has looked, the list is shown from its beginning.
func (m model) keepTest(was model) model {
	m.tests.at, m.tests.top = 0, 0
	if was.tests.at == 0 && was.tests.top == 0 {
		return m
	}
	it, ok := was.chosenTest()
	at := slices.IndexFunc(m.testItems(), func(o sheet.Item) bool {
		return o.Of == it.Of && o.Name == it.Name && o.Folded == it.Folded && (it.Of != "" || o.At == it.At)
	})
	if !ok || at <= 0 {
		return m
	}
	m.tests.at, m.tests.top = at, was.tests.top
	return m.revealTest()
}

// failure returns the failure that is chosen in the Tests pane; ok is false if there is
// none.
func (m model) failure() (tester.Failure, bool) {
	it, ok := m.chosenTest()
	if !ok {
		return tester.Failure{}, false
	}
	all := m.session.Tests.Failures()
	i := slices.IndexFunc(all, func(f tester.Failure) bool { return f.ID() == it.Of })
	if i < 0 {
		return tester.Failure{}, false
	}
	return all[i], true
}

// chooseTest moves the selection, wrapping around, and scrolls it into view.
func (m model) chooseTest(by int) model {
	n := len(m.testItems())
	if n == 0 {
		return m
	}
	m.tests.at = (min(m.tests.at, n-1) + by + n) % n
	if m.layout().body(testsPane).empty() { // the pane is hidden, because another one is zoomed or the screen is too small
		m.focus = testsPane
	}
	return m.revealTest()
}

// revealTest scrolls as little as needed to show the chosen item.
func (m model) revealTest() model {
	r := m.layout().body(testsPane)
	if r.empty() {
		return m
	}
	sh := m.testSheet(r.w, r.h)
	if m.tests.at < len(sh.Items) {
		m.tests.top = build{top: m.tests.top}.reveal(len(sh.Rows), r.h, sh.Items[m.tests.at]).top
	}
	return m
}

func (m model) openTest() (model, tea.Cmd) {
	it, ok := m.chosenTest()
	switch {
	case !ok:
		return m, nil
	case it.Folded:
		return m.unfoldTest(), nil
	case it.At.File == "":
		m.flash = "this failure names no file"
		return m, nil
	}
	return m.edit(it.At)
}

// unfoldTest unfolds or folds at the selected item.
func (m model) unfoldTest() model {
	it, ok := m.chosenTest()
	if !ok || it.Fold == "" {
		m.flash = "nothing is folded here"
		return m
	}
	open := maps.Clone(m.tests.open)
	if open == nil {
		open = map[string]bool{}
	}
	open[it.Fold] = !open[it.Fold]
	m.tests.open = open
	m.tests.at = max(0, min(m.tests.at, len(m.testItems())-1))
	return m.revealTest()
}

func (m model) copyTest() (model, tea.Cmd) {
	it, ok := m.chosenTest()
	if !ok {
		m.flash = "nothing to copy: no failures"
		return m, nil
	}
	m.flash = "copied " + it.Name
	return m, tea.SetClipboard(it.Text())
}

func (m model) copyTests() (model, tea.Cmd) {
	text, seen := "", map[string]bool{}
	for _, it := range m.testItems() {
		if !it.Folded && (it.Of == "" || !seen[it.Of]) {
			text += it.Text() + "\n"
			seen[it.Of] = true
		}
	}
	if text == "" {
		m.flash = "nothing to copy: no failures"
		return m, nil
	}
	m.flash = "copied all failures"
	return m, tea.SetClipboard(text)
}

// runTest runs only the chosen test.
func (m model) runTest() (model, tea.Cmd) {
	f, ok := m.failure()
	if !ok {
		return m.send(tester.Test{})
	}
	return m.send(tester.Test{Packages: []string{f.Package}, Pattern: tester.Pattern(f.Test)})
}
