package vt

import (
	"bytes"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	emulator "github.com/charmbracelet/x/vt"
)

// modes are what the program has asked of its terminal, as far as the emulator does
// not say.
type modes struct {
	set   map[ansi.DECMode]bool
	title string
	// draws: the program does more with the terminal than to print lines.
	draws bool
	// hidden is the cursor, of both screens.
	hidden bool
	// kitty are the stacks of keyboard flags, of the main and of the alternate screen.
	kitty [2][]int
}

// listen has the emulator say what it is asked for, and answers what it has no answer
// to.
func (l *life) listen() {
	m, emu := &l.modes, l.emu
	m.set = map[ansi.DECMode]bool{}
	mode := func(mode ansi.Mode, on bool) {
		d, ok := mode.(ansi.DECMode)
		if !ok {
			return
		}
		m.set[d] = on
		switch d {
		case ansi.ModeTextCursorEnable:
			m.hidden = !on
			m.draws = m.draws || !on
		case ansi.ModeSynchronizedOutput:
			if l.sync = (time.Time{}); on {
				l.sync = time.Now()
			}
		}
	}
	emu.SetCallbacks(emulator.Callbacks{
		AltScreen:   func(on bool) { m.draws = m.draws || on },
		EnableMode:  func(d ansi.Mode) { mode(d, true) },
		DisableMode: func(d ansi.Mode) { mode(d, false) },
	})
	for _, command := range []int{'A', 'F', 'H', 'd', 'f'} { // that go to a place, or up
		emu.RegisterCsiHandler(command, func(p ansi.Params) bool {
			row, _, _ := p.Param(0, 1)
			column, _, _ := p.Param(1, 1)
			// The top is where those go who clear the screen, to print lines again.
			m.draws = m.draws || command == 'A' || command == 'F' || row > 1 || column > 1
			return false // the emulator does it
		})
	}
	emu.RegisterCsiHandler('r', func(p ansi.Params) bool { // DECSTBM
		top, _, _ := p.Param(0, 1)
		bottom, _, _ := p.Param(1, l.rows)
		if !emu.IsAltScreen() {
			l.region = top > 1 || bottom < l.rows && bottom > 0
		}
		return false
	})
	for _, command := range []int{0, 2} {
		emu.RegisterOscHandler(command, func(data []byte) bool {
			_, title, _ := bytes.Cut(data, []byte(";"))
			m.title = string(title)
			return true
		})
	}
	l.answer()
}

// answer registers what the emulator has no answer to.
func (l *life) answer() {
	m, emu := &l.modes, l.emu
	say := func(s string) { l.queue.add([]byte(s), answerRoom) }
	emu.RegisterCsiHandler(ansi.Command('?', '$', 'p'), func(p ansi.Params) bool {
		n, _, _ := p.Param(0, 0)
		switch d := ansi.DECMode(n); d {
		case ansi.ModeSynchronizedOutput:
			setting := ansi.ModeReset
			if m.set[d] {
				setting = ansi.ModeSet
			}
			say(ansi.ReportMode(d, setting))
		case ansi.ModeUnicodeCore: // it counts cells by what belongs together, always
			say(ansi.ReportMode(d, ansi.ModePermanentlySet))
		default:
			return false
		}
		return true
	})
	emu.RegisterCsiHandler('n', func(p ansi.Params) bool { // whose answer is another one there
		n, _, _ := p.Param(0, 0)
		if n == 5 {
			say("\x1b[0n")
		}
		return n == 5
	})
	emu.RegisterCsiHandler(ansi.Command('>', 0, 'q'), func(ansi.Params) bool { // XTVERSION
		say("\x1bP>|hotdev\x1b\\")
		return true
	})
	// The keyboard protocol of kitty: a stack of flags for each screen.
	stack := func() *[]int {
		if emu.IsAltScreen() {
			return &m.kitty[1]
		}
		return &m.kitty[0]
	}
	emu.RegisterCsiHandler(ansi.Command('?', 0, 'u'), func(ansi.Params) bool {
		say("\x1b[?" + string('0'+rune(m.flags(emu.IsAltScreen()))) + "u")
		return true
	})
	emu.RegisterCsiHandler(ansi.Command('>', 0, 'u'), func(p ansi.Params) bool {
		flags, _, _ := p.Param(0, 0)
		s := stack()
		if *s = append(*s, flags); len(*s) > 16 { // nobody needs more
			*s = (*s)[1:]
		}
		return true
	})
	emu.RegisterCsiHandler(ansi.Command('<', 0, 'u'), func(p ansi.Params) bool {
		n, _, _ := p.Param(0, 1)
		s := stack()
		*s = (*s)[:max(0, len(*s)-max(1, n))]
		return true
	})
	emu.RegisterCsiHandler(ansi.Command('=', 0, 'u'), func(p ansi.Params) bool {
		flags, _, _ := p.Param(0, 0)
		how, _, _ := p.Param(1, 1)
		s := stack()
		if len(*s) == 0 {
			*s = []int{0}
		}
		top := &(*s)[len(*s)-1]
		switch how {
		case 1:
			*top = flags
		case 2:
			*top |= flags
		case 3:
			*top &^= flags
		}
		return true
	})
}

