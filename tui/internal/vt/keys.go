package vt

import (
	"strconv"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// A keyboard encodes keys as bytes.
type keyboard struct {
	application bool // the cursor keys send SS3 (DECCKM)
	kitty       bool // keys that otherwise look alike are distinguished (kitty's protocol, flag 1)
}

// letters are the keys whose sequence ends in a letter; all except F1 to F4 are subject
// to DECCKM.
var letters = map[rune]byte{
	tea.KeyUp: 'A', tea.KeyDown: 'B', tea.KeyRight: 'C', tea.KeyLeft: 'D', tea.KeyBegin: 'E', tea.KeyEnd: 'F', tea.KeyHome: 'H',
	tea.KeyKpUp: 'A', tea.KeyKpDown: 'B', tea.KeyKpRight: 'C', tea.KeyKpLeft: 'D', tea.KeyKpBegin: 'E', tea.KeyKpEnd: 'F', tea.KeyKpHome: 'H',
	tea.KeyF1: 'P', tea.KeyF2: 'Q', tea.KeyF3: 'R', tea.KeyF4: 'S',
}

// numbers are the keys whose sequence is a number and a tilde.
var numbers = map[rune]int{
	tea.KeyFind: 1, tea.KeyInsert: 2, tea.KeyDelete: 3, tea.KeySelect: 4, tea.KeyPgUp: 5, tea.KeyPgDown: 6,
	tea.KeyKpInsert: 2, tea.KeyKpDelete: 3, tea.KeyKpPgUp: 5, tea.KeyKpPgDown: 6,
	tea.KeyF5: 15, tea.KeyF6: 17, tea.KeyF7: 18, tea.KeyF8: 19, tea.KeyF9: 20, tea.KeyF10: 21, tea.KeyF11: 23, tea.KeyF12: 24,
	tea.KeyF13: 25, tea.KeyF14: 26, tea.KeyF15: 28, tea.KeyF16: 29, tea.KeyF17: 31, tea.KeyF18: 32, tea.KeyF19: 33, tea.KeyF20: 34,
}

// keypad are the characters of the keypad's keys.
var keypad = map[rune]rune{
	tea.KeyKp0: '0', tea.KeyKp1: '1', tea.KeyKp2: '2', tea.KeyKp3: '3', tea.KeyKp4: '4', tea.KeyKp5: '5', tea.KeyKp6: '6',
	tea.KeyKp7: '7', tea.KeyKp8: '8', tea.KeyKp9: '9', tea.KeyKpEqual: '=', tea.KeyKpMultiply: '*', tea.KeyKpPlus: '+',
	tea.KeyKpComma: ',', tea.KeyKpMinus: '-', tea.KeyKpDecimal: '.', tea.KeyKpDivide: '/', tea.KeyKpSep: ',', tea.KeyKpEnter: tea.KeyEnter,
}

// encode returns what a terminal sends for a key; nothing for keys for which none sends
// anything, such as a modifier alone.
func (kb keyboard) encode(k tea.Key) []byte {
	if code, ok := keypad[k.Code]; ok {
		k.Code = code
		if k.Text == "" && k.Mod&^lockMods == 0 && code != tea.KeyEnter {
			k.Text = string(code)
		}
	}
	mods := modifiers(k.Mod)
	if letter, ok := letters[k.Code]; ok {
		switch {
		case mods > 0:
			return []byte("\x1b[1;" + strconv.Itoa(mods+1) + string(letter))
		case kb.application || letter >= 'P':
			return []byte{0x1b, 'O', letter}
		}
		return []byte{0x1b, '[', letter}
	}
	if n, ok := numbers[k.Code]; ok {
		s := "\x1b[" + strconv.Itoa(n)
		if mods > 0 {
			s += ";" + strconv.Itoa(mods+1)
		}
		return []byte(s + "~")
	}
	if kb.kitty {
		if b, ok := kittyKey(k, mods); ok {
			return b
		}
	}
	return legacyKey(k)
}

const lockMods = tea.ModCapsLock | tea.ModNumLock | tea.ModScrollLock

// modifiers returns the modifiers in the encoding of xterm and kitty, without the 1
// that is added.
func modifiers(m tea.KeyMod) (n int) {
	for i, mod := range []tea.KeyMod{tea.ModShift, tea.ModAlt, tea.ModCtrl, tea.ModSuper, tea.ModHyper, tea.ModMeta} {
		if m.Contains(mod) {
			n |= 1 << i
		}
	}
	return n
}

// kittyKey encodes keys that are otherwise ambiguous; ok is false if the old form is
// enough.
func kittyKey(k tea.Key, mods int) ([]byte, bool) {
	const shift = 1
	plain := mods&^shift == 0
	switch {
	case k.Code == tea.KeyEscape:
	case k.Code == tea.KeyEnter, k.Code == tea.KeyTab, k.Code == tea.KeyBackspace:
		if mods == 0 {
			return nil, false
		}
	case plain, k.Code <= 0, k.Code > unicode.MaxRune:
		return nil, false
	}
	s := "\x1b[" + strconv.Itoa(int(k.Code))
	if mods > 0 {
		s += ";" + strconv.Itoa(mods+1)
	}
	return []byte(s + "u"), true
}

// legacyKey encodes a key as terminals have done since the VT100.
func legacyKey(k tea.Key) []byte {
	var b []byte
	if k.Mod.Contains(tea.ModAlt) {
		b = append(b, 0x1b)
	}
	ctrl := k.Mod.Contains(tea.ModCtrl)
	switch k.Code {
	case tea.KeyEnter:
		return append(b, '\r')
	case tea.KeyEscape:
		return append(b, 0x1b)
	case tea.KeyTab:
		if k.Mod.Contains(tea.ModShift) {
			return append(b, "\x1b[Z"...)
		}
		return append(b, '\t')
	case tea.KeyBackspace:
		if ctrl {
			return append(b, '\b')
		}
		return append(b, 0x7f)
	}
	if ctrl {
		if c, ok := controlOf(k.Code); ok {
			return append(b, c)
		}
		if c, ok := controlOf(k.BaseCode); ok { // a keyboard with another alphabet
			return append(b, c)
		}
	}
	switch {
	case k.Text != "":
		return append(b, k.Text...)
	case k.Code <= 0 || k.Code > unicode.MaxRune:
		return nil
	case k.Mod.Contains(tea.ModShift) && k.ShiftedCode != 0:
		return append(b, string(k.ShiftedCode)...)
	case k.Mod.Contains(tea.ModShift):
		return append(b, string(unicode.ToUpper(k.Code))...)
	}
	return append(b, string(k.Code)...)
}

// controlOf returns the control character of a key.
func controlOf(code rune) (byte, bool) {
	switch {
	case code >= 'a' && code <= 'z':
		return byte(code) & 0x1f, true
	case code >= '3' && code <= '7': // as on a VT220
		return byte(code-'3') + 0x1b, true
	}
	at := strings.IndexRune(" @2[\\]^~_/-?8", code)
	if at < 0 || code == 0 {
		return 0, false
	}
	return "\x00\x00\x00\x1b\x1c\x1d\x1e\x1e\x1f\x1f\x1f\x7f\x7f"[at], true
}
