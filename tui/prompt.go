package tui

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
)

// asking is what a prompt asks for.
type asking int

const (
	nothing asking = iota
	aSearch
	aFilter
	aFile
	aLine // a line for the program to read
)

// prompt is the line in the footer for typed text.
type prompt struct {
	asking asking
	input  textinput.Model
	// before is how the output was displayed, for esc.
	before pager.Output
	// complaint is why the typed text cannot be used.
	complaint string
}

func (p prompt) label() string {
	switch p.asking {
	case aSearch:
		return " search: "
	case aFilter:
		return " filter (regexp, ! excludes): "
	}
	return " save the output to: "
}

// inPane reports whether the prompt is in the Process pane, below the output.
func (p prompt) inPane() bool { return p.asking == aLine }

// ask opens the prompt.
func (m model) ask(what asking, text string) (model, tea.Cmd) {
	in := textinput.New()
	in.Prompt = ""
	// Use the terminal's own cursor: a drawn one would have to be made to blink.
	in.SetVirtualCursor(false)
	in.SetStyles(textinput.Styles{})
	// The widget would run a program to read the clipboard; terminals can paste by
	// themselves.
	in.KeyMap.Paste.SetEnabled(false)
	in.SetValue(text)
	in.CursorEnd()
	cmd := in.Focus()
	m.prompt = prompt{asking: what, input: in, before: m.process.Output}
	if what == aSearch {
		w, h := m.outputSize()
		m.process.Output = m.feed().BeginSearch(w, h)
	}
	return m, cmd
}

// press handles all keys.
func (p prompt) press(m model, k tea.KeyPressMsg) (model, tea.Cmd, bool) {
	m, cmd := m.pressPrompt(k)
	return m, cmd, true
}

// click passes the mouse on to the panes, which are visible.
func (prompt) click(m model, _ tea.MouseClickMsg) (model, bool) { return m, false }
func (prompt) wheel(m model, _, _, _ int) (model, bool)         { return m, false }

func (m model) pressPrompt(k tea.KeyPressMsg) (model, tea.Cmd) {
	if m.prompt.asking == aLine {
		return m.pressLine(k)
	}
	switch k.String() {
	case "esc":
		// The sieves keep their newest numbers. Otherwise an answer to the question
		// that was asked meanwhile would pass for one to the old question.
		return m.unask()
	case "enter":
		return m.answer()
	case "up", "down":
		if m.prompt.asking == aSearch {
			by := 1
			if k.String() == "up" {
				by = -1
			}
			return m.toMatch(by), nil
		}
	}
	return m.enter(k)
}

// enter passes a key or a paste to the prompt.
func (m model) enter(msg tea.Msg) (model, tea.Cmd) {
	was := m.prompt.input.Value()
	var cmd tea.Cmd
	m.prompt.input, cmd = m.prompt.input.Update(msg)
	text := m.prompt.input.Value()
	if text == was {
		return m, cmd
	}
	m = m.typed(text)
	m, more := m.sift()
	return m, tea.Batch(cmd, more)
}

// typed applies the text of the prompt to the output.
func (m model) typed(text string) model {
	m.prompt.complaint = ""
	o := &m.process.Output
	switch m.prompt.asking {
	case aSearch:
		o.Tail = m.prompt.before.Tail
		*o = o.SearchFor(pager.NewPattern(text))
	case aFilter:
		f, err := pager.NewFilter(text)
		if err != nil {
			m.prompt.complaint = pager.Complaint(err)
			return m
		}
		f.Stderr = o.Only.Stderr
		*o = o.FilterBy(f)
	}
	return m
}

// unask restores everything as it was before the prompt.
func (m model) unask() (model, tea.Cmd) {
	before := m.prompt.before
	if m.prompt.asking == aFile {
		m.prompt = prompt{}
		return m, nil
	}
	m.prompt = prompt{}
	m.process.Output = m.process.Back(before)
	return m.sift()
}

// answer accepts the typed text, and closes the prompt.
func (m model) answer() (model, tea.Cmd) {
	p := m.prompt
	if p.complaint != "" {
		return m, nil // the prompt shows the mistake, and stays open
	}
	m.prompt = prompt{}
	if p.asking == aFile {
		return m.save(p.input.Value())
	}
	return m, nil
}

// footer draws the prompt.
func (p prompt) footer(m model, w int) string {
	l := m.look
	if p.inPane() {
		return l.Hints([]cells.Segment{
			{Row: cells.Row{l.Bold.Of("enter"), l.Dim.Of(" sends the line")}, Weight: 3},
			{Row: cells.Row{l.Bold.Of("ctrl+d"), l.Dim.Of(" ends the input")}, Weight: 1},
			{Row: cells.Row{l.Bold.Of(m.keyOf(takeBackAction)), l.Dim.Of(" back to hotdev")}, Weight: 2},
		}, w)
	}
	left := cells.Row{l.Dim.Of(p.label())}
	p.input.SetWidth(max(1, w-l.RowWidth(left)-2))
	left = append(left, l.Text.Of(cells.Clean(strings.TrimRight(stripped(p.input.View()), " "))))
	enter, esc := " keeps  ", " ends "
	if p.asking == aFile {
		enter, esc = " saves  ", " leaves "
	}
	hints := cells.Row{l.Bold.Of("enter"), l.Dim.Of(enter), l.Bold.Of("esc"), l.Dim.Of(esc)}
	switch {
	case p.complaint != "": // more important than the whole of what was typed
		return l.Both(left, cells.Row{l.Bad.Of(l.Cut(cells.Clean(p.complaint), w*2/3) + " ")}, w)
	case p.asking == aSearch && m.process.Search.Text != "":
		found := cells.Row{l.Text.Of(m.feed().Matched() + "  ")}
		if l.RowWidth(left)+l.RowWidth(found)+l.RowWidth(hints) < w {
			found = append(found, hints...)
		}
		return l.Both(left, found, w)
	}
	return l.PaintBetween(left, hints, 1, w)
}

// cursor returns the position of the terminal's cursor while the user types.
func (m model) cursor(lay layout) *tea.Cursor {
	if !m.prompting() || lay.footer.empty() {
		return m.typingCursor(lay)
	}
	p := m.prompt
	at, n := lay.footer, m.look.Width(p.label())
	if p.inPane() {
		at, n = lay.body(processPane), m.look.Width(m.look.Here)+1
		at.y += at.h - 1
	}
	p.input.SetWidth(max(1, at.w-n-2))
	c := p.input.Cursor()
	if c == nil || at.empty() {
		return nil
	}
	c.X = at.x + min(c.X+n, at.w-1)
	c.Y = at.y
	return c
}

func stripped(s string) string { return ansi.Strip(s) }
