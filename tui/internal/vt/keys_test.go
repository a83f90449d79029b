package vt

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// What a terminal sends for a key, by the three ways to say it.
func TestEncode(t *testing.T) {
	const ctrl, alt, shift = tea.ModCtrl, tea.ModAlt, tea.ModShift
	for _, c := range []struct {
		what                       string
		key                        tea.Key
		plain, application, kitten string
	}{
		{"a letter", tea.Key{Code: 'a', Text: "a"}, "a", "a", "a"},
		{"a capital", tea.Key{Code: 'a', ShiftedCode: 'A', Mod: shift, Text: "A"}, "A", "A", "A"},
		{"a sign", tea.Key{Code: '1', ShiftedCode: '!', Mod: shift, Text: "!"}, "!", "!", "!"},
		{"beyond ASCII", tea.Key{Code: 'é', Text: "é"}, "é", "é", "é"},
		{"of several runes", tea.Key{Code: tea.KeyExtended, Text: "👩‍👩‍👧"}, "👩‍👩‍👧", "👩‍👩‍👧", "👩‍👩‍👧"},
		{"space", tea.Key{Code: ' ', Text: " "}, " ", " ", " "},
		{"ctrl+c", tea.Key{Code: 'c', Mod: ctrl}, "\x03", "\x03", "\x1b[99;5u"},
		{"ctrl+space", tea.Key{Code: ' ', Mod: ctrl}, "\x00", "\x00", "\x1b[32;5u"},
		{"ctrl+\\", tea.Key{Code: '\\', Mod: ctrl}, "\x1c", "\x1c", "\x1b[92;5u"},
		{"ctrl+/", tea.Key{Code: '/', Mod: ctrl}, "\x1f", "\x1f", "\x1b[47;5u"},
		{"ctrl+6", tea.Key{Code: '6', Mod: ctrl}, "\x1e", "\x1e", "\x1b[54;5u"},
		{"ctrl+с of a Cyrillic keyboard", tea.Key{Code: 'с', BaseCode: 'c', Mod: ctrl}, "\x03", "\x03", "\x1b[1089;5u"},
		{"alt+x", tea.Key{Code: 'x', Mod: alt}, "\x1bx", "\x1bx", "\x1b[120;3u"},
		{"alt+X", tea.Key{Code: 'x', Mod: alt | shift}, "\x1bX", "\x1bX", "\x1b[120;4u"},
		{"ctrl+alt+a", tea.Key{Code: 'a', Mod: ctrl | alt}, "\x1b\x01", "\x1b\x01", "\x1b[97;7u"},
		{"enter", tea.Key{Code: tea.KeyEnter}, "\r", "\r", "\r"},
		{"shift+enter", tea.Key{Code: tea.KeyEnter, Mod: shift}, "\r", "\r", "\x1b[13;2u"},
		{"alt+enter", tea.Key{Code: tea.KeyEnter, Mod: alt}, "\x1b\r", "\x1b\r", "\x1b[13;3u"},
		{"tab", tea.Key{Code: tea.KeyTab}, "\t", "\t", "\t"},
		{"shift+tab", tea.Key{Code: tea.KeyTab, Mod: shift}, "\x1b[Z", "\x1b[Z", "\x1b[9;2u"},
		{"backspace", tea.Key{Code: tea.KeyBackspace}, "\x7f", "\x7f", "\x7f"},
		{"ctrl+backspace", tea.Key{Code: tea.KeyBackspace, Mod: ctrl}, "\b", "\b", "\x1b[127;5u"},
		{"escape", tea.Key{Code: tea.KeyEscape}, "\x1b", "\x1b", "\x1b[27u"},
		{"up", tea.Key{Code: tea.KeyUp}, "\x1b[A", "\x1bOA", "\x1b[A"},
		{"ctrl+right", tea.Key{Code: tea.KeyRight, Mod: ctrl}, "\x1b[1;5C", "\x1b[1;5C", "\x1b[1;5C"},
		{"home", tea.Key{Code: tea.KeyHome}, "\x1b[H", "\x1bOH", "\x1b[H"},
		{"shift+end", tea.Key{Code: tea.KeyEnd, Mod: shift}, "\x1b[1;2F", "\x1b[1;2F", "\x1b[1;2F"},
		{"delete", tea.Key{Code: tea.KeyDelete}, "\x1b[3~", "\x1b[3~", "\x1b[3~"},
		{"alt+pgdown", tea.Key{Code: tea.KeyPgDown, Mod: alt}, "\x1b[6;3~", "\x1b[6;3~", "\x1b[6;3~"},
		{"F1", tea.Key{Code: tea.KeyF1}, "\x1bOP", "\x1bOP", "\x1bOP"},
		{"ctrl+F4", tea.Key{Code: tea.KeyF4, Mod: ctrl}, "\x1b[1;5S", "\x1b[1;5S", "\x1b[1;5S"},
		{"F5", tea.Key{Code: tea.KeyF5}, "\x1b[15~", "\x1b[15~", "\x1b[15~"},
		{"F12", tea.Key{Code: tea.KeyF12}, "\x1b[24~", "\x1b[24~", "\x1b[24~"},
		{"keypad 7", tea.Key{Code: tea.KeyKp7}, "7", "7", "7"},
		{"keypad enter", tea.Key{Code: tea.KeyKpEnter}, "\r", "\r", "\r"},
		{"caps lock on", tea.Key{Code: 'a', Mod: tea.ModCapsLock, Text: "A"}, "A", "A", "A"},
		{"a modifier alone", tea.Key{Code: tea.KeyLeftShift, Mod: shift}, "", "", ""},
	} {
		for i, want := range []string{c.plain, c.application, c.kitten} {
			kb := keyboard{application: i == 1, kitty: i == 2}
			if got := string(kb.encode(c.key)); got != want {
				t.Errorf("%s with %+v: %q, want %q", c.what, kb, got, want)
			}
		}
	}
}
