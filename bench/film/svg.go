//go:build linux

package main

import (
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/hinshun/vt10x"

	"github.com/hotdev/hotdev/bench/internal/terminal"
)

// The size of a cell, and of the margin around the screen, in pixels.
const (
	cellWidth, cellHeight = 8.4, 17
	margin                = 14
)

// The default colours; a program chooses the others by number.
const foreground, background = "#d8dee9", "#16181d"

var palette = [16]string{
	"#2e3440", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9",
	"#6b7280", "#ff7b86", "#b5e890", "#ffd88a", "#83c5ff", "#e09bf2", "#7ad7e0", "#ffffff",
}

// svg returns the film as a strip of pictures, one below the other, that moves past a
// window in steps. A row that several pictures share is written once.
func (f *film) svg() string {
	width, height := cols*cellWidth+2*margin, float64(rows*cellHeight+2*margin)
	var total time.Duration
	for _, p := range f.frames {
		total += p.lasts
	}
	var defs, strip, steps strings.Builder
	known := map[string]int{}
	var at time.Duration
	for i, p := range f.frames {
		fmt.Fprintf(&steps, "%.3f%%{transform:translateY(%.0fpx)}", 100*at.Seconds()/total.Seconds(), -float64(i)*height)
		at += p.lasts
		for y, cells := range p.cells {
			row := drawRow(cells)
			if row == "" {
				continue
			}
			id, ok := known[row]
			if !ok {
				id = len(known)
				known[row] = id
				fmt.Fprintf(&defs, "<g id=\"r%d\">%s</g>\n", id, row)
			}
			fmt.Fprintf(&strip, "<use href=\"#r%d\" x=\"%d\" y=\"%.0f\"/>", id, margin, float64(i)*height+margin+float64(y*cellHeight))
		}
		strip.WriteByte('\n')
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">
<title>hotdev: changed functions go into the running program</title>
<style>.s{animation:film %.2fs steps(1,end) infinite}@keyframes film{%s100%%{transform:translateY(%.0fpx)}}text{white-space:pre}</style>
<defs>
%s</defs>
<rect width="100%%" height="100%%" rx="8" fill="%s"/>
<g class="s">
%s</g>
</svg>
`, width, height, width, height, total.Seconds(), steps.String(), -float64(len(f.frames)-1)*height, defs.String(), background, strip.String())
}

// drawRow draws runs of cells with the same attributes; it returns "" if nothing is
// visible.
func drawRow(cells []terminal.Cell) string {
	var b strings.Builder
	for from := 0; from < len(cells); {
		to := from + 1
		for to < len(cells) && alike(cells[from], cells[to]) {
			to++
		}
		c := cells[from]
		x, w := float64(from)*cellWidth, float64(to-from)*cellWidth
		if bg := colour(c.BG, background); bg != background {
			fmt.Fprintf(&b, `<rect x="%.1f" width="%.1f" height="%d" fill="%s"/>`, x, w, cellHeight, bg)
		}
		var run strings.Builder
		for _, c := range cells[from:to] {
			run.WriteRune(max(c.Char, ' '))
		}
		if strings.TrimSpace(run.String()) != "" {
			weight := ""
			if c.Bold {
				weight = ` font-weight="bold"`
			}
			var escaped strings.Builder
			_ = xml.EscapeText(&escaped, []byte(run.String())) // a Builder never fails
			fmt.Fprintf(&b, `<text x="%.1f" y="13.5" textLength="%.1f" fill="%s"%s>%s</text>`, x, w, colour(c.FG, foreground), weight, escaped.String())
		}
		from = to
	}
	return b.String()
}

func alike(a, b terminal.Cell) bool { return a.FG == b.FG && a.BG == b.BG && a.Bold == b.Bold }

// colour returns a terminal's colour for SVG.
func colour(c vt10x.Color, usual string) string {
	switch {
	case c >= 1<<24:
		if c == vt10x.DefaultFG { // reverse video swaps them
			return foreground
		}
		if c == vt10x.DefaultBG {
			return background
		}
		return usual
	case c < 16:
		return palette[c]
	case c < 232: // the cube of 6 by 6 by 6
		c -= 16
		level := func(n vt10x.Color) vt10x.Color {
			if n == 0 {
				return 0
			}
			return 55 + 40*n
		}
		return fmt.Sprintf("#%02x%02x%02x", level(c/36), level(c/6%6), level(c%6))
	case c < 256:
		grey := 8 + 10*(c-232)
		return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
	}
	return fmt.Sprintf("#%06x", uint32(c))
}
