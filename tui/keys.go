package tui

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// A binding is one line of the key table, the only place that knows what a key does,
// and how the help and the footer describe it.
type binding struct {
	action string   // its name in the configuration and the palette
	keys   []string // as bubbletea names them
	help   string
	// foot gives the word in the footer and its weight: where the footer is narrow,
	// the lightest words are left out first; a weight of 0 is never shown.
	foot func(m model) (word string, weight int)
	do   func(m model) (model, tea.Cmd)
	// several: the key is useful only if there are several programs.
	several bool
}

// The actions that other files refer to.
const (
	quitAction    = "quit" // must always have a key
	suspendAction = "suspend"
	paletteAction = "commands"
	goBackAction  = "go-back"
	giveAction    = "type"
	// takeBackAction is the one key that a program with the keyboard does not get.
	takeBackAction = "take-back"
)

// keyTable lists all keys in the order of the help.
func keyTable() []binding {
	send := func(e engine.Event) func(m model) (model, tea.Cmd) {
		return func(m model) (model, tea.Cmd) { return m.send(e) }
	}
	table := []binding{
		{action: "reload", keys: []string{"r"}, help: "reload: build what changed; put it into the running program, or restart with it",
			foot: always("reload", 80), do: send(engine.Reload{})},
		{action: "restart", keys: []string{"R"}, help: "rebuild and restart, whatever changed",
			foot: always("restart", 60), do: send(engine.Rebuild{})},
		{action: "build", keys: []string{"b"}, help: "build only; the program keeps running",
			foot: always("build", 40), do: send(engine.BuildOnly{})},
		{action: "stop", keys: []string{"s"}, help: "stop the program, or start it",
			foot: stopWord, do: send(engine.StopStart{})},
		{action: "pause", keys: []string{"space"}, help: "pause: remember saves without acting on them; again to resume",
			foot: pauseWord, do: send(engine.Pause{})},
		{action: "test", keys: []string{"t"}, help: "test: run the tests that saves can have affected, that failed or that never ran, else all; from then on saves run theirs",
			foot: testWord, do: send(tester.Test{Follow: true})},
		{action: "test-all", keys: []string{"T"}, help: "run all tests",
			do: send(tester.Test{All: true})},
		{action: "cover", keys: []string{"C"}, help: "coverage: run the tests of the lines that have changed since the last commit, and show those that they do not cover",
			do: send(tester.Test{Cover: true})},
		{action: "stop-tests", keys: []string{"ctrl+t"}, help: "stop the tests; saves run none until t",
			do: send(tester.StopTests{})},
		{action: "live", keys: []string{"L"}, help: "live code: stop putting changes into the running program, or resume",
			do: func(m model) (model, tea.Cmd) { return m.switchLive() }},
		{action: giveAction, keys: []string{"i"}, help: "type into the program: run.tty gives it the keyboard and the mouse, run.stdin lines",
			foot: typeWord, do: func(m model) (model, tea.Cmd) { return m.giveKeyboard() }},
		{action: takeBackAction, keys: []string{"ctrl+]"}, help: "take the keyboard and the mouse back from the program",
			do: func(m model) (model, tea.Cmd) { return m, nil }},
		{action: "picture", keys: []string{"I"}, help: "show what the program draws on its terminal (run.tty), or its output in lines",
			do: func(m model) (model, tea.Cmd) { return m.switchPicture() }},
		{action: "next-pane", keys: []string{"tab"}, help: "next pane",
			foot: always("pane", 30), do: func(m model) (model, tea.Cmd) { return m.turn(1) }},
		{action: "previous-pane", keys: []string{"shift+tab"}, help: "previous pane",
			do: func(m model) (model, tea.Cmd) { return m.turn(-1) }},
		{action: "next-program", keys: []string{"]"}, help: "next program, and all of them after the last", several: true,
			foot: always("program", 70), do: func(m model) (model, tea.Cmd) { return m.lookOn(1) }},
		{action: "previous-program", keys: []string{"["}, help: "previous program", several: true,
			do: func(m model) (model, tea.Cmd) { return m.lookOn(-1) }},
		{action: "up", keys: []string{"up", "k"}, help: "scroll up",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, -1), nil }},
		{action: "down", keys: []string{"down", "j"}, help: "scroll down",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, 1), nil }},
		{action: "page-up", keys: []string{"pgup"}, help: "scroll up a page",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, -m.pageRows()), nil }},
		{action: "page-down", keys: []string{"pgdown"}, help: "scroll down a page",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, m.pageRows()), nil }},
		{action: "top", keys: []string{"g", "home"}, help: "scroll to the top",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, -far), nil }},
		{action: "bottom", keys: []string{"G", "end"}, help: "scroll to the end, and follow the output",
			do: func(m model) (model, tea.Cmd) { return m.pane(m.focus).move(m, far), nil }},
		{action: "next", keys: []string{"n"}, help: "next error or crash location; while searching, next match",
			foot: nextWord, do: func(m model) (model, tea.Cmd) { return m.along(1) }},
		{action: "previous", keys: []string{"N"}, help: "previous error or crash location; while searching, previous match",
			do: func(m model) (model, tea.Cmd) { return m.along(-1) }},
		{action: "open", keys: []string{"enter", "o"}, help: "open it in the editor ($HOTDEV_EDITOR, $VISUAL, $EDITOR); in Packages: show the package",
			foot: openWord, do: func(m model) (model, tea.Cmd) { return m.open() }},
		{action: "fold", keys: []string{"x"}, help: "show or fold what follows from an error, the frames of libraries, other goroutines",
			do: func(m model) (model, tea.Cmd) { return m.unfold(), nil }},
		{action: "copy", keys: []string{"y"}, help: "copy the chosen error or report",
			foot: ifLocations("copy", 15), do: func(m model) (model, tea.Cmd) { return m.copyOne() }},
		{action: "copy-all", keys: []string{"Y"}, help: "copy all errors and reports",
			do: func(m model) (model, tea.Cmd) { return m.copyAll() }},
		{action: "dump", keys: []string{"\\"}, help: "dump: show all goroutines of the program, which ends it (SIGQUIT)",
			do: func(m model) (model, tea.Cmd) { return m.dump() }},
		{action: "end-holder", keys: []string{"K"}, help: "end the leftover of an earlier run that holds the program's address",
			foot: holderWord, do: func(m model) (model, tea.Cmd) { return m.endHolder() }},
		{action: "watch", keys: []string{"w"}, help: "in Packages: stop watching the package, or watch it again; in Build and Process: wrap long lines, or cut them",
			do: func(m model) (model, tea.Cmd) { return m.wrapOutput() }},
		{action: "history", keys: []string{"h"}, help: "history: the last cycles, and where their time went",
			foot: always("history", 15), do: func(m model) (model, tea.Cmd) { return m.turnTo(history{}) }},
		{action: "browse", keys: []string{"O"}, help: "open the web address in the browser, or make one (web.port)",
			foot: browseWord, do: func(m model) (model, tea.Cmd) { return m.browse() }},
		{action: "requests", keys: []string{"W"}, help: "web: the last requests to the web address",
			do: func(m model) (model, tea.Cmd) { return m.openRequests() }},
		{action: "profile", keys: []string{"P"}, help: "profiles of the running program: CPU, heap, goroutines, block, mutex, trace",
			do: func(m model) (model, tea.Cmd) { return m.openProfiles() }},
		{action: "debug", keys: []string{"d"}, help: "debug: run the program under the debugger (Delve), which editors attach to; in Tests: debug the chosen test; again to end that",
			foot: debugWord, do: func(m model) (model, tea.Cmd) { return m.debug(engine.Debug{}) }},
		{action: "debug-start", keys: []string{"D"}, help: "the same, and stop before main each time; again to run through",
			do: func(m model) (model, tea.Cmd) { return m.debug(engine.Debug{AtStart: true}) }},
		{action: goBackAction, keys: []string{"u"}, help: "go back to the last binary that ran well, until the next build",
			foot: goBackWord, do: func(m model) (model, tea.Cmd) { return m.goBack() }},
		{action: "narrower", keys: []string{"<"}, help: "make the Packages pane narrower",
			do: func(m model) (model, tea.Cmd) { return m.resplit(-2, 0) }},
		{action: "wider", keys: []string{">"}, help: "make the Packages pane wider",
			do: func(m model) (model, tea.Cmd) { return m.resplit(2, 0) }},
		{action: "taller", keys: []string{"+"}, help: "make the Build pane taller",
			do: func(m model) (model, tea.Cmd) { return m.resplit(0, 1) }},
		{action: "shorter", keys: []string{"-"}, help: "make the Build pane shorter",
			do: func(m model) (model, tea.Cmd) { return m.resplit(0, -1) }},
		{action: "reset-layout", keys: []string{"0"}, help: "give the panes their default sizes again",
			do: func(m model) (model, tea.Cmd) { return m.divide(Split{}) }},
		{action: "zoom", keys: []string{"z"}, help: "zoom the pane, or unzoom it",
			foot: zoomWord, do: func(m model) (model, tea.Cmd) { m.zoom = !m.zoom; return m, nil }},
		{action: "clear", keys: []string{"c"}, help: "clear the output",
			foot: always("clear", 10), do: func(m model) (model, tea.Cmd) {
				m.process.Output = m.process.Clear(m.log())
				return m, nil
			}},
		{action: paletteAction, keys: []string{":"}, help: "commands: find any of these by name",
			foot: always("commands", 35), do: func(m model) (model, tea.Cmd) { return m.turnTo(palette{}) }},
		{action: suspendAction, keys: []string{"ctrl+z"}, help: "suspend hotdev; the program keeps running, fg brings hotdev back",
			do: func(m model) (model, tea.Cmd) { return m.suspend() }},
		{action: "help", keys: []string{"?"}, help: "this help",
			foot: always("help", 90), do: func(m model) (model, tea.Cmd) { return m.turnTo(help{}) }},
		{action: quitAction, keys: []string{"q", "ctrl+c"}, help: "quit: stop the program and leave; again kills it at once",
			foot: always("quit", 95), do: func(m model) (model, tea.Cmd) { return m.quit() }},
	}
	focus := slices.IndexFunc(table, func(b binding) bool { return b.action == "up" })
	last := len(table) - 2 // help and quit
	return slices.Concat(table[:focus], focusKeys(), table[focus:last], outputKeys(), table[last:])
}

