package vt

import (
	"bytes"
	"strings"
	"time"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	emulator "github.com/charmbracelet/x/vt"
)

// modes are the modes that the program has set and that the emulator does not report.
type modes struct {
	set   map[ansi.DECMode]bool
	title string
	// draws: the program does more with the terminal than print lines.
	draws bool
	// hidden: the cursor is hidden, on both screens.
	hidden bool
	// kitty are the stacks of keyboard flags, of the main and of the alternate screen.
	kitty [2][]int
}

// listen registers handlers for what the program asks of the emulator, and for
// questions that the emulator does not answer.
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
	for _, command := range []int{'A', 'F', 'H', 'd', 'f'} { // commands that move to a position, or up
		emu.RegisterCsiHandler(command, func(p ansi.Params) bool {
			row, _, _ := p.Param(0, 1)
			column, _, _ := p.Param(1, 1)
			// Programs also go to the top to clear the screen and then print lines
			// again.
			m.draws = m.draws || command == 'A' || command == 'F' || row > 1 || column > 1
			return false // the emulator handles it
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

// answer registers answers to questions that the emulator does not answer.
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
		case ansi.ModeUnicodeCore: // it always counts cells by grapheme clusters
			say(ansi.ReportMode(d, ansi.ModePermanentlySet))
		default:
			return false
		}
		return true
	})
	emu.RegisterCsiHandler('n', func(p ansi.Params) bool { // replaces the emulator's answer
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
	// kitty's keyboard protocol: a stack of flags for each screen.
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
		if *s = append(*s, flags); len(*s) > 16 { // more than any program needs
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

// flags returns the flags of kitty's keyboard protocol that are set and supported:
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

// parts returns p in the form that the emulator understands: with only the newer of two
// ways to return to the saved cursor, and split after each return from the alternate
// screen, see inside.
func parts(p []byte) [][]byte {
	if older := []byte("\x1b[u"); bytes.Contains(p, older) {
		p = bytes.ReplaceAll(p, older, []byte("\x1b8"))
	}
	return bytes.SplitAfter(p, []byte("\x1b[?1049l"))
}

// inside moves the cursor into the picture. If the picture was made smaller meanwhile,
// the emulator leaves the cursor of the main screen outside.
func (l *life) inside() {
	if pos := l.emu.CursorPosition(); pos.X >= l.cols || pos.Y >= l.rows {
		l.emu.Resize(l.cols, l.rows)
	}
}

// enough is how many bytes may be drawn on the alternate screen before its history is
// dropped.
const enough = 64 << 10

// forget drops the history of the alternate screen, which cannot be viewed. The
// emulator keeps ten thousand lines of it, at a hundred bytes a cell, and has no
// setting for that. Erasing the screen (ED 3) erases it as well; the cells of the
// screen are then drawn again.
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

// endsWhole reports whether p ends with a complete control sequence: only then the next
// bytes are certainly not the middle of one.
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

// paste draws cells from row y on. The cells that a wide character covers are not drawn
// separately.
func (l *life) paste(cells [][]uv.Cell, y int) {
	for i, line := range cells {
		for x := 0; x < len(line); x += max(1, line[x].Width) {
			l.emu.SetCell(x, y+i, &line[x])
		}
	}
}

// reshape changes the size of the picture. If the cursor would be below the new last
// row, rows are removed at the top, so that the line that is being typed stays.
func (l *life) reshape(cols, rows int) {
	l.flush()
	l.region = false // the emulator resets it
	if up := l.emu.CursorPosition().Y - (rows - 1); up > 0 && !l.emu.IsAltScreen() {
		l.paste(l.cells(l.rows)[up:], 0)
	}
	l.emu.Resize(cols, rows)
	l.cols, l.rows = cols, rows
	l.tell()
}
