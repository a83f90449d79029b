package tui

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"github.com/hotdev/hotdev/engine"
)

var sizes = [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}}

// picture is the screen as readable text.
func picture(m model) string {
	return ansi.Strip(strings.Join(m.lines(), "\n")) + "\n"
}

// TestScreens holds a picture of every state at every size.
func TestScreens(t *testing.T) {
	for name, s := range states() {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, picture(screen(s, size[0], size[1])))
			})
		}
		for _, size := range [][2]int{{40, 10}, {20, 5}} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, picture(screen(s, size[0], size[1])))
			})
		}
	}
}

// TestModes are the pictures of what keys lead to.
func TestModes(t *testing.T) {
	type mode struct {
		name  string
		state engine.State
		set   func(m model) model
	}
	modes := []mode{
		{"help", stateUp(), func(m model) model { m.page = help{}; return m }},
		{"zoom", stateBroken(), func(m model) model { m.zoom, m.focus = true, buildPane; return m }},
		{"packages", stateBroken(), func(m model) model { m.focus = packagesPane; return m }},
		{"build", stateBroken(), func(m model) model { m.focus = buildPane; return m.choose(1) }},
		{"frames", stateCrashed(), func(m model) model { return m.choose(1) }},
		{"held", func() engine.State { s := stateUp(); s.Log = longLog(500); return s }(), func(m model) model {
			m = m.scroll(processPane, -40)
			m.state.Log = shopLog(m.state.Log, 1)
			return m
		}},
		{"ascii", stateBroken(), func(m model) model { m.opts.ASCII = true; return m.restyle() }},
		{"echoes", stateErrors(), func(m model) model { m.focus = buildPane; return m.choose(2).unfold() }},
		{"unwrapped", stateErrors(), func(m model) model { m.focus = buildPane; m = press(m, key('w')); return m.choose(1) }},
		{"all-frames", stateCrashed(), func(m model) model { return m.choose(2).unfold() }},
		{"goroutines", stateDump(), func(m model) model { m.focus = buildPane; return m.choose(-1).unfold() }},
		{"flash", stateBroken(), func(m model) model { m.flash = "open: no editor is set"; return m }},
	}
	for _, mode := range modes {
		for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {40, 10}, {20, 5}} {
			t.Run(fmt.Sprintf("%s-%dx%d", mode.name, size[0], size[1]), func(t *testing.T) {
				golden.RequireEqual(t, picture(mode.set(screen(mode.state, size[0], size[1]))))
			})
		}
	}
}

// TestEverySize: whatever the size, the screen is exactly that size.
func TestEverySize(t *testing.T) {
	all := states()
	all["long"] = func() engine.State { s := stateUp(); s.Log = longLog(300); return s }()
	var models []model
	for _, s := range all {
		m := screen(s, 0, 0)
		models = append(models, m)
		m.zoom, m.focus = true, buildPane
		models = append(models, m)
		m.zoom, m.focus = false, packagesPane
		models = append(models, m)
		m.page = help{}
		models = append(models, m)
	}
	ascii := screen(stateBroken(), 0, 0)
	ascii.opts.ASCII = true
	models = append(models, ascii.restyle())
	// Every size of every model would be near a million screens: each size is met
	// by one of the models, each model by sizes of all kinds. Where time is short,
	// each width is met with every fifth height, and each height with every fifth
	// width.
	every := 5
	if os.Getenv("HOTDEV_LONG") != "" { // .ci/run sets it
		every = 1
	}
	k := 0
	for w := range 221 {
		for h := w % every; h < 61; h += every {
			m := models[k%len(models)]
			m.width, m.height = w, h
			checkSize(t, m)
			if k%5 == 0 {
				checkSize(t, m.choose(1).scroll(processPane, -7).scroll(buildPane, 5).scroll(packagesPane, 3))
			}
			if t.Failed() {
				t.FailNow()
			}
			k++
		}
	}
}

func checkSize(t *testing.T, m model) {
	t.Helper()
	lines := m.lines()
	if len(lines) != m.height {
		t.Errorf("%dx%d: %d lines", m.width, m.height, len(lines))
	}
	for i, line := range lines {
		if n := ansi.StringWidth(line); n != m.width {
			t.Errorf("%dx%d: line %d is %d cells wide:\n%s", m.width, m.height, i, n, line)
		}
		if strings.ContainsAny(line, "\n\r\t") {
			t.Errorf("%dx%d: line %d moves the cursor: %q", m.width, m.height, i, line)
		}
	}
}

