package tui

import (
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// obstacle hides the panes while there is no program to build. It shows the problem,
// its place, and what to do about it.
type obstacle struct{ top int }

// advice is the text of the page for one kind of obstacle.
type advice struct {
	title string
	what  []string // sentences
	do    []step
	wait  string // what hotdev is waiting for
}

// A step is something to do, with the command for it, if there is one.
type step struct{ text, command string }

// advise describes an obstacle.
func advise(o builder.Obstacle, dir string) advice {
	file := sheet.Relative(dir, o.File)
	reason := cells.Clean(o.Reason)
	switch o.Kind {
	case builder.NoGo:
		a := advice{
			title: "The go command is not in PATH",
			what:  []string{"hotdev builds with Go, and cannot find it."},
			do: []step{
				{"install it", "https://go.dev/doc/install"},
				{"or add its bin folder to PATH, and start hotdev again", ""},
			},
			wait: "hotdev continues by itself once a folder of PATH has it.",
		}
		if o.Found != "" {
			found := cells.Clean(o.Found)
			a.what = append(a.what, "There is one in "+found+", which is not in PATH.")
			a.do = []step{{"quit with q, add it, and start hotdev again", "export PATH=$PATH:" + found}}
		}
		return a
	case builder.NoModule:
		return advice{
			title: "There is no Go module here",
			what:  []string{"Neither " + cells.Clean(o.Dir) + " nor a folder above it has a go.mod."},
			do: []step{
				{"create a module", "go mod init example.com/" + moduleName(o.Dir)},
				{"or name the files of a program without one", "hotdev main.go"},
				{"or go to where your program is", "hotdev -C folder"},
			},
			wait: "hotdev continues by itself once there is a program.",
		}
	case builder.NoProgram:
		return advice{
			title: "There is no program to run here",
			what:  []string{"The module of " + cells.Clean(o.Dir) + " has no main package, which is what is run: \"package main\" with a func main."},
			do: []step{
				{"write one, main.go for instance", "package main; func main() { println(\"hello\") }"},
				{"or go to where your program is", "hotdev -C folder"},
			},
			wait: "hotdev continues by itself once there is one, anywhere in the module.",
		}
	case builder.BrokenModule:
		return advice{
			title: filepath.Base(o.File) + " cannot be used",
			what:  []string{sheet.Location(dir, o.File, o.Line, o.Column) + ": " + reason},
			do:    []step{{"fix it; enter opens it in your editor", ""}},
			wait:  "hotdev continues by itself once it is saved.",
		}
	case builder.Unwritable:
		return advice{
			title: "The go command cannot write its build cache",
			what:  []string{said(file, reason)},
			do: []step{
				{"make that folder writable, or free space on its disk", ""},
				{"or quit with q, and put the cache elsewhere", "GOCACHE=folder hotdev"},
			},
			wait: "hotdev continues by itself once it can be written to.",
		}
	case builder.NoPlace:
		return advice{
			title: "There is no place for the program's binary",
			what:  []string{"hotdev builds into a folder of its own. " + said(file, reason)},
			do: []step{
				{"make the folders above it writable, or free space on their disk", ""},
				{"or quit with q, and put the cache elsewhere", "XDG_CACHE_HOME=folder hotdev"},
			},
			wait: "hotdev continues by itself once it can be written to.",
		}
	}
	return advice{title: "hotdev cannot start", what: []string{cells.Clean(o.Text)}, wait: "hotdev looks again by itself; r looks at once."}
}

// said returns a reason together with its file, which is named only once.
func said(file, reason string) string {
	switch {
	case reason == "":
		return file + " cannot be written to."
	case file == "" || strings.Contains(reason, file):
		return reason
	}
	return file + ": " + reason
}

// moduleName suggests a name for a module in a folder.
func moduleName(dir string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return -1
	}, filepath.Base(dir))
	if name == "" {
		return "app"
	}
	return name
}

