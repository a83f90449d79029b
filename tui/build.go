package tui

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// build shows the build under way or the last one, and the failures of the program. It
// stores how far it is scrolled and which parts are unfolded.
type build struct {
	top       int
	open      map[string]bool // by the fold's name; never written to, but replaced
	unwrapped bool
}

// toggle opens or closes a fold.
func (b build) toggle(fold string) build {
	open := maps.Clone(b.open)
	if open == nil {
		open = map[string]bool{}
	}
	open[fold] = !open[fold]
	b.open = open
	return b
}

// meanings: in this pane the key wraps the lines of errors.
func (b build) meanings() map[string]meaning {
	return map[string]meaning{"watch": {do: func(m model) (model, tea.Cmd) {
		m.build.unwrapped = !m.build.unwrapped
		m.build.top = 0
		return m, nil
	}}}
}

// border shows the state of the build.
func (b build) border(l look, s engine.State, now time.Time) cells.Box {
	out := cells.Box{Ink: l.Dim}
	n := len(s.Build.Diagnostics)
	switch {
	case s.Build.Phase == engine.Compiling:
		verb := "building gen " + strconv.Itoa(s.Build.Gen)
		switch {
		case s.Build.Linking:
			verb = "linking gen " + strconv.Itoa(s.Build.Gen)
		case n > 0:
			verb = "rebuilding" + l.Ellipsis
		}
		out.Ink = l.Warn
		elapsed := ""
		if d := now.Sub(s.Build.Since); d >= time.Second {
			elapsed = l.Dot + seconds(d)
		}
		if n > 0 {
			out.Status = append(out.Status, fmt.Sprintf("%s%s%sthese are gen %d's errors", verb, elapsed, l.Dot, s.Build.DiagnosticsGen))
		} else if s.Last.Gen > 0 && s.Build.Count > 0 { // the pane itself goes on showing the last build
			so := l.Dot + count(s.Build.Count, "package")
			if !s.Build.Linking {
				out.Status = append(out.Status, verb+elapsed+so+l.Dot+cells.Clean(s.Build.Package))
			}
			out.Status = append(out.Status, verb+elapsed+so)
		}
		out.Status = append(out.Status, verb+elapsed, verb)
	case n > 0:
		out.Ink = l.BadBold
		errors := count(n, "error")
		full := errors
		if k := brokenPackages(s.Build.Diagnostics); k > 0 {
			full += " in " + count(k, "package")
		}
		if s.Last.Gen == s.Build.DiagnosticsGen && s.Last.Build > 0 {
			out.Status = append(out.Status, full+l.Dot+took(s.Last.Build))
		}
		out.Status = append(out.Status, full, errors)
	case len(s.Process.Reports) > 0 || s.Process.Conflict != nil:
		what, more := "address in use", len(s.Process.Reports)
		if s.Process.Conflict == nil {
			more--
			what = cells.Clean(string(s.Process.Reports[more].Kind))
		}
		if more > 0 {
			what += " and " + strconv.Itoa(more) + " more"
		}
		sign := l.Cross
		out.Ink = l.BadBold
		if dumped(s) { // it was asked for
			sign, out.Ink = l.Notice, l.Warn
		}
		but := "the build is fine"
		if n := s.Process.Bequeathed; n > 0 && n == len(s.Process.Reports) {
			but = "restarted since"
		}
		out.Status = append(out.Status, sign+" "+what+l.Dot+but, sign+" "+what, what)
	case s.Last.Outcome == engine.OutcomeRefused:
		out.Ink = l.Warn
		out.Status = append(out.Status, "gen "+strconv.Itoa(s.Last.Gen)+" not reloaded", "not reloaded")
	case s.Last.Gen > 0:
		out.Ink = l.Good
		gen := l.OK + " gen " + strconv.Itoa(s.Last.Gen)
		if s.Last.Build > 0 {
			built := l.OK + " built in " + took(s.Last.Build)
			if s.Settings.Task != nil {
				built = l.OK + " passed in " + took(s.Last.Build)
			}
			if s.Last.Link > 0 {
				out.Status = append(out.Status, built+" (link "+took(s.Last.Link)+")")
			}
			out.Status = append(out.Status, built)
		}
		out.Status = append(out.Status, gen, l.OK)
	}
	return out
}

func brokenPackages(ds []builder.Diagnostic) int {
	seen := map[string]bool{}
	for _, d := range ds {
		if d.Package != "" {
			seen[d.Package] = true
		}
	}
	return len(seen)
}

