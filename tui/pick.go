package tui

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// ErrCancelled means that the user left without choosing.
var ErrCancelled = errors.New("cancelled")

// Pick lets the user choose one of items, and returns its index. It draws on o's
// terminal until then, and restores the terminal. It returns ErrCancelled if the user
// leaves, and ctx's cause if ctx ends first.
func Pick(ctx context.Context, o Options, title string, items []string) (int, error) {
	p := tea.NewProgram(newPicker(o, title, items), programOptions(ctx, o)...)
	final, err := p.Run()
	if err := runError("picker", ctx, err); err != nil {
		return 0, err
	}
	return final.(picker).result()
}

// picker is a list with a cursor and a filter.
type picker struct {
	opts          Options
	title         string
	items         []string
	width, height int
	dark          bool
	profile       colorprofile.Profile
	look          cells.Look

	mode   pickMode
	filter string
	at     int // index in the matching items
	chosen int // an index of items, or -1
}

// pickMode is the meaning of letters.
type pickMode int

const (
	moving pickMode = iota
	filtering
)

func newPicker(o Options, title string, items []string) picker {
	p := picker{opts: o, title: title, items: items, chosen: -1, dark: darkBackground(o.Env), profile: colorprofile.TrueColor}
	if o.NoColor {
		p.profile = colorprofile.ASCII
	}
	return p.restyle()
}

func (p picker) restyle() picker {
	p.look = cells.NewLook(p.opts.Theme, p.dark, p.profile, p.opts.ASCII, ansi.WcWidth)
	return p
}

func (p picker) result() (int, error) {
	if p.chosen < 0 {
		return 0, ErrCancelled
	}
	return p.chosen, nil
}

// matches returns the indices of the items that contain every word of the filter.
func (p picker) matches() []int {
	var out []int
	words := strings.Fields(strings.ToLower(p.filter))
next:
	for i, item := range p.items {
		for _, w := range words {
			if !strings.Contains(strings.ToLower(item), w) {
				continue next
			}
		}
		out = append(out, i)
	}
	return out
}

func (p picker) Init() tea.Cmd { return tea.RequestBackgroundColor }

func (p picker) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.width, p.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		p.dark = msg.IsDark()
		return p.restyle(), nil
	case tea.ColorProfileMsg:
		if !p.opts.NoColor {
			p.profile = msg.Profile
		}
		return p.restyle(), nil
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return p, nil
}

func (p picker) press(k tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	name := k.String()
	switch name { // in both modes
	case "ctrl+c":
		return p, tea.Quit
	case "ctrl+z":
		if p.opts.Suspend != nil {
			return p, suspend(p.opts.Suspend)
		}
		return p, nil
	case "enter":
		return p.choose(p.at)
	case "up", "down", "pgup", "pgdown", "home", "end":
		return p.move(name), nil
	}
	if p.mode == filtering {
		return p.edit(name, k.Text), nil
	}
	switch name {
	case "q", "esc":
		return p, tea.Quit
	case "/":
		p.mode = filtering
	case "k", "j", "g", "G":
		return p.move(map[string]string{"k": "up", "j": "down", "g": "home", "G": "end"}[name]), nil
	default:
		if len(name) == 1 && name[0] >= '1' && name[0] <= '9' {
			return p.choose(int(name[0] - '1'))
		}
	}
	return p, nil
}

// edit edits the filter. Escape clears it.
func (p picker) edit(name, text string) picker {
	switch {
	case name == "esc":
		p.mode, p.filter = moving, ""
	case name == "backspace":
		if p.filter == "" {
			p.mode = moving
			return p
		}
		runes := []rune(p.filter)
		p.filter = string(runes[:len(runes)-1])
	case text != "" && !strings.ContainsFunc(text, unicode.IsControl):
		p.filter += text
	default:
		return p
	}
	p.at = 0
	return p
}

func (p picker) move(name string) picker {
	by := map[string]int{"up": -1, "down": 1, "pgup": -p.room(), "pgdown": p.room(), "home": -far, "end": far}[name]
	p.at = max(0, min(p.at+by, len(p.matches())-1))
	return p
}

func (p picker) choose(i int) (tea.Model, tea.Cmd) {
	if all := p.matches(); i < len(all) {
		p.chosen = all[i]
		return p, tea.Quit
	}
	return p, nil
}

// room returns how many items are visible: all lines except title, filter and keys.
func (p picker) room() int { return max(1, p.height-p.around()) }

func (p picker) around() int {
	if p.height < minHeight {
		return min(1, p.height-1)
	}
	return 5
}

func (p picker) View() tea.View {
	v := tea.NewView(strings.Join(p.lines(), "\n"))
	v.AltScreen = true
	return v
}

func (p picker) lines() []string {
	if p.width <= 0 || p.height <= 0 {
		return cells.Blank(0, p.height)
	}
	l, w := p.look, p.width
	all := p.matches()
	list := p.list(all)
	if p.around() < 5 {
		var out []string
		if p.around() == 1 {
			out = append(out, p.head(w))
		}
		out = append(out, list...)
		return append(out, cells.Blank(w, p.height-len(out))...)
	}
	out := []string{p.head(w), cells.Blank(w, 1)[0]}
	out = append(out, list...)
	out = append(out, cells.Blank(w, p.height-2-len(out))...)
	from, to := p.window(len(all))
	out = append(out, l.Paint(cells.Row{l.Text.Of("   "), l.Accent.Of(l.More(from, to, len(all)))}, w))
	keys := []cells.Segment{
		{Row: cells.Row{l.Bold.Of("enter"), l.Dim.Of(" choose")}, Weight: 9},
		{Row: cells.Row{l.Bold.Of("1-9"), l.Dim.Of(" choose at once")}, Weight: 5},
		{Row: cells.Row{l.Bold.Of("/"), l.Dim.Of(" filter")}, Weight: 6},
		{Row: cells.Row{l.Bold.Of("q"), l.Dim.Of(" leave")}, Weight: 8},
	}
	if p.mode == filtering {
		keys = []cells.Segment{keys[0], {Row: cells.Row{l.Bold.Of("esc"), l.Dim.Of(" clear the filter")}, Weight: 8}}
	}
	return append(out, l.Hints(keys, w))
}

func (p picker) head(w int) string {
	l := p.look
	r := cells.Row{l.AccentBold.Of(" hotdev"), l.Bold.Of("  " + cells.Clean(p.title))}
	if p.mode == filtering {
		r = cells.Row{l.AccentBold.Of(" hotdev"), l.Dim.Of("  filter: "), l.Bold.Of(cells.Clean(p.filter)), l.Accent.Of("_")}
	}
	return l.Paint(r, w)
}

func (p picker) window(n int) (from, to int) {
	h := p.room()
	return cells.Window(n, h, max(0, p.at-h/2)) // the cursor stays in the middle
}

func (p picker) list(all []int) (out []string) {
	l := p.look
	if len(all) == 0 {
		return []string{l.Paint(cells.Row{l.Dim.Of("   nothing matches")}, p.width)}
	}
	from, to := p.window(len(all))
	for i := from; i < to; i++ {
		number := "  "
		if i < 9 && p.mode == moving {
			number = strconv.Itoa(i+1) + " "
		}
		mark, ink := "   ", l.Text
		if i == p.at {
			mark, ink = " "+l.Selected+" ", l.AccentBold
		}
		name := l.CutLeft(cells.Clean(p.items[all[i]]), p.width-5)
		out = append(out, l.Paint(cells.Row{l.AccentBold.Of(mark), l.Dim.Of(number), ink.Of(name)}, p.width))
	}
	return out
}
