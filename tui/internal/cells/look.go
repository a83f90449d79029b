package cells

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// An Ink is how text is painted: the sequences before and after it.
type Ink struct{ on, off string }

func (i Ink) Paint(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// IsBare reports whether the ink changes nothing.
func (i Ink) IsBare() bool { return i.on == "" }

// newInk extracts the sequences from a style once, because a frame paints hundreds of
// words.
func newInk(s lipgloss.Style) Ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return Ink{on, off}
}

// glyphs are the screen's own symbols. Symbols that appear in the same place have the
// same width.
type glyphs struct {
	Up, Down, Busy, Cross, Idle, Fresh string // states
	Edited                             string // triggered the build
	Selected, Here                     string // the chosen location; the faulty line
	Stderr                             string
	above, Below                       string
	Restart, Ellipsis, Dot             string
	OK, Notice                         string
	Full, Heights                      string // a bar's cell; cells of growing height
	Cursor                             string
	Bar, Rule                          string
	topLeft, topRight                  string
	bottomLeft, bottomRight            string
}

func unicodeGlyphs() glyphs {
	return glyphs{
		Up: "●", Down: "○", Busy: "◐", Cross: "✗", Idle: "·", Fresh: "●",
		Edited: "✎", Selected: "▸", Here: "›", Stderr: "▎",
		above: "↑", Below: "↓", Restart: "↻ ", Ellipsis: "…", Dot: " · ",
		OK: "✓", Notice: "!", Full: "█", Heights: "▁▂▃▄▅▆▇█", Cursor: "▏",
		Bar: "│", Rule: "─", topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯",
	}
}

func asciiGlyphs() glyphs {
	return glyphs{
		Up: "*", Down: "o", Busy: "~", Cross: "x", Idle: ".", Fresh: "*",
		Edited: "<", Selected: ">", Here: ">", Stderr: "|",
		above: "^", Below: "v", Restart: "", Ellipsis: "..", Dot: ", ",
		OK: "ok", Notice: "!", Full: "#", Cursor: "_",
		Bar: "|", Rule: "-", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
	}
}

// A Look is everything about the appearance that does not depend on the state.
type Look struct {
	glyphs
	// Method is how the terminal counts cells; it must be the renderer's.
	Method ansi.Method
	// Links: locations are hyperlinks, to files on Host.
	Links bool
	Host  string

	Text, Dim, Bold         Ink
	Good, Bad, Warn         Ink
	Accent, AccentBold      Ink
	Border, focused         Ink
	BadBold, GoodBold, Flag Ink
	// Paper is black on white whatever the theme, for cameras; bare without colours.
	Paper Ink
}

// hues are the colours of a theme, each for a light and for a dark background.
type hues struct{ good, bad, warn, accent, dim, border [2]string }

// themeHues returns the hues of a theme; "dark" and "light" are "auto" with a given
// background. The dim ones have a contrast of at least 4.5 to 1, those of the theme
// contrast 7 to 1.
func themeHues(theme string) hues {
	switch theme {
	case "ember":
		return hues{
			good: [2]string{"#4d6b00", "#b8bb6c"}, bad: [2]string{"#a3260d", "#fb6d54"}, warn: [2]string{"#8a5200", "#fabd5f"},
			accent: [2]string{"#9a4a00", "#fe9a4a"}, dim: [2]string{"#766354", "#a39381"}, border: [2]string{"#cbb9a3", "#5f5348"},
		}
	case "sea":
		return hues{
			good: [2]string{"#007a5e", "#6fd6b4"}, bad: [2]string{"#b3204d", "#ff8fa3"}, warn: [2]string{"#7a5c00", "#e8cf7a"},
			accent: [2]string{"#006a94", "#5fc9ee"}, dim: [2]string{"#55707d", "#86a1ad"}, border: [2]string{"#b4c8d0", "#3e5965"},
		}
	case "contrast":
		return hues{
			good: [2]string{"#00511c", "#7dff9b"}, bad: [2]string{"#8c0000", "#ff9c9c"}, warn: [2]string{"#573a00", "#ffe27a"},
			accent: [2]string{"#003a8c", "#a8d1ff"}, dim: [2]string{"#3b3b3b", "#d0d0d0"}, border: [2]string{"#5a5a5a", "#b0b0b0"},
		}
	}
	return hues{
		good: [2]string{"#2e7d32", "#8cc98c"}, bad: [2]string{"#c62828", "#f2777a"}, warn: [2]string{"#8a5a00", "#e5b567"},
		accent: [2]string{"#1f5fbf", "#7fb0f5"}, dim: [2]string{"#6b7280", "#858b98"}, border: [2]string{"#b9bec8", "#515865"},
	}
}

// NewLook chooses the palette. Colour only repeats what a word or a symbol says, so a
// terminal without colours shows as much.
func NewLook(theme string, dark bool, profile colorprofile.Profile, ascii bool, method ansi.Method) Look {
	l := Look{glyphs: unicodeGlyphs(), Method: method}
	if ascii {
		l.glyphs = asciiGlyphs()
	}
	switch theme {
	case "dark":
		dark = true
	case "light":
		dark = false
	}
	pick := lipgloss.LightDark(dark)
	c := func(hue [2]string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(hue[0]), lipgloss.Color(hue[1])))
	}
	p := themeHues(theme)
	good, bad, warn := c(p.good), c(p.bad), c(p.warn)
	accent, dim, border := c(p.accent), c(p.dim), c(p.border)
	plain := lipgloss.NewStyle()
	paper := plain.Foreground(lipgloss.Color("#000000")).Background(lipgloss.Color("#ffffff"))
	switch {
	case profile <= colorprofile.ASCII:
		paper = plain
		good, bad, warn, accent, border = plain, plain, plain, plain, plain
		dim = plain.Faint(true)
	case profile == colorprofile.ANSI:
		// The nearest of sixteen colours to a fine grey may be the background itself;
		// the colours of the user's own theme are safer.
		ansi16 := func(n string) lipgloss.Style { return plain.Foreground(lipgloss.Color(n)) }
		good, bad, warn, accent, dim, border = ansi16("2"), ansi16("1"), ansi16("3"), ansi16("4"), ansi16("8"), ansi16("8")
		paper = ansi16("0").Background(lipgloss.Color("15"))
		if dark {
			accent = ansi16("6") // blue on black is hard to read
		}
	}
	l.Bold, l.Dim, l.Border = newInk(plain.Bold(true)), newInk(dim), newInk(border)
	l.Good, l.Bad, l.Warn, l.Accent = newInk(good), newInk(bad), newInk(warn), newInk(accent)
	l.GoodBold, l.BadBold = newInk(good.Bold(true)), newInk(bad.Bold(true))
	l.AccentBold, l.focused = newInk(accent.Bold(true)), newInk(accent.Bold(true))
	l.Paper = newInk(paper)
	l.Flag = newInk(warn.Bold(true).Reverse(true))
	return l
}