func always(word string, weight int) func(model) (string, int) {
	return func(model) (string, int) { return word, weight }
}

// focusKeys lead to the panes, each by its number.
func focusKeys() (keys []binding) {
	for i, s := range seats() {
		keys = append(keys, binding{action: s.action, keys: []string{strconv.Itoa(i + 1)}, help: "the " + s.title + " pane",
			do: func(m model) (model, tea.Cmd) {
				if !s.shown(m.demand()) {
					m.flash = "the " + s.title + " pane is not there yet"
					return m, nil
				}
				return m.focusOn(paneID(i))
			},
			several: paneID(i) == programsPane})
	}
	return keys
}

func stopWord(m model) (string, int) {
	switch m.addressee(engine.StopStart{}).Process.Phase {
	case engine.Up, engine.Starting, engine.Stopping:
		return "stop", 65
	}
	return "start", 65
}

func testWord(m model) (string, int) {
	if s := m.session.Tests; s.Awake && s.Phase() == tester.Failed {
		return "test failed", 57
	}
	return "test", 25
}

func pauseWord(m model) (string, int) {
	if m.addressee(engine.Pause{}).Attention == engine.Paused {
		return "go on", 75
	}
	return "pause", 45
}

func goBackWord(m model) (string, int) {
	if m.state.Kept == 0 || m.state.Process.Phase != engine.Crashed && len(m.state.Build.Diagnostics) == 0 {
		return "", 0
	}
	return "go back", 58
}

