package tui

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/profiler"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// profiles is the page of profiles: a menu, and after it the profile that was taken.
type profiles struct {
	list   list // the menu
	taking *profiler.Kind
	// token identifies the profile that is awaited, so that the answer to an earlier
	// page is ignored.
	token  *int
	stop   context.CancelFunc // ends the profile that is awaited
	failed string             // why there is no profile

	taken *profiler.Profile
	rows  list // the rows of the profile
	cum   bool // sort by what functions and their calls have
	own   bool // hide the functions of libraries
}

// profiledMsg brings the profile that was requested with the token.
type profiledMsg struct {
	token   *int
	profile profiler.Profile
	err     error
}

// openProfiles opens the menu.
func (m model) openProfiles() (model, tea.Cmd) {
	switch {
	case m.opts.Profile == nil:
		m.flash = "no profiles can be taken here"
		return m, nil
	case m.state.Process.Phase != engine.Up:
		m.flash = "no program is running to take a profile of"
		return m, nil
	}
	return m.turnTo(profiles{})
}

// take requests a profile of a kind.
func (p profiles) take(m model, k profiler.Kind) (profiles, tea.Cmd) {
	ctx, stop := context.WithCancel(context.Background())
	p.taking, p.token, p.stop, p.failed = &k, new(int), stop, ""
	var addrs []string
	for _, port := range m.state.Process.Usage.Ports {
		addrs = append(addrs, port.Addr)
	}
	ask, program, token := m.opts.Profile, m.program, p.token
	return p, func() tea.Msg {
		defer stop()
		profile, err := ask(ctx, program, k, addrs)
		return profiledMsg{token, profile, err}
	}
}

// tookProfile shows the profile, if it is still awaited.
func (m model) tookProfile(msg profiledMsg) model {
	p, ok := m.page.(profiles)
	if !ok || p.token != msg.token {
		return m
	}
	p.taking, p.token = nil, nil
	if msg.err != nil {
		p.failed = cells.Clean(msg.err.Error())
	} else {
		p.taken, p.rows = &msg.profile, list{}
	}
	m.page = p
	return m
}

// shown returns the visible rows in their order.
func (p profiles) shown() []profiler.Row {
	all := slices.Clone(p.taken.Rows)
	if p.own {
		all = slices.DeleteFunc(all, func(r profiler.Row) bool { return r.Library })
	}
	if p.cum {
		slices.SortStableFunc(all, func(a, b profiler.Row) int { return cmp.Compare(b.Cum, a.Cum) })
	}
	return all
}

func (p profiles) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	name := k.String()
	switch {
	case p.taking != nil:
		if name == "esc" || name == "q" {
			p.stop()
			p.taking, p.token = nil, nil
		}
		return m, p, nil
	case p.taken != nil:
		return p.pressTaken(m, name)
	}
	if by, ok := steps(name, m.pageArea(m.layout()).h); ok {
		return m, p.scroll(m, by), nil
	}
	if name == "enter" {
		p, cmd := p.take(m, profiler.Kinds()[p.list.at])
		return m, p, cmd
	}
	return m, nil, nil
}

// pressTaken handles a key while a profile is shown.
func (p profiles) pressTaken(m model, name string) (model, page, tea.Cmd) {
	if by, ok := steps(name, p.height(m)); ok {
		return m, p.scroll(m, by), nil
	}
	switch name {
	case "enter", "o":
		all := p.shown()
		if len(all) == 0 {
			return m, p, nil
		}
		r := all[min(p.rows.at, len(all)-1)]
		if r.File == "" {
			m.flash = "the profile names no file for this function"
			return m, p, nil
		}
		m, cmd := m.edit(sheet.Place{File: r.File, Line: r.Line})
		return m, p, cmd
	case "c":
		p.cum, p.rows = !p.cum, list{}
		return m, p, nil
	case "x":
		p.own, p.rows = !p.own, list{}
		return m, p, nil
	case "w":
		if m.opts.ShowProfile == nil {
			m.flash = "no browser was found"
			return m, p, nil
		}
		m.flash = "starting go " + tool(p.taken.Kind) + ", which takes a while the first time"
		show, profile := m.opts.ShowProfile, *p.taken
		return m, p, func() tea.Msg {
			address, err := show(profile)
			if err != nil {
				return openedMsg{cells.Clean(err.Error())}
			}
			return openedMsg{"go " + tool(profile.Kind) + " is at " + address + " until hotdev ends"}
		}
	case "r":
		p, cmd := p.take(m, p.taken.Kind)
		return m, p, cmd
	case "esc", "P":
		p.taken = nil // return to the menu
		return m, p, nil
	}
	return m, nil, nil
}

// tool returns the go command's tool that shows a profile.
func tool(k profiler.Kind) string {
	if k.Trace {
		return "tool trace"
	}
	return "tool pprof"
}

// height returns how many rows of a profile are visible.
func (p profiles) height(m model) int { return max(1, m.pageArea(m.layout()).h-3) }

func (p profiles) scroll(m model, by int) page {
	switch {
	case p.taking != nil:
	case p.taken != nil:
		p.rows = p.rows.move(len(p.shown()), by)
	default:
		p.list = p.list.move(len(profiler.Kinds()), by)
	}
	return p
}

