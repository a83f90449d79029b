package vt

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Press types a key. Like all methods that type, it never waits; it returns false if
// the program has left too much unread.
func (t *Terminal) Press(k tea.Key) bool {
	return t.typeInto(func(l *life) []byte { return l.keyboard().encode(k) })
}

// typeInto types into the program that is visible.
func (t *Terminal) typeInto(what func(l *life) []byte) bool {
	t.mu.Lock()
	l := t.top()
	b := what(l)
	t.mu.Unlock()
	return len(b) == 0 || l.queue.add(b, keyRoom)
}

// keyboard returns how keys are encoded at the moment.
func (l *life) keyboard() keyboard {
	m := &l.modes
	return keyboard{
		application: m.set[ansi.ModeCursorKeys],
		kitty:       m.flags(l.emu.IsAltScreen())&ansi.KittyDisambiguateEscapeCodes != 0,
	}
}

// Paste types a text at once. Its escape characters are removed, so that it cannot end
// its own brackets.
func (t *Terminal) Paste(text string) bool {
	text = strings.NewReplacer("\r\n", "\r", "\n", "\r", "\x1b", "").Replace(text)
	return t.typeInto(func(l *life) []byte {
		if l.modes.set[ansi.ModeBracketedPaste] {
			text = ansi.BracketedPasteStart + text + ansi.BracketedPasteEnd
		}
		return []byte(text)
	})
}

// Line types a line into a program that reads lines.
func (t *Terminal) Line(text string) bool {
	return t.typeInto(func(*life) []byte { return []byte(text + "\n") })
}

// Finish ends the input of a program that reads lines.
func (t *Terminal) Finish() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.top().queue.finish()
}

// Focus tells the program whether it has the keyboard, if it has asked for that.
func (t *Terminal) Focus(on bool) {
	t.typeInto(func(l *life) []byte {
		switch {
		case !l.modes.set[ansi.ModeFocusEvent]:
			return nil
		case on:
			return []byte(ansi.Focus)
		}
		return []byte(ansi.Blur)
	})
}

// Mouse tells the program about a mouse event at a cell of the picture, if it has asked
// for that. If it has not, and uses the alternate screen, the wheel sends up and down
// keys, as in other terminals.
func (t *Terminal) Mouse(e tea.MouseMsg, x, y int) bool {
	return t.typeInto(func(l *life) []byte { return l.mouse(e, x, y) })
}

// wheelRows is how many keys a step of the wheel sends.
const wheelRows = 3

func (l *life) mouse(e tea.MouseMsg, x, y int) []byte {
	m := e.Mouse()
	motion, release := false, false
	wish, need := l.modes.mouse(), Clicks
	switch e.(type) {
	case tea.MouseMotionMsg:
		motion = true
		if need = Motion; m.Button != tea.MouseNone {
			need = Drags
		}
	case tea.MouseReleaseMsg:
		release = true
	case tea.MouseWheelMsg:
		if wish == NoMouse && l.emu.IsAltScreen() {
			key := tea.Key{Code: tea.KeyUp}
			switch m.Button {
			case tea.MouseWheelUp:
			case tea.MouseWheelDown:
				key.Code = tea.KeyDown
			default:
				return nil
			}
			return []byte(strings.Repeat(string(l.keyboard().encode(key)), wheelRows))
		}
	}
	if wish < need {
		return nil
	}
	code := ansi.EncodeMouseButton(m.Button, motion, m.Mod.Contains(tea.ModShift), m.Mod.Contains(tea.ModAlt), m.Mod.Contains(tea.ModCtrl))
	if l.modes.set[ansi.ModeMouseExtSgr] {
		return []byte(ansi.MouseSgr(code, x, y, release))
	}
	if release {
		code = code&^3 | 3 // the older form does not name the button
	}
	if x > 222 || y > 222 { // the older form cannot express more
		return nil
	}
	return []byte(ansi.MouseX10(code, x, y))
}
