package tui

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/termtest"
)

// TestKeyTable: no key twice, each with a help text, and the exported table says
// the same.
func TestKeyTable(t *testing.T) {
	var all []string
	for _, b := range keyTable() {
		if b.help == "" || b.action == "" || b.do == nil {
			t.Errorf("%v is not complete", b.keys)
		}
		for _, k := range b.keys {
			if slices.Contains(all, k) {
				t.Errorf("the key %s is bound twice", k)
			}
			all = append(all, k)
		}
	}
	for _, k := range []string{"r", "R", "b", "s", "space", "tab", "shift+tab", "1", "2", "3", "up", "down", "j", "k",
		"pgup", "pgdown", "g", "G", "home", "end", "n", "N", "enter", "o", "z", "c", "?", "q", "ctrl+c"} {
		if !slices.Contains(all, k) {
			t.Errorf("the key %s is not bound", k)
		}
	}
	table := KeyTable()
	if len(table) != len(keyTable()) || table[0] != (KeyHelp{"r", "reload", "reload: build what changed; put it into the running program, or restart with it"}) {
		t.Errorf("KeyTable() = %v", table)
	}
}

// press gives the model after keys.
func press(m model, keys ...tea.KeyPressMsg) model {
	for _, k := range keys {
		next, _ := m.Update(k)
		m = next.(model)
	}
	return m
}

// The key for live code asks for the switch and says what follows; where there is
// none to switch, it says why.
func TestSwitchLive(t *testing.T) {
	off := statePatched()
	off.LiveCode = engine.LiveOff
	none := stateUp()
	none.Settings.NoLive = "live code needs Linux on amd64"
	for _, c := range []struct {
		s    engine.State
		says string
		asks bool
		mode string
	}{
		{statePatched(), "live code is off: every change restarts the program", true, "patch"},
		{off, "live code is on: changes go into the running program", true, "restart"},
		{none, "live code needs Linux on amd64", false, "restart"},
		{stateUp(), "live.mode is off in the configuration", false, "restart"},
	} {
		m := screen(c.s, 120, 36)
		if got := mode(c.s); got != c.mode {
			t.Errorf("before, the next save is to %s, want %s", got, c.mode)
		}
		m = press(m, key('L'))
		if asks := len(m.outbox) == 1 && m.outbox[0].event == (engine.SwitchLive{}); m.flash != c.says || asks != c.asks {
			t.Errorf("L says %q and asks for %v, want %q, %t", m.flash, m.outbox, c.says, c.asks)
		}
	}
}

func key(r rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: r, Text: string(r)} }

func TestFocus(t *testing.T) {
	m := screen(stateUp(), 80, 24)
	tab, back := tea.KeyPressMsg{Code: tea.KeyTab}, tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	for _, c := range []struct {
		key  tea.KeyPressMsg
		want paneID
	}{{tab, packagesPane}, {tab, buildPane}, {back, packagesPane}, {back, processPane}, {key('1'), packagesPane}, {key('2'), buildPane}, {key('3'), processPane}} {
		if m = press(m, c.key); m.focus != c.want {
			t.Errorf("%s leads to pane %d, want %d", c.key, m.focus+1, c.want+1)
		}
	}
	// A keyboard of another script: the key where r is.
	m.opts.Send = func(int, engine.Event) {}
	next, _ := m.Update(tea.KeyPressMsg{Code: 'к', Text: "к", BaseCode: 'r'})
	if m = next.(model); !m.sending {
		t.Error("к on the key of r does not reload")
	}
}

// TestChoose: n and N go round all errors, and what they choose is seen, also
// where another pane hides it.
func TestChoose(t *testing.T) {
	s := stateBroken()
	s.Process.Reports = stateCrashed().Process.Reports // an older program crashed as well
	for _, size := range [][2]int{{120, 36}, {80, 24}, {60, 15}, {40, 10}, {30, 6}} {
		for _, zoom := range []bool{false, true} {
			m := screen(s, size[0], size[1])
			m.zoom = zoom
			for i, want := range []int{1, 2, 3, 4, 0, 1} { // two errors, two frames, a fold
				m = press(m, key('n'))
				if m.selected != want {
					t.Fatalf("n for the %dth time chooses %d, want %d", i+1, m.selected, want)
				}
				r := m.layout().body(buildPane)
				if r.empty() {
					t.Errorf("%v zoom %v: the chosen location's pane is not seen", size, zoom)
				} else if from := m.sheet(r.w, r.h).Items[want].From; from < m.build.top || from >= m.build.top+r.h {
					t.Errorf("%v zoom %v: item %d is at row %d, %d rows are seen from %d", size, zoom, want, from, r.h, m.build.top)
				}
			}
			if m = press(m, key('N')); m.selected != 0 {
				t.Errorf("N chooses %d", m.selected)
			}
		}
	}
	if m := press(screen(stateUp(), 80, 24), key('n'), key('N'), key('o')); m.selected != 0 {
		t.Error("with nothing to choose, something is chosen")
	}
}