// summary is the content of the pane while nothing is broken.
func (l look) summary(s engine.State, dir string, w int) (rows []cells.Row) {
	stale := s.Build.Phase == engine.Compiling && s.Last.Gen > 0
	say := func(ink cells.Ink, text string) {
		if stale { // dimmed rather than replaced: most builds are over at once
			ink = l.Dim
		}
		for _, line := range l.WrapWords(text, w) {
			rows = append(rows, cells.Row{ink.Of(line)})
		}
	}
	last := s.Last
	switch {
	case s.Build.Phase == engine.Compiling && !stale:
		text := "compiling"
		if s.Build.Package != "" {
			text += " " + cells.Clean(s.Build.Package)
		}
		say(l.Text, text)
		cause := why(dir, s.Build.Cause)
		if s.Build.Count > 0 {
			cause = strings.TrimPrefix(cause+l.Dot, l.Dot) + count(s.Build.Count, "package") + " so far"
		}
		if cause != "" {
			say(l.Dim, cause)
		}
		return rows
	case last.Gen == 0 && s.Settings.Task != nil:
		say(l.Dim, notRun(s)[0])
		return rows
	case last.Gen == 0 && len(s.WaitsFor()) > 0:
		say(l.Dim, cells.Clean(words.Awaits(s)))
		return rows
	case last.Gen == 0:
		say(l.Dim, "nothing built yet")
		return rows
	}
	text := "gen " + strconv.Itoa(last.Gen)
	if last.Build == 0 {
		text += " again, not rebuilt"
	}
	if cause := why(dir, last.Cause); cause != "" {
		text += ": " + cause
	}
	say(l.Text, text)
	if text := outcome(s, l.Dot); text != "" {
		say(l.Text, text)
	}
	if last.Full != "" && last.Cause.Kind != engine.ByStart { // the first build is always one
		say(l.Dim, "full build: "+cells.Clean(last.Full))
	}
	if text := words.Linked(last); text != "" {
		say(l.Dim, cells.Clean(text))
	}
	for _, note := range last.Notes {
		say(l.Text, cells.Clean(note))
	}
	if last.Fallback != "" && last.Outcome == engine.OutcomeStarted {
		say(l.Dim, "not patched: "+cells.Clean(last.Fallback))
	}
	if text := compiledBy(s, last.Gen); text != "" {
		say(l.Dim, text)
	}
	return rows
}

// compiledBy names the packages that generation gen compiled.
func compiledBy(s engine.State, gen int) string {
	var names []string
	for _, p := range s.Graph.Packages { // dependencies first, as they were compiled
		if c, ok := s.Compiles[p.ImportPath]; ok && c.Gen == gen {
			names = append(names, sheet.ShortName(s, p)+" "+took(c.Took))
		}
	}
	if len(names) == 0 {
		return ""
	}
	const most = 8
	if n := len(names); n > most {
		names = append(names[:most-1], fmt.Sprintf("%d more", n-most+1))
	}
	return "compiled " + strings.Join(names, ", ")
}

func (b build) view(m model, w, h int) (cells.Box, []string) {
	out := b.border(m.look, m.state, m.now)
	if h <= 0 {
		return out, nil
	}
	rows := m.sheet(w, h).Rows
	from, to := cells.Window(len(rows), h, b.top)
	out.Foot = m.look.More(from, to, len(rows))
	return out, m.look.PaintAll(rows[from:to], w)
}

func (b build) scroll(m model, by int) model {
	r := m.layout().body(buildPane)
	m.build.top = cells.Scrolled(len(m.sheet(r.w, r.h).Rows), r.h, b.top, by)
	return m
}

func (b build) move(m model, by int) model { return b.scroll(m, by) }

func (b build) click(m model, y int) model {
	r := m.layout().body(buildPane)
	sh := m.sheet(r.w, r.h)
	from, _ := cells.Window(len(sh.Rows), r.h, b.top)
	if at := sh.ItemAt(from + y); at >= 0 {
		m.selected = at
	}
	return m
}

// reveal scrolls no further than needed to show the block; if it does not fit, its
// beginning.
func (b build) reveal(rows, h int, k sheet.Item) build {
	from, to := cells.Window(rows, h, b.top)
	if k.To > to {
		from = k.To - h
	}
	b.top = min(from, k.From)
	if k.To-k.From > h {
		b.top = k.From
	}
	return b
}
