package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
)

// An ink is how text is painted: the sequences that go before and after.
type ink struct{ on, off string }

func (i ink) paint(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// newInk takes the sequences out of a style once, because a frame paints
// hundreds of words.
func newInk(s lipgloss.Style) ink {
	on, off, _ := strings.Cut(s.Render("x"), "x")
	return ink{on, off}
}

// glyphs are the screen's own symbols. Each of a pair that takes the same place
// is of the same width.
type glyphs struct {
	up, down, busy, cross, idle, fresh string // states
	edited                             string // what triggered the build
	selected, here                     string // the chosen location; the faulty line
	stderr                             string
	above, below                       string
	restart, ellipsis, dot             string
	ok, notice                         string
	bar, rule                          string
	topLeft, topRight                  string
	bottomLeft, bottomRight            string
}

func unicodeGlyphs() glyphs {
	return glyphs{
		up: "●", down: "○", busy: "◐", cross: "✗", idle: "·", fresh: "●",
		edited: "✎", selected: "▸", here: "›", stderr: "▎",
		above: "↑", below: "↓", restart: "↻ ", ellipsis: "…", dot: " · ",
		ok: "✓", notice: "!",
		bar: "│", rule: "─", topLeft: "╭", topRight: "╮", bottomLeft: "╰", bottomRight: "╯",
	}
}

func asciiGlyphs() glyphs {
	return glyphs{
		up: "*", down: "o", busy: "~", cross: "x", idle: ".", fresh: "*",
		edited: "<", selected: ">", here: ">", stderr: "|",
		above: "^", below: "v", restart: "", ellipsis: "..", dot: ", ",
		ok: "ok", notice: "!",
		bar: "|", rule: "-", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
	}
}

// A look is everything about appearance that does not depend on the state.
type look struct {
	glyphs
	// method is how the terminal counts cells; it must be the renderer's.
	method ansi.Method

	text, dim, bold         ink
	good, bad, warn         ink
	accent, accentBold      ink
	border, focused         ink
	badBold, goodBold, flag ink
}

// newLook picks the palette. Colour only repeats what a word or a symbol says,
// so that a terminal without colours loses nothing.
func newLook(dark bool, profile colorprofile.Profile, ascii bool, method ansi.Method) look {
	l := look{glyphs: unicodeGlyphs(), method: method}
	if ascii {
		l.glyphs = asciiGlyphs()
	}
	pick := lipgloss.LightDark(dark)
	c := func(light, night string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(night)))
	}
	good, bad, warn := c("#2e7d32", "#8cc98c"), c("#c62828", "#f2777a"), c("#8a5a00", "#e5b567")
	accent, dim, border := c("#1f5fbf", "#7fb0f5"), c("#6b7280", "#858b98"), c("#b9bec8", "#515865")
	plain := lipgloss.NewStyle()
	switch {
	case profile <= colorprofile.ASCII:
		good, bad, warn, accent, border = plain, plain, plain, plain, plain
		dim = plain.Faint(true)
	case profile == colorprofile.ANSI:
		// The nearest of sixteen to a fine grey may be the background itself; the
		// user's own theme knows better.
		ansi16 := func(n string) lipgloss.Style { return plain.Foreground(lipgloss.Color(n)) }
		good, bad, warn, accent, dim, border = ansi16("2"), ansi16("1"), ansi16("3"), ansi16("4"), ansi16("8"), ansi16("8")
		if dark {
			accent = ansi16("6") // blue on black is hard to read
		}
	}
	l.bold, l.dim, l.border = newInk(plain.Bold(true)), newInk(dim), newInk(border)
	l.good, l.bad, l.warn, l.accent = newInk(good), newInk(bad), newInk(warn), newInk(accent)
	l.goodBold, l.badBold = newInk(good.Bold(true)), newInk(bad.Bold(true))
	l.accentBold, l.focused = newInk(accent.Bold(true)), newInk(accent.Bold(true))
	l.flag = newInk(warn.Bold(true).Reverse(true))
	return l
}