func openWord(m model) (string, int) {
	items := m.items()
	switch {
	case len(items) == 0:
	case items[m.selected].Folded:
		return "show", 55
	case items[m.selected].At.File != "":
		return "open", 55
	}
	return "", 0
}

func zoomWord(m model) (string, int) {
	if m.zoom {
		return "unzoom", 70
	}
	return "zoom", 20
}

func ifLocations(word string, weight int) func(m model) (string, int) {
	return func(m model) (string, int) {
		if len(m.items()) == 0 {
			return word, 0
		}
		return word, weight
	}
}

// holderWord is the footer's word for ending the holder of a port, if there is one.
func holderWord(m model) (string, int) {
	if c := m.state.Process.Conflict; c != nil && c.Ours {
		return "end leftover", 85
	}
	return "", 0
}

// wrapOutput wraps long lines of the output, or cuts them.
func (m model) wrapOutput() (model, tea.Cmd) {
	m.process.Output = m.process.Rewrap()
	return m.refollow().keep()
}

// dump asks a running program for its goroutines.
func (m model) dump() (model, tea.Cmd) {
	if m.state.Process.Phase != engine.Up {
		m.flash = "no program is running whose goroutines could be shown"
		return m, nil
	}
	return m.send(engine.Dump{})
}

// switchLive says what the switch means, because nothing else on the screen changes at
// once.
func (m model) switchLive() (model, tea.Cmd) {
	switch s := m.state; {
	case !s.Settings.Build.Live:
		m.flash = cmp.Or(s.Settings.NoLive, "live.mode is off in the configuration")
		return m, nil
	case s.LiveCode == engine.LiveOff:
		m.flash = "live code is on: changes go into the running program"
	default:
		m.flash = "live code is off: every change restarts the program"
	}
	return m.send(engine.SwitchLive{})
}

func (m model) goBack() (model, tea.Cmd) {
	switch s := m.state; {
	case m.all:
	case s.Kept == 0:
		m.flash = "no older binary that ran well is kept"
		return m, nil
	case s.Process.Old && s.Process.Phase == engine.Up:
		m.flash = "gen " + strconv.Itoa(s.Process.Gen) + " runs already: the last that ran well"
		return m, nil
	}
	return m.send(engine.GoBack{})
}

func (m model) endHolder() (model, tea.Cmd) {
	switch c := m.state.Process.Conflict; {
	case c == nil:
		m.flash = "nothing holds an address of the program"
		return m, nil
	case !c.Ours:
		m.flash = "what holds " + sheet.Address(*c) + " is not a leftover of hotdev's; stop it where it runs"
		return m, nil
	}
	return m.send(engine.EndHolder{})
}

// shown is how the help writes the keys.
func (b binding) shown() string { return strings.Join(b.keys, ", ") }

// KeyHelp is a line of the key table, as documentation.
type KeyHelp struct{ Keys, Action, Does string }

// KeyTable lists the screen's keys in the order of its help.
func KeyTable() []KeyHelp {
	var out []KeyHelp
	for _, b := range keyTable() {
		out = append(out, KeyHelp{b.shown(), b.action, b.help})
	}
	return out
}
