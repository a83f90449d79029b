package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// panes is the lowest cover: it handles all input that reaches it.
type panes struct{}

// press looks the key up in the table; other keys do nothing.
func (panes) press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool) {
	b, ok := m.lookUp(k.String())
	if !ok && k.BaseCode != 0 && k.Mod == 0 {
		// On a keyboard of another script, the character of that key on a US one counts.
		b, ok = m.lookUp(string(k.BaseCode))
	}
	if !ok {
		return m, nil, false
	}
	m, cmd := m.meant(b).do(m)
	return m, cmd, true
}

// footer lists the keys that are useful now.
func (panes) footer(m model, w int) string {
	l := m.look
	var left []cells.Segment
	for _, b := range m.keys {
		b = m.meant(b)
		if b.foot == nil || len(b.keys) == 0 {
			continue
		}
		if word, weight := b.foot(m); weight > 0 {
			left = append(left, cells.Segment{Row: cells.Row{l.Bold.Of(b.keys[0]), l.Dim.Of(" " + word)}, Weight: weight})
		}
	}
	return l.Hints(left, w)
}

// leavingLine is the footer while hotdev is ending, with the key that speeds that up.
func (m model) leavingLine(w int) string {
	l := m.look
	what, them := "the program", "it"
	if len(m.session.Programs) > 1 {
		what, them = "the programs", "them"
	}
	if slices.ContainsFunc(m.session.Programs, func(p session.Program) bool { return p.State.Phase == engine.Killing }) {
		return l.Paint(cells.Row{l.Dim.Of(" killing " + what)}, w)
	}
	key := m.keyOf(quitAction)
	if m.page != nil { // where most keys mean something else
		key = "ctrl+c"
	}
	return l.Paint(cells.Row{l.Dim.Of(" stopping " + what + "; "), l.Bold.Of(key), l.Dim.Of(" again kills " + them + " at once")}, w)
}

func (m model) lookUp(key string) (binding, bool) {
	i := slices.IndexFunc(m.keys, func(b binding) bool { return slices.Contains(b.keys, key) })
	if i < 0 {
		return binding{}, false
	}
	return m.keys[i], true
}

// keyOf is the first key of an action; empty if it has none.
func (m model) keyOf(action string) string {
	i := slices.IndexFunc(m.keys, func(b binding) bool { return b.action == action && len(b.keys) > 0 })
	if i < 0 {
		return ""
	}
	return m.keys[i].keys[0]
}

// demand is what the state requires of the layout.
func (m model) demand() demand {
	n := calm
	switch {
	case m.troubled():
		n = broken
	case len(m.state.Notices) > 0 || len(m.state.Resolved()) > 0 || m.state.Fixed != "":
		n = noticed
	}
	_, drawn := m.picture()
	whole := m.zoom && m.focus == processPane && drawn && m.hiding() == nil
	return demand{n, m.split, len(m.session.Programs), m.testNeed(), whole}
}

func (m model) layout() layout {
	return arrange(seats(), m.width, m.height, m.focus, m.zoom, m.demand())
}

// pageRows is the height of a page; one row of the last page stays visible.
func (m model) pageRows() int {
	return max(1, m.layout().body(m.focus).h-1)
}

// sheet is what the Build pane shows at width w and height h.
func (m model) sheet(w, h int) *sheet.Sheet {
	return sheet.Lay(m.look.Look, sheet.Asked{
		State: m.state, Dir: m.opts.Dir, Chosen: m.selected, Open: m.build.open, Unwrapped: m.build.unwrapped,
		Calm: m.look.summary(m.state, m.opts.Dir, w),
	}, w, h)
}

// items are the items of the sheet; its rows are not laid out for a width.
func (m model) items() []sheet.Item {
	if !m.troubled() && len(m.state.Notices) == 0 {
		return nil
	}
	return m.sheet(m.width, 0).Items
}

// troubled reports whether the build is broken or the program has failed.
func (m model) troubled() bool {
	s := m.state
	return len(s.Build.Diagnostics) > 0 || len(s.Process.Reports) > 0 || s.Process.Conflict != nil
}

// choose moves the selection, around the end, and brings it into view.
func (m model) choose(by int) model {
	n := len(m.items())
	if n == 0 {
		return m
	}
	return m.pick((m.selected + by + n) % n)
}

func (m model) pick(i int) model {
	m.selected = i
	if m.layout().body(buildPane).empty() { // zoomed or bare: what is asked for is not seen
		m.focus = buildPane
	}
	if r := m.layout().body(buildPane); !r.empty() {
		sh := m.sheet(r.w, r.h)
		m.build = m.build.reveal(len(sh.Rows), r.h, sh.Items[i])
	}
	return m
}

// unfold opens or closes what is folded at the selected item.
func (m model) unfold() model {
	items := m.items()
	if len(items) == 0 {
		return m
	}
	it := items[m.selected]
	if it.Fold == "" {
		m.flash = "nothing is folded here"
		return m
	}
	// The selection stays on the fold's line, or moves to the first item that has it:
	// items in between may be gone.
	first := slices.IndexFunc(items, func(i sheet.Item) bool { return i.Fold == it.Fold })
	m.build = m.build.toggle(it.Fold)
	at := min(m.selected, len(m.items())-1)
	if !m.build.open[it.Fold] {
		at = first
	}
	m = m.pick(at)
	// The unfolded part is visible, as far as there is room below the selection.
	if r := m.layout().body(buildPane); !r.empty() && m.build.open[it.Fold] {
		sh := m.sheet(r.w, r.h)
		all := sh.Items[at]
		for _, i := range sh.Items {
			if i.Fold == it.Fold {
				all.To = max(all.To, i.To)
			}
		}
		m.build = m.build.reveal(len(sh.Rows), r.h, all)
	}
	return m
}

// click focuses the pane and chooses the item at that cell.
func (panes) click(m model, c tea.MouseClickMsg) (model, bool) {
	m.process.Press, m.process.Pressed = m.under(c.X, c.Y)
	lay := m.layout()
	p, ok := lay.at(c.X, c.Y)
	if !ok || c.Button != tea.MouseLeft {
		return m, true
	}
	if g := lay.gripAt(c.X, c.Y); g != noGrip {
		m.grip = g
	}
	r := lay.body(p)
	m.typing.focused = p == processPane && m.focus == p && r.contains(c.X, c.Y)
	m.focus = p
	if !r.contains(c.X, c.Y) {
		return m, true
	}
	return m.pane(p).click(m, c.Y-r.y), true
}

// wheel scrolls the pane under the pointer, whichever pane has the focus.
func (panes) wheel(m model, x, y, by int) (model, bool) {
	if p, ok := m.layout().at(x, y); ok {
		m = m.scroll(p, by)
	}
	return m, true
}