// TestLayout draws the rectangles.
func TestLayout(t *testing.T) {
	var b strings.Builder
	for _, size := range [][2]int{{20, 5}, {39, 12}, {40, 9}, {40, 10}, {60, 15}, {60, 30}, {79, 24}, {80, 10}, {80, 24}, {120, 36}, {200, 50}} {
		for _, c := range []struct {
			what  string
			focus paneID
			zoom  bool
			need  need
			split Split
		}{
			{"calm", processPane, false, calm, Split{}},
			{"with notices", processPane, false, noticed, Split{}},
			{"broken", processPane, false, broken, Split{}},
			{"broken, build focused", buildPane, false, broken, Split{}},
			{"broken, packages focused", packagesPane, false, broken, Split{}},
			{"build zoomed", buildPane, true, broken, Split{}},
			{"divided by hand", processPane, false, calm, Split{Left: 32, Build: 10}},
		} {
			fmt.Fprintf(&b, "%dx%d %s\n", size[0], size[1], c.what)
			b.WriteString(drawLayout(size[0], size[1], arrange(seats(), size[0], size[1], c.focus, c.zoom, demand{c.need, c.split, 1, calm, false})))
		}
	}
	golden.RequireEqual(t, b.String())
}

// drawLayout shows every fourth column: which area the cell belongs to.
func drawLayout(w, h int, l layout) string {
	var b strings.Builder
	for y := range h {
		line := ""
		for x := 0; x < w; x += 4 {
			c := "."
			if l.header.contains(x, y) {
				c = "h"
			}
			if l.footer.contains(x, y) {
				c = "f"
			}
			if p, ok := l.at(x, y); ok {
				c = strconv.Itoa(int(p) + 1)
			}
			line += c
		}
		b.WriteString("  " + line + "\n")
	}
	return b.String()
}

// furtherSeats are those that are always shown with two more panes, one in each column.
func furtherSeats(rows int) []seat {
	further := func(c column) seat { return seat{column: c, rows: func(int, demand) int { return rows }} }
	return append(seats()[:programsPane], further(leftColumn), further(rightColumn))
}

// TestLayoutTiles: no cell belongs to two areas, and none to nobody, also with
// further panes.
func TestLayoutTiles(t *testing.T) {
	tables := [][]seat{seats(), furtherSeats(4), furtherSeats(0)}
	k := 0
	for w := range 221 {
		for h := range 61 {
			for focus := range paneCount {
				for _, zoom := range []bool{false, true} {
					for _, split := range []Split{{}, {Left: 1, Build: 1}, {Left: 50, Build: 12}, {Left: 999, Build: 999}} {
						n, all := need((w+h)%3), tables[k%len(tables)]
						k++
						programs := k % 5
						if focus == programsPane {
							programs = 2 + k%12
						}
						d := demand{n, split, programs, need(k % 3), false}
						if !all[focus].shown(d) {
							continue
						}
						l := arrange(all, w, h, focus, zoom, d)
						area := 0
						for _, r := range append(slices.Clone(l.panes), l.header, l.footer) {
							if !r.empty() {
								area += r.w * r.h
							}
							if r.x < 0 || r.y < 0 || r.x+r.w > w || r.y+r.h > h {
								t.Fatalf("%dx%d, %d panes: %v is outside", w, h, len(all), r)
							}
						}
						if area != w*h {
							t.Fatalf("%dx%d, %d panes, focus %d zoom %v need %v: %d cells of %d: %+v", w, h, len(all), focus, zoom, n, area, w*h, l)
						}
						if h > 1 && w > 0 && l.panes[focus].empty() {
							t.Fatalf("%dx%d: the focused pane is not shown", w, h)
						}
					}
				}
			}
		}
	}
}

// TestFurtherPanes: a pane more is a line in the table of seats; one that is
// hidden changes nothing.
func TestFurtherPanes(t *testing.T) {
	plain := arrange(seats(), 80, 24, processPane, false, demand{})
	hidden := arrange(furtherSeats(0), 80, 24, processPane, false, demand{})
	if !slices.Equal(hidden.panes[:programsPane], plain.panes[:programsPane]) {
		t.Errorf("with hidden panes the others are at %v, want %v", hidden.panes, plain.panes)
	}
	wide := arrange(furtherSeats(4), 80, 24, processPane, false, demand{})
	if want := []rect{{0, 1, 24, 18}, {24, 1, 56, 6}, {24, 7, 56, 12}, {0, 19, 24, 4}, {24, 19, 56, 4}}; !slices.Equal(wide.panes, want) {
		t.Errorf("the panes are at %v, want %v", wide.panes, want)
	}
	if got := wide.fromLeft(); !slices.Equal(got, []paneID{0, 3, 1, 2, 4}) {
		t.Errorf("they are drawn in the order %v", got)
	}
	narrow := arrange(furtherSeats(4), 60, 30, 3, false, demand{})
	if want := []rect{{0, 1, 60, 1}, {0, 2, 60, 5}, {0, 7, 60, 10}, {0, 17, 60, 11}, {0, 28, 60, 1}}; !slices.Equal(narrow.panes, want) {
		t.Errorf("below each other they are at %v, want %v", narrow.panes, want)
	}
	for _, c := range []struct {
		rows     int
		from, by int
		want     paneID
	}{{4, 2, 1, 3}, {4, 0, -1, 4}, {0, 2, 1, 0}, {0, 0, -1, 2}} {
		if got := nextShown(furtherSeats(c.rows), demand{}, paneID(c.from), c.by); got != c.want {
			t.Errorf("from pane %d by %d to %d, want %d", c.from, c.by, got, c.want)
		}
	}
}
