package sheet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// LayTests lays out the Tests pane: why packages do not build, then the failures, each
// with its message, the source, and its folded output. It uses only the fields Dir,
// Chosen, Open, Unwrapped and Calm of a.
func LayTests(l cells.Look, s tester.State, a Asked, w, h int) *Sheet {
	sh := &Sheet{Look: l, Asked: a, w: w, low: h < lowPane, unseen: h == 0}
	sh.State = engine.State{}
	for _, n := range s.Notices {
		sh.notice(engine.Notice{Text: n})
	}
	if s.Err != "" {
		sh.notice(engine.Notice{Text: s.Err})
	}
	failures := s.Failures()
	for _, f := range failures { // a report looks for the source there
		if len(f.Excerpt) > 0 {
			sh.State.Process.Excerpts = append(sh.State.Process.Excerpts, engine.Excerpt{File: f.File, Line: f.Line, First: f.First, Lines: f.Excerpt})
		}
	}
	if !slices.ContainsFunc(failures, s.Debug.Of) {
		sh.Rows = append(sh.Rows, sh.debugged(s.Debug, words.DebuggedTest(s)+": ")...)
	}
	for i, d := range s.Broken() {
		sh.gap()
		sh.trouble(engine.Trouble{Diagnostic: d, Number: strconv.Itoa(i + 1)})
	}
	for _, f := range failures {
		sh.gap()
		sh.failure(s, f)
	}
	if len(sh.Rows) == 0 && (!s.Coverage.Known() || s.Phase() == tester.Running) {
		sh.Rows = a.Calm
	}
	sh.coverage(s.Coverage)
	return sh
}

// failure adds one failed test:
//
//	▸ cart/cart_test.go:12  TestSum/negative failed
//	    got -1, want 1
//	  › 12 │     t.Errorf("got %d, want %d", got, want)
//	    9 lines of output (x shows)
func (sh *Sheet) failure(s tester.State, f tester.Failure) {
	fold := "output " + f.ID()
	it := Item{
		At: Place{File: f.File, Line: f.Line}, Fold: fold, Of: f.ID(), Name: cells.Clean(f.Test),
		Text: func() string { return printableLines(words.TestFailure(sh.Dir, s, f)) },
	}
	if it.Name == "" {
		it.Name = cells.Clean(words.TestPackage(s, f.Package))
	}
	rows := sh.failureHead(s, f)
	if s.Debug.Of(f) {
		rows = append(rows, sh.debugged(s.Debug, "")...)
	}
	if f.Trace == nil || f.Kind == tester.TimedOut {
		rows = append(rows, sh.message(f.Message)...)
		rows = append(rows, sh.excerpt(excerptOf(f), sh.Bad)...)
	}
	if f.Input != "" {
		rows = append(rows, cells.Row{cells.Bare("    "), sh.Dim.Of("input: "), sh.Text.Of(sh.CutLeft(Relative(sh.Dir, f.Input), sh.w-11))})
	}
	sh.add(it, rows...)
	from := len(sh.Items)
	if f.Trace != nil {
		sh.report(*f.Trace, "trace "+f.ID())
	}
	for _, m := range f.More {
		if !m.Log {
			sh.said(f, m)
		}
	}
	if hidden := sh.hidden(f); len(hidden) > 0 {
		out := it
		out.Folded, out.At = true, Place{}
		open := sh.Open[fold]
		text := words.Count(len(hidden), "line") + " of output (x shows)"
		if open {
			text = "output (x folds)"
		}
		sh.add(out, cells.Row{sh.mark(), sh.Dim.Of("  " + sh.Cut(text, sh.w-4))})
		if open {
			for _, l := range hidden {
				for _, line := range sh.wrap(cells.Clean(l), sh.w-4) {
					sh.Rows = append(sh.Rows, cells.Row{cells.Bare("    "), sh.Text.Of(line)})
				}
			}
			sh.Items[len(sh.Items)-1].To = len(sh.Rows) // the output is visible together with the line that unfolds it
		}
	}
	for i := range sh.Items[from:] {
		sh.Items[from+i].Of = f.ID()
	}
}

// maxDebugOutput is how many of the last lines of a test under the debugger are shown.
const maxDebugOutput = 3

