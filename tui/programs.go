package tui

import (
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// programs lists the programs of the session, if there are several. The other panes
// show the chosen one, and keys apply to it. The first line is for all programs
// together.
type programs struct{ top int }

// programRows returns how many rows the pane takes of its column.
func programRows(h int, d demand) int {
	if d.programs < 2 {
		return 0
	}
	return min(d.programs+3, max(4, h/2))
}

// row returns the row of an outlook, of n programs: the row of all programs comes
// first.
func (programs) row(outlook, n int) int { return (outlook + 1) % (n + 1) }

// at returns the outlook of a row.
func (programs) at(row, n int) int { return (row + n) % (n + 1) }

func (p programs) view(m model, w, h int) (cells.Box, []string) {
	l, n := m.look, len(m.session.Programs)
	b := cells.Box{Ink: l.Dim, Status: p.sum(m.session)}
	if h <= 0 {
		return b, nil
	}
	from, to := cells.Window(n+1, h, p.top)
	b.Foot = l.More(from, to, n+1)
	var lines []string
	for i := from; i < to; i++ {
		chosen := i == p.row(m.outlook(), n)
		if i == 0 {
			lines = append(lines, l.Paint(p.mark(l, cells.Bare(" "), chosen, "all programs"), w))
		} else {
			lines = append(lines, p.line(m, m.session.Programs[i-1], chosen, w))
		}
	}
	return b, lines
}

// mark draws a symbol and a name.
func (programs) mark(l look, symbol cells.Span, chosen bool, name string) cells.Row {
	if chosen {
		return cells.Row{l.AccentBold.Of(l.Selected), cells.Bare(" "), l.AccentBold.Of(name)}
	}
	return cells.Row{symbol, cells.Bare(" "), l.Text.Of(name)}
}

// line draws one program.
func (p programs) line(m model, one session.Program, chosen bool, w int) string {
	l := m.look
	state := l.state(one.State, m.now)[0]
	symbol, _, _ := strings.Cut(state.Text, " ")
	left := p.mark(l, state.Ink.Of(symbol), chosen, cells.Clean(one.Name))
	if chosen && (one.State.Process.Phase == engine.Crashed || len(one.State.Build.Diagnostics) > 0) {
		left[2].Ink = l.BadBold
	}
	// As much as there is room for, with the outcome at the right end.
	var right cells.Row
	for _, fact := range p.facts(m, one.State) {
		more := cells.Row{fact}
		if len(right) > 0 {
			more = append(more, l.Dim.Of("  "))
		}
		if more = append(more, right...); l.RowWidth(left)+2+l.RowWidth(more) > w {
			break
		}
		right = more
	}
	return l.PaintBetween(left, right, 1, w)
}

// sum counts the programs by state, the longest form first.
func (programs) sum(s session.State) []string {
	up, broken, all := 0, 0, 0
	for _, one := range s.Programs {
		if one.State.Settings.Task == nil {
			all++
		} else if len(one.State.Build.Diagnostics) == 0 {
			continue
		}
		if one.State.Settings.Task == nil && one.State.Process.Phase == engine.Up {
			up++
		}
		if one.State.Process.Phase == engine.Crashed || len(one.State.Build.Diagnostics) > 0 {
			broken++
		}
	}
	text, short := strconv.Itoa(up)+" of "+strconv.Itoa(all)+" up", strconv.Itoa(up)+"/"+strconv.Itoa(all)
	if broken > 0 {
		text += ", " + strconv.Itoa(broken) + " broken"
	}
	return []string{text, short}
}

// facts returns the facts about a program, the most important first: the last outcome,
// the port, the generation, how long the state has lasted, memory, processor.
func (programs) facts(m model, s engine.State) []cells.Span {
	l := m.look
	var facts []cells.Span
	add := func(text string, in cells.Ink) {
		if text != "" {
			facts = append(facts, in.Of(text))
		}
	}
	switch word, _ := l.buildWord(s); {
	case s.Process.Phase == engine.Crashed:
		add("crashed", l.Bad)
	case s.Build.Phase == engine.Compiling, len(s.Build.Diagnostics) > 0:
		add(strings.TrimSpace(word[0].Text), word[0].Ink)
	case s.Last.Gen > 0:
		add(took(s.Last.Took), l.Text)
	}
	u := s.Process.Usage
	if len(u.Ports) > 0 {
		addr := u.Ports[0].Addr
		add(addr[strings.LastIndexByte(addr, ':'):], l.Text)
	}
	if gen := max(s.Process.Gen, s.Process.Live.Gen); gen > 0 {
		add("gen "+strconv.Itoa(gen), l.Dim)
	}
	switch p := s.Process; {
	case p.Phase == engine.Up:
		add(coarse(m.now.Sub(p.Since)), l.Dim)
	case s.Settings.Task != nil: // its outcome says so
	case p.Phase != engine.Crashed:
		add(string(p.Phase), l.Dim)
	}
	if u.Processes > 0 {
		add(memory(u.RSS), l.Dim)
		add(strconv.Itoa(int(u.CPU+0.5))+"%", l.Dim)
	}
	return facts
}

// reveal scrolls to the chosen row.
func (p programs) reveal(m model) programs {
	at := p.row(m.outlook(), len(m.session.Programs))
	p.top = max(min(p.top, at), at-m.layout().body(programsPane).h+1)
	return p
}

func (p programs) scroll(m model, by int) model {
	m.programs.top = cells.Scrolled(len(m.session.Programs)+1, m.layout().body(programsPane).h, p.top, by)
	return m
}

// move shows another program, by rows away.
func (p programs) move(m model, by int) model {
	n := len(m.session.Programs)
	return m.lookAt(p.at(max(0, min(p.row(m.outlook(), n)+by, n)), n))
}

func (p programs) click(m model, y int) model {
	n := len(m.session.Programs)
	if from, to := cells.Window(n+1, m.layout().body(programsPane).h, p.top); from+y < to {
		m = m.lookAt(p.at(from+y, n))
	}
	return m
}
