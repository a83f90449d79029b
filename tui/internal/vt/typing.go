package vt

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Press types a key. Like all that types, it never waits; it reports false if the
// program has left too much unread.
func (t *Terminal) Press(k tea.Key) bool {
	t.mu.Lock()
	b := t.keyboard().encode(k)
	t.mu.Unlock()
	return t.queue.add(b, keyRoom)
}

// keyboard is how keys are encoded now.
func (t *Terminal) keyboard() keyboard {
	m := &t.modes
	return keyboard{
		application: m.set[ansi.ModeCursorKeys],
		kitty:       m.flags(t.emu.IsAltScreen())&ansi.KittyDisambiguateEscapeCodes != 0,
	}
}

// Paste types a text at once. It cannot end its own brackets: without escape
// characters, it holds no sequence.
func (t *Terminal) Paste(text string) bool {
	text = strings.NewReplacer("\r\n", "\r", "\n", "\r", "\x1b", "").Replace(text)
	t.mu.Lock()
	if t.modes.set[ansi.ModeBracketedPaste] {
		text = ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd
	}
	t.mu.Unlock()
	return t.queue.add([]byte(text), keyRoom)
}

// Line types a line into a program that reads lines.
func (t *Terminal) Line(text string) bool { return t.queue.add([]byte(text+"\n"), keyRoom) }

// Finish ends the input of a program that reads lines.
func (t *Terminal) Finish() { t.queue.finish() }

// Focus tells the program whether it has the keyboard, if it wants to know.
func (t *Terminal) Focus(on bool) {
	t.mu.Lock()
	wants := t.modes.set[ansi.ModeFocusEvent]
	t.mu.Unlock()
	switch {
	case !wants:
	case on:
		t.queue.add([]byte(ansi.Focus), keyRoom)
	default:
		t.queue.add([]byte(ansi.Blur), keyRoom)
	}
}

// Mouse tells the program what the mouse did at a cell of the picture, if it wants to
// know. Where it does not, and has the whole screen, the wheel means up and down, as in
// other terminals.
func (t *Terminal) Mouse(e tea.MouseMsg, x, y int) bool {
	t.mu.Lock()
	b := t.mouse(e, x, y)
	t.mu.Unlock()
	return len(b) == 0 || t.queue.add(b, keyRoom)
}

// wheelRows are the rows of a notch of the wheel where it means up and down.
const wheelRows = 3

func (t *Terminal) mouse(e tea.MouseMsg, x, y int) []byte {
	m := e.Mouse()
	motion, release := false, false
	wish, need := t.modes.mouse(), Clicks
	switch e.(type) {
	case tea.MouseMotionMsg:
		motion = true
		if need = Motion; m.Button != tea.MouseNone {
			need = Drags
		}
	case tea.MouseReleaseMsg:
		release = true
	case tea.MouseWheelMsg:
		if wish == NoMouse && t.emu.IsAltScreen() {
			key := tea.Key{Code: tea.KeyUp}
			switch m.Button {
			case tea.MouseWheelUp:
			case tea.MouseWheelDown:
				key.Code = tea.KeyDown
			default:
				return nil
			}
			return []byte(strings.Repeat(string(t.keyboard().encode(key)), wheelRows))
		}
	}
	if wish < need {
		return nil
	}
	code := ansi.EncodeMouseButton(m.Button, motion, m.Mod.Contains(tea.ModShift), m.Mod.Contains(tea.ModAlt), m.Mod.Contains(tea.ModCtrl))
	if t.modes.set[ansi.ModeMouseExtSgr] {
		return []byte(ansi.MouseSgr(code, x, y, release))
	}
	if release {
		code = code&^3 | 3 // the older form does not say which button
	}
	if x > 222 || y > 222 { // nor has it room for more
		return nil
	}
	return []byte(ansi.MouseX10(code, x, y))
}
