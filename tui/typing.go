package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/vt"
)

// typing is how the user and the program share the keyboard and the mouse.
type typing struct {
	on   bool // they belong to the program
	held bool // a button was pressed over the program's picture
	// focused: the Process pane had the focus before the mouse button was pressed.
	focused bool
}

// keyboard covers the panes while the keyboard and the mouse belong to the program. A
// click outside of its picture takes them back.
type keyboard struct{}

// press does nothing: see model.press.
func (keyboard) press(m model, _ tea.KeyPressMsg) (model, tea.Cmd, bool) { return m, nil, true }

func (keyboard) click(m model, c tea.MouseClickMsg) (model, bool) {
	if m.overPicture(c.X, c.Y) { // over the picture, but the program is not running
		return m, true
	}
	return panes{}.click(m.takeBack(), c)
}

func (keyboard) wheel(m model, x, y, by int) (model, bool) { return panes{}.wheel(m, x, y, by) }

func (keyboard) footer(m model, w int) string {
	l := m.look
	said := " keyboard and mouse: "
	if m.opts.NoMouse {
		said = " keyboard: "
	}
	said += cells.Clean(m.state.Settings.Name) + " "
	if !m.running() {
		said = " the program is not running "
	}
	return l.Hints([]cells.Segment{
		{Row: cells.Row{l.Flag.Of(said)}, Weight: 1},
		{Row: cells.Row{l.Bold.Of(m.keyOf(takeBackAction)), l.Dim.Of(" back to hotdev")}, Weight: 2},
	}, w)
}

// typesKeys reports whether keys go to the program.
func (m model) typesKeys() bool {
	_, ok := m.covers()[0].(keyboard)
	return ok
}

// running reports whether there is a running program to type into.
func (m model) running() bool {
	phase := m.state.Process.Phase
	return phase == engine.Up || phase == engine.Stopping
}

// terminal returns the terminal of the program that is shown; nil if it has none.
func (m model) terminal() *vt.Terminal {
	if run := m.state.Settings.Run; m.all || m.program >= len(m.terminals) || !run.TTY && !run.Input {
		return nil
	}
	return m.terminals[m.program]
}

// picture returns what the program has drawn on its terminal; ok is false if its lines
// are shown instead.
func (m model) picture() (f vt.Frame, ok bool) {
	if m.terminal() == nil || !m.state.Settings.Run.TTY || !m.running() {
		return vt.Frame{}, false
	}
	f = m.frames[m.program]
	o := m.process.Output
	return f, m.typing.on || f.Draws && !m.process.lines && m.prompt.asking == nothing &&
		o.Search.Text == "" && o.Only.Text == "" && !o.Selection.Lines
}

// giveKeyboard gives the keyboard and the mouse to the program, or opens the prompt for
// its lines.
func (m model) giveKeyboard() (model, tea.Cmd) {
	t := m.terminal()
	switch {
	case m.all:
		m.flash = "choose the program to type into first"
	case t == nil:
		m.flash = "nothing to type into: set run.tty, or run.stdin = \"lines\""
	case m.running() && !t.Served():
		m.flash = "the program has no terminal on this system"
	case m.state.Settings.Run.TTY:
		m = m.showProcess()
		m.process.lines, m.process.Output = false, m.process.Unselect()
		m.typing = typing{on: true}
		t.Focus(true)
	default:
		return m.showProcess().ask(aLine, "")
	}
	return m, nil
}

// showProcess gives the Process pane the focus, which makes it visible at any size.
func (m model) showProcess() model {
	m.focus = processPane
	return m
}

// takeBack takes the keyboard and the mouse back from the program.
func (m model) takeBack() model {
	m.typing = typing{}
	if t := m.terminal(); t != nil {
		t.Focus(false)
	}
	return m
}

// switchPicture switches between the picture of the program's terminal and the lines in
// the log.
func (m model) switchPicture() (model, tea.Cmd) {
	switch {
	case m.terminal() == nil || !m.state.Settings.Run.TTY:
		m.flash = "the program has no terminal: set run.tty = true"
	case !m.frames[m.program].Draws:
		m.flash = "the program has printed only lines so far; " + m.keyOf(giveAction) + " types into it"
	default:
		m.process.lines = !m.process.lines
	}
	return m, nil
}

const unread = "the program does not read what is typed"

// typeKey types a key into the program. One key takes the keyboard back.
func (m model) typeKey(k tea.KeyPressMsg) model {
	b, ok := m.lookUp(k.String())
	if !ok && k.BaseCode != 0 && k.Mod == tea.ModCtrl { // a keyboard with another alphabet
		b, ok = m.lookUp("ctrl+" + string(k.BaseCode))
	}
	if ok && b.action == takeBackAction {
		return m.takeBack()
	}
	if !m.terminal().Press(tea.Key(k)) && m.running() {
		m.flash = unread
	}
	return m
}

func (m model) typePaste(text string) model {
	if !m.terminal().Paste(text) && m.running() {
		m.flash = unread
	}
	return m
}

// overPicture reports whether a cell of the screen belongs to the program's picture.
func (m model) overPicture(x, y int) bool {
	return m.layout().body(processPane).contains(x, y)
}