func (p profiles) view(m model, w, h int) (cells.Box, []string) {
	l := m.look
	b := cells.Box{Title: "Profiles", Ink: l.Dim}
	switch {
	case p.taking != nil:
		b.Status = []string{"esc gives up"}
		text := "taking a profile: " + p.taking.Shows
		if p.taking.Takes > 0 {
			text += "; use the program meanwhile"
		}
		return b, p.say(l, l.Warn, text, w)
	case p.taken != nil:
		return p.viewTaken(m, b, w, h)
	}
	b.Status = []string{"enter takes one"}
	var lines []string
	widest := 0
	for _, k := range profiler.Kinds() {
		widest = max(widest, len(k.Name))
	}
	for i, k := range profiler.Kinds() {
		mark, ink := l.Text.Of("  "), l.Text
		if i == p.list.at {
			mark, ink = l.AccentBold.Of(l.Selected+" "), l.AccentBold
		}
		lines = append(lines, l.Paint(cells.Row{mark, ink.Of(k.Name + cells.Spaces(widest-len(k.Name)+2)), l.Dim.Of(k.Shows)}, w))
	}
	below := "needs nothing in the program: live code takes it"
	if k := profiler.Kinds()[p.list.at]; !k.Direct || !m.state.Process.Patching.Able {
		below = "needs net/http/pprof in the program"
		if k.Needs != "" {
			below += ", and " + k.Needs
		}
	}
	if p.failed != "" {
		return b, append(append(lines, l.Paint(nil, w)), p.say(l, l.Bad, p.failed, w)...)
	}
	return b, append(append(lines, l.Paint(nil, w)), p.say(l, l.Dim, below, w)...)
}

// say wraps a text into as many lines as it needs.
func (p profiles) say(l look, ink cells.Ink, text string, w int) (lines []string) {
	for _, line := range l.WrapWords(text, w) {
		lines = append(lines, l.Paint(cells.Row{ink.Of(line)}, w))
	}
	return lines
}

// viewTaken draws the profile that was taken.
func (p profiles) viewTaken(m model, b cells.Box, w, h int) (cells.Box, []string) {
	l, k := m.look, p.taken.Kind
	b.Title = "Profile: " + k.Name
	keys := "enter opens, w web view, c by calls, x own code, r again, esc menu"
	if p.cum {
		keys = strings.Replace(keys, "c by calls", "c by own", 1)
	}
	if p.own {
		keys = strings.Replace(keys, "x own code", "x all code", 1)
	}
	if k.Trace {
		keys = "w web view, r again, esc menu"
	}
	b.Status = []string{keys, "esc menu"}
	lines := p.say(l, l.Dim, cells.Clean(p.taken.File), w)
	if k.Trace {
		return b, append(lines, p.say(l, l.Text, "w shows the trace in the browser, with go tool trace", w)...)
	}
	all := p.shown()
	lines = append(lines, l.Paint(cells.Row{l.Bold.Of(words.Amount(p.taken.Unit, p.taken.Total)), l.Dim.Of(" in all, from " + cells.Clean(p.taken.From))}, w))
	lines = append(lines, l.Paint(cells.Row{l.Dim.Of(fmt.Sprintf("  %9s %5s  %10s %5s  %s", "own", "", "with calls", "", "function and place"))}, w))
	room := max(1, h-len(lines))
	if len(all) == 0 {
		return b, append(lines, p.say(l, l.Warn, "there is nothing of your own code in it; x shows all", w)...)
	}
	p.rows = p.rows.move(len(all), 0)
	from, to := p.rows.window(len(all), room)
	for i, r := range all[from:to] {
		lines = append(lines, l.Paint(p.row(m, r, w, from+i == p.rows.at), w))
	}
	b.Foot = l.More(from, to, len(all))
	return b, lines
}

// row draws a function of a profile. If there is no room for all, the path of the
// function's package goes first: its end is in the place as well. Then the place's folder
// goes: the name still says the package.
func (p profiles) row(m model, r profiler.Row, w int, chosen bool) cells.Row {
	l, t := m.look, p.taken
	mark, ink := l.Text.Of("  "), l.Text
	if r.Library {
		ink = l.Dim
	}
	if chosen {
		mark, ink = l.AccentBold.Of(l.Selected+" "), l.AccentBold
	}
	place := sheet.Relative(m.opts.Dir, r.File)
	if r.Line > 0 {
		place += ":" + strconv.Itoa(r.Line)
	}
	row := cells.Row{
		mark,
		l.Text.Of(fmt.Sprintf("%9s %5s ", words.Amount(t.Unit, r.Flat), words.Percent(r.Flat, t.Total))),
		l.Dim.Of(fmt.Sprintf(" %10s %5s  ", words.Amount(t.Unit, r.Cum), words.Percent(r.Cum, t.Total))),
		ink.Of(cells.Clean(r.Function)), l.Dim.Of("  " + place),
	}
	if l.RowWidth(row) > w {
		name, _, _ := strings.Cut(r.Function, "[") // type arguments have paths, too
		row[3] = ink.Of(cells.Clean(r.Function[strings.LastIndexByte(name, '/')+1:]))
	}
	if l.RowWidth(row) > w {
		row[4] = l.Dim.Of("  " + filepath.Base(place))
	}
	return row
}