// flags are those of kitty's keyboard protocol that are in force and that there are:
// disambiguate escape codes.
func (m *modes) flags(alt bool) int {
	s := m.kitty[0]
	if alt {
		s = m.kitty[1]
	}
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1] & ansi.KittyDisambiguateEscapeCodes
}

// parts gives what is printed, as the emulator understands it: with the newer one of
// two ways to go back to the saved cursor, and cut after each return from the alternate
// screen, see inside.
func parts(p []byte) [][]byte {
	if older := []byte("\x1b[u"); bytes.Contains(p, older) {
		p = bytes.ReplaceAll(p, older, []byte("\x1b8"))
	}
	return bytes.SplitAfter(p, []byte("\x1b[?1049l"))
}

// inside brings the cursor back into the picture. The emulator leaves that of the main
// screen where it was if the picture was made smaller meanwhile.
func (l *life) inside() {
	if pos := l.emu.CursorPosition(); pos.X >= l.cols || pos.Y >= l.rows {
		l.emu.Resize(l.cols, l.rows)
	}
}

// enough is how much may be drawn on the alternate screen before its history is
// dropped.
const enough = 64 << 10

// forget drops the history of the alternate screen, which nobody can look at. The
// emulator keeps ten thousand lines of it, at a hundred bytes a cell, and has no
// setting for that; but it is erased with the screen (ED 3), whose cells are put back.
func (l *life) forget(p []byte) {
	if !l.emu.IsAltScreen() {
		l.alt = 0
		return
	}
	if l.alt += len(p); l.alt < enough || !endsWhole(p) {
		return
	}
	l.alt = 0
	cells := l.cells(l.rows)
	_, _ = l.emu.WriteString("\x1b[3J")
	l.paste(cells, 0)
}

// endsWhole reports whether p ends with a whole control sequence: only then it is
// certain that what follows is not in the middle of one.
func endsWhole(p []byte) bool {
	at := bytes.LastIndexByte(p, 0x1b)
	if at < 0 || at+2 >= len(p) || p[at+1] != '[' {
		return false
	}
	last := len(p) - 1
	return p[last] >= '@' && p[last] <= '~' && strings.Trim(string(p[at+2:last]), "0123456789:;<=>?") == ""
}

// cells copies the first rows of the picture.
func (l *life) cells(rows int) [][]uv.Cell {
	all := make([][]uv.Cell, rows)
	for y := range all {
		all[y] = make([]uv.Cell, l.cols)
		for x := range all[y] {
			if c := l.emu.CellAt(x, y); c != nil {
				all[y][x] = *c
			}
		}
	}
	return all
}

// paste draws cells from row y on. What a wide character covers follows from it.
func (l *life) paste(cells [][]uv.Cell, y int) {
	for i, line := range cells {
		for x := 0; x < len(line); x += max(1, line[x].Width) {
			l.emu.SetCell(x, y+i, &line[x])
		}
	}
}

// reshape changes the size of the picture. Where it becomes lower than the cursor is,
// what is above goes, not the line that is being typed.
func (l *life) reshape(cols, rows int) {
	l.flush()
	l.region = false // the emulator forgets it
	if up := l.emu.CursorPosition().Y - (rows - 1); up > 0 && !l.emu.IsAltScreen() {
		l.paste(l.cells(l.rows)[up:], 0)
	}
	l.emu.Resize(cols, rows)
	l.cols, l.rows = cols, rows
	l.tell()
}