// typesMouse passes a mouse event over the program's picture to the program, if the
// mouse belongs to it; false if the event is not for the program. A button that was
// pressed there belongs to the program until it is released, wherever that is.
func (m *model) typesMouse(e tea.MouseMsg) bool {
	if !m.typesKeys() {
		return false
	}
	at, r := e.Mouse(), m.layout().body(processPane)
	inside := r.contains(at.X, at.Y)
	if _, ok := m.picture(); !ok || !inside && !m.typing.held {
		return false
	}
	mine := true // true for a button that was pressed over it, except for the click that gave it the mouse
	switch e.(type) {
	case tea.MouseClickMsg:
		m.typing.held = true
	case tea.MouseMotionMsg:
		mine = m.typing.held || at.Button == tea.MouseNone
	case tea.MouseReleaseMsg:
		mine, m.typing.held = m.typing.held, false
	}
	if !mine {
		return true
	}
	x, y := min(max(at.X-r.x, 0), r.w-1), min(max(at.Y-r.y, 0), r.h-1)
	if !m.terminal().Mouse(e, x, y) {
		m.flash = unread
	}
	return true
}

// awaitFrame waits until a program has drawn; with pause at least for the time of a
// frame.
func (m model) awaitFrame(program int, pause bool) tea.Cmd {
	changed := m.terminals[program].Changed()
	return func() tea.Msg {
		if pause && !sleep(frame, m.done) {
			return nil
		}
		select {
		case <-changed:
			return drawnMsg(program)
		case <-m.done:
			return nil
		}
	}
}

// takeFrame takes what a program has drawn, if it is shown.
func (m model) takeFrame(program int) (model, tea.Cmd) {
	if program == m.program {
		m = m.refresh()
	}
	return m, m.awaitFrame(program, true)
}

// refresh takes what the program that is shown has drawn.
func (m model) refresh() model {
	if m.program < len(m.terminals) {
		m.frames = slices.Clone(m.frames)
		m.frames[m.program] = m.terminals[m.program].Frame(m.look.Width)
	}
	return m
}

// fit sets the sizes of the terminals.
func (m model) fit() {
	r := m.layout().body(processPane)
	if len(m.terminals) == 0 || r.empty() || m.hiding() != nil {
		return
	}
	for _, t := range m.terminals {
		t.Resize(r.w, r.h)
	}
}

// ground sets the terminals' colours to the screen's own.
func (m model) ground() model {
	for _, t := range m.terminals {
		t.Ground(m.fore, m.back)
	}
	return m
}

// drawn returns the program's picture, cut or padded to w by h cells.
func (m model) drawn(f vt.Frame, w, h int) []string {
	lines := make([]string, h)
	for y := range lines {
		text := ""
		if y < len(f.Lines) {
			if text = f.Lines[y]; f.Cols != w { // the program has not drawn at the new size yet
				text = m.look.Between(text, 0, w)
			}
		}
		lines[y] = text + cells.Spaces(w-m.look.Width(text))
	}
	return lines
}

// typingCursor returns the position of the program's cursor; nil if it is not visible.
func (m model) typingCursor(lay layout) *tea.Cursor {
	f, ok := m.picture()
	r, c := lay.body(processPane), f.Cursor
	if !ok || c.Hidden || !m.typesKeys() || c.X >= r.w || c.Y >= r.h {
		return nil
	}
	cursor := tea.NewCursor(r.x+c.X, r.y+c.Y)
	cursor.Shape, cursor.Blink = tea.CursorShape(c.Shape), c.Blink
	return cursor
}

// pressLine handles a key in the prompt for the program's lines.
func (m model) pressLine(k tea.KeyPressMsg) (model, tea.Cmd) {
	if b, ok := m.lookUp(k.String()); ok && b.action == takeBackAction {
		m.prompt = prompt{}
		return m, nil
	}
	switch k.String() {
	case "esc":
		m.prompt = prompt{}
		return m, nil
	case "ctrl+d":
		if m.prompt.input.Value() == "" {
			m.terminal().Finish()
			m.prompt, m.flash = prompt{}, "the program's input has ended"
			return m, nil
		}
	case "enter":
		switch {
		case !m.running():
			m.flash = "no program is running to type into"
		case !m.terminal().Line(m.prompt.input.Value()):
			m.flash = unread
		default:
			m.prompt.input.SetValue("")
		}
		m.process.Output.Tail = m.process.Output.Tail.Follow()
		return m, nil
	}
	return m.enter(k)
}

// lineRows returns how many rows the prompt for lines takes of the Process pane.
func (m model) lineRows() int {
	if m.prompt.asking != aLine {
		return 0
	}
	return 1
}

// linePrompt draws the prompt for lines.
func (m model) linePrompt(w int) string {
	l := m.look
	left := cells.Row{l.Accent.Of(l.Here + " ")}
	in := m.prompt.input
	in.SetWidth(max(1, w-l.RowWidth(left)-2))
	return l.Paint(append(left, l.Text.Of(cells.Clean(strings.TrimRight(stripped(in.View()), " ")))), w)
}

func typeWord(m model) (string, int) {
	if m.terminal() == nil || !m.running() {
		return "", 0
	}
	return "type", 77
}