func (p obstacle) rows(l look, o builder.Obstacle, dir string, w int) (rows []cells.Row) {
	a := advise(o, dir)
	say := func(lead cells.Span, ink cells.Ink, text string) {
		for _, text := range strings.Split(text, "\n") {
			for _, line := range l.WrapWords(text, w-l.Width(lead.Text)) {
				rows = append(rows, cells.Row{lead, ink.Of(line)})
				lead = lead.Ink.Of(cells.Spaces(l.Width(lead.Text)))
			}
		}
	}
	say(l.BadBold.Of(l.Cross+" "), l.BadBold, a.title)
	rows = append(rows, nil)
	for _, text := range a.what {
		say(l.Text.Of("  "), l.Text, text)
	}
	rows = append(rows, sheet.Excerpt(l.Look, builder.Diagnostic{File: o.File, Line: o.Line, Column: o.Column, Excerpt: o.Excerpt, First: o.First}, w)...)
	rows = append(rows, nil)
	for _, s := range a.do {
		lead := "  " + l.Selected + " "
		if s.command != "" && l.Width(lead+s.text+": "+s.command) <= w {
			rows = append(rows, cells.Row{l.Accent.Of(lead), l.Text.Of(s.text + ": "), l.AccentBold.Of(s.command)})
			continue
		}
		say(l.Accent.Of(lead), l.Text, s.text)
		if s.command != "" {
			say(l.Text.Of("      "), l.AccentBold, s.command)
		}
	}
	if len(a.do) > 0 {
		rows = append(rows, nil)
	}
	say(l.Dim.Of("  "), l.Dim, a.wait)
	return rows
}

func (p obstacle) view(m model, w, h int) (cells.Box, []string) {
	l := m.look
	rows := p.rows(l, *m.state.Obstacle, m.opts.Dir, w)
	from, to := cells.Window(len(rows), h, p.top)
	b := cells.Box{Title: "Not started", Status: []string{"waiting until it is fixed"}, Ink: l.Warn, Foot: l.More(from, to, len(rows))}
	return b, l.PaintAll(rows[from:to], w)
}

// press handles all keys: without a program the others have no effect.
func (p obstacle) press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool) {
	b, _ := m.lookUp(k.String())
	switch b.action {
	case quitAction:
		m, cmd := m.quit()
		return m, cmd, true
	case "reload", "restart":
		m, cmd := m.send(engine.Reload{})
		return m, cmd, true
	case "open":
		if o := m.state.Obstacle; o.Kind == builder.BrokenModule && o.File != "" {
			m, cmd := m.edit(sheet.Place{File: o.File, Line: o.Line, Column: o.Column})
			return m, cmd, true
		}
	}
	if by, ok := steps(k.String(), m.pageArea(m.layout()).h); ok {
		return p.scroll(m, by), nil, true
	}
	return m, nil, true
}

func (obstacle) click(m model, _ tea.MouseClickMsg) (model, bool) { return m, true }

func (p obstacle) wheel(m model, _, _, by int) (model, bool) { return p.scroll(m, by), true }

func (p obstacle) scroll(m model, by int) model {
	in := m.pageArea(m.layout())
	p.top = cells.Scrolled(len(p.rows(m.look, *m.state.Obstacle, m.opts.Dir, in.w)), in.h, p.top, by)
	m.obstacle = p
	return m
}

// footer lists the keys that work here.
func (obstacle) footer(m model, w int) string {
	l := m.look
	var keys []cells.Segment
	add := func(action, word string, weight int) {
		if key := m.keyOf(action); key != "" {
			keys = append(keys, cells.Segment{Row: cells.Row{l.Bold.Of(key), l.Dim.Of(" " + word)}, Weight: weight})
		}
	}
	add("reload", "look again", 8)
	if m.state.Obstacle.Kind == builder.BrokenModule && m.opts.Open != nil {
		add("open", "open", 7)
	}
	add(quitAction, "quit", 9)
	return l.Hints(keys, w)
}