// TestSelectionIsForgotten: other errors, another selection; the same errors
// while they are built again, the same selection.
func TestSelectionIsForgotten(t *testing.T) {
	m := press(screen(stateBroken(), 80, 24), key('n'))
	next, _ := m.show(shown{State: alone(stateRebuilding())})
	if m = next.(model); m.selected != 1 {
		t.Error("while the errors are built again, the selection moves")
	}
	s := stateBroken()
	s.Build.DiagnosticsGen = 16
	next, _ = m.show(shown{State: alone(s)})
	if m = next.(model); m.selected != 0 || m.build.top != 0 {
		t.Error("other errors do not begin at the first")
	}
	m = press(m, key('n'))
	next, _ = m.show(shown{State: alone(stateUp())})
	if m = next.(model); m.selected != 0 {
		t.Error("a selection without errors")
	}
}

// TestTicks: however many builds come and go, one alarm is under way.
func TestTicks(t *testing.T) {
	m := screen(engine.State{}, 80, 24)
	var alarms []time.Time // under way
	arm := func(next model) {
		if !next.alarm.IsZero() && !next.alarm.Equal(m.alarm) {
			alarms = append(alarms, next.alarm)
		}
		m = next
	}
	show := func(s engine.State) {
		next, _ := m.show(shown{State: alone(s)})
		arm(next.(model))
	}
	fire := func() { // the earliest goes off
		slices.SortFunc(alarms, time.Time.Compare)
		at := alarms[0]
		alarms = alarms[1:]
		next, _ := m.Update(tickMsg(at))
		arm(next.(model))
	}
	up, building := stateUp(), stateBuilding()
	up.Now = noon.Add(10 * time.Minute)
	show(up)
	for range 50 {
		building.Now, building.Build.Since = m.now, m.now
		show(building)
		fire()
		up.Now = m.now
		show(up)
	}
	for range 200 {
		fire()
	}
	if len(alarms) != 1 {
		t.Errorf("%d alarms are under way", len(alarms))
	}
	show(stateStopped())
	for range len(alarms) {
		fire()
	}
	if len(alarms) != 0 {
		t.Errorf("%d alarms are under way for a screen on which nothing moves", len(alarms))
	}
}

func TestDarkBackground(t *testing.T) {
	for _, c := range []struct {
		env  []string
		dark bool
	}{
		{nil, true}, {[]string{"COLORFGBG=15;0"}, true}, {[]string{"A=b", "COLORFGBG=0;15"}, false}, {[]string{"COLORFGBG=0;default;7"}, false},
	} {
		if got := darkBackground(c.env); got != c.dark {
			t.Errorf("%v: dark %v", c.env, got)
		}
	}
}

// TestPanic: a panic on the screen's side ends Run with an error and leaves the
// terminal sane, be it in a command or in the event loop.
func TestPanic(t *testing.T) {
	stderr := os.Stderr // Bubble Tea reports the panic there
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.Stderr = null
	defer func() { os.Stderr = stderr; null.Close() }()
	t.Run("command", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := roll(t, 80, 24, Options{Open: func(string, int, int) (Command, bool, error) { panic("no editor today") }})
			f.show(at(stateBroken(), 0))
			f.term.Send("o")
			if err := f.end(); !errors.Is(err, tea.ErrProgramPanic) {
				t.Errorf("Run: %v", err)
			}
		})
	})
	t.Run("event loop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			term := termtest.New(t, 80, 24)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			m := newModel(Options{}, nil, ctx.Done())
			p := tea.NewProgram(bomb{m}, append(term.Options(), programOptions(ctx, Options{})...)...)
			go func() {
				term.Settle()
				term.Send("x")
			}()
			if _, err := p.Run(); !errors.Is(runError("screen", ctx, err), tea.ErrProgramPanic) {
				t.Errorf("Run: %v", err)
			}
			if modes := term.Modes(); modes != (termtest.Modes{}) {
				t.Errorf("the terminal was left as %+v", modes)
			}
		})
	})
}

// bomb panics at a key.
type bomb struct{ model }

func (b bomb) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tea.KeyPressMsg); ok {
		panic("a bug in the screen")
	}
	next, cmd := b.model.Update(msg)
	return bomb{next.(model)}, cmd
}