// debugged returns what the debugger says of the test that runs under it, and the last
// lines that the test printed. name is that of the test, where it is not above.
func (sh *Sheet) debugged(d tester.DebugState, name string) (rows []cells.Row) {
	if d.Test.Package == "" {
		return nil
	}
	ink, indent := sh.Warn, cells.Bare("    ")
	if d.Over {
		ink = sh.Dim
	}
	for _, line := range sh.WrapWords(cells.Clean("debug: "+name+words.TestDebug(d)), sh.w-4) {
		rows = append(rows, cells.Row{indent, ink.Of(line)})
	}
	for _, l := range d.Output[max(0, len(d.Output)-maxDebugOutput):] {
		rows = append(rows, cells.Row{indent, sh.Dim.Of(sh.Cut(cells.Clean(l), sh.w-4))})
	}
	return rows
}

// hidden returns a failure's output, unless all of it is already shown.
func (sh *Sheet) hidden(f tester.Failure) []string {
	shown := spoken(f.Message)
	for _, m := range f.More {
		if !m.Log {
			shown += spoken(m.Text)
		}
	}
	if f.Trace == nil && spoken(f.Output) <= shown {
		return nil
	}
	return f.Output
}

// spoken counts the lines that say something: not blank, and more than the place before
// a text that begins on the next line.
func spoken(lines []string) (n int) {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" && !(strings.Contains(l, ".go:") && strings.HasSuffix(l, ":")) {
			n++
		}
	}
	return n
}

// failureHead returns the place and the name, in one row if they fit.
func (sh *Sheet) failureHead(s tester.State, f tester.Failure) []cells.Row {
	mark, place := sh.mark(), sh.Accent
	if sh.next() {
		place = sh.AccentBold
	}
	name, ink := cells.Clean(f.Test), sh.Bold
	if f.Test == "" {
		name = cells.Clean(words.TestPackage(s, f.Package))
	}
	what := " " + string(f.Kind)
	if f.Again {
		what += " again"
	}
	if s.Owed(f.Package) { // a run will show the current result
		ink, what = sh.Dim, what+", not run since"
	}
	where := Location(sh.Dir, f.File, f.Line, 0)
	if where == "" {
		return []cells.Row{{mark, ink.Of(sh.Cut(name, sh.w-2-sh.Width(what))), sh.Bad.Of(what)}}
	}
	first := cells.Row{mark, sh.Linked(place, f.File).Of(sh.CutLeft(where, sh.w-2))}
	if sh.RowWidth(first)+2+sh.Width(name+what) <= sh.w {
		return []cells.Row{append(first, cells.Bare("  "), ink.Of(name), sh.Bad.Of(what))}
	}
	return []cells.Row{first, {cells.Bare("    "), ink.Of(sh.Cut(name, sh.w-4-sh.Width(what))), sh.Bad.Of(what)}}
}

// maxMessage is how many lines of an assertion's message are shown; the output has all
// of them.
const maxMessage = 40

// message returns an assertion's message; the lines of a diff have its colours.
func (sh *Sheet) message(text []string) (rows []cells.Row) {
	signs := tester.Signs(text)
	for i, l := range text[:min(len(text), maxMessage)] {
		ink := sh.Text
		switch signs[i] {
		case '-':
			ink = sh.Bad
		case '+':
			ink = sh.Good
		case '@':
			ink = sh.Dim
		}
		for _, line := range sh.wrap(cells.Clean(l), sh.w-4) {
			rows = append(rows, cells.Row{cells.Bare("    "), ink.Of(line)})
		}
	}
	if n := len(text) - maxMessage; n > 0 {
		rows = append(rows, cells.Row{cells.Bare("    "), sh.Dim.Of("and " + words.Count(n, "line") + " more")})
	}
	return rows
}

// said adds another place where a test printed something.
func (sh *Sheet) said(f tester.Failure, m tester.Said) {
	place := sh.Accent
	if sh.next() {
		place = sh.AccentBold
	}
	where := Location(sh.Dir, m.File, m.Line, 0)
	rows := []cells.Row{{sh.mark(), sh.Linked(place, m.File).Of(sh.CutLeft(where, sh.w-2))}}
	it := Item{At: Place{File: m.File, Line: m.Line}, Fold: "output " + f.ID(), Name: where, Text: func() string {
		return printableLines(where + ": " + strings.Join(m.Text, "\n") + "\n")
	}}
	sh.add(it, append(rows, sh.message(m.Text)...)...)
}

// excerptOf returns the source of a failure in the form of a diagnostic.
func excerptOf(f tester.Failure) (d builder.Diagnostic) {
	d.File, d.Line, d.Excerpt, d.First = f.File, f.Line, f.Excerpt, f.First
	return d
}

// printableLines is printable for several lines.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
