package tui

import (
	"image/color"
	"reflect"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
	"github.com/hotdev/hotdev/tui/internal/vt"
)

// far is further than any pane can scroll.
const far = pager.Far

// model is the one tea.Model: the newest state, and how it is displayed.
type model struct {
	opts   Options
	states <-chan shown
	beat   func()          // called at every message; may be nil
	done   <-chan struct{} // closed when Run returns, which ends commands that wait
	asked  <-chan struct{} // receives requests to suspend hotdev; nil if it cannot be suspended

	session session.State
	merged  engine.Log   // of all programs, if there are several
	program int          // index of the program that is shown
	state   engine.State // of that program
	// all: the output of all programs is shown, and keys apply to all.
	all bool
	// outlooks are the saved displays of the programs that are not shown now, followed
	// by that of all of them together.
	outlooks []outlook
	now      time.Time // the later of the state's time and the last tick's
	alarm    time.Time // when the pending tick fires; zero if none is pending

	wishes engine.Screen
	keys   []binding // the key table, with the user's own keys

	width, height int
	dark          bool
	profile       colorprofile.Profile
	method        ansi.Method
	look          look
	fore, back    color.Color // the terminal's own colours; nil until it answers

	split    Split
	grip     grip // what the mouse drags
	focus    paneID
	zoom     bool
	obstacle obstacle
	page     page // the open page; nil if there is none
	packages packages
	build    build
	process  process
	programs programs
	tests    tests
	// selected is the chosen item of the Build pane.
	selected int
	prompt   prompt
	// terminals are what programs draw on and are typed into; frames are the newest
	// pictures of them.
	terminals []*vt.Terminal
	frames    []vt.Frame
	typing    typing
	// flash is shown in the footer until the next key.
	flash string

	outbox  []outgoing // events of keys that have not been sent yet
	sending bool
}

// The messages of the model's own commands.
type (
	stateMsg shown
	tickMsg  time.Time
	sentMsg  struct{}
	drawnMsg int // index of the program that has drawn on its terminal
)

func newModel(o Options, states <-chan shown, done <-chan struct{}) model {
	m := model{
		opts: o, states: states, done: done,
		focus: processPane, profile: colorprofile.TrueColor,
		dark: darkBackground(o.Env), split: o.Layout.Split,
	}
	m.process.Pretty, m.process.Unwrapped = o.Layout.Pretty, o.Layout.Unwrapped
	if o.NoColor {
		m.profile = colorprofile.ASCII
	}
	return m.adopt(engine.Screen{Theme: o.Theme})
}

// adopt applies the user's settings. Invalid keys were reported when the configuration
// was read.
func (m model) adopt(s engine.Screen) model {
	m.wishes = s
	m.keys, _ = bind(s.Keys)
	if len(m.session.Programs) < 2 {
		m.keys = slices.DeleteFunc(m.keys, func(b binding) bool { return b.several })
	}
	return m.restyle()
}

// darkBackground guesses until the terminal answers, if it does: rxvt and others set
// COLORFGBG to "foreground;background", where 7 and 15 are light.
func darkBackground(env []string) bool {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, "COLORFGBG="); ok {
			background := v[strings.LastIndexByte(v, ';')+1:]
			return background != "7" && background != "15"
		}
	}
	return true
}

func (m model) restyle() model {
	m.look = look{cells.NewLook(m.wishes.Theme, m.dark, m.profile, m.opts.ASCII, m.method)}
	m.look.Host, m.look.Links = m.opts.Host, cells.DrawsLinks(m.opts.Env)
	return m
}

func (m model) Init() tea.Cmd {
	all := []tea.Cmd{m.listen(0), m.awaitSuspend(), tea.RequestBackgroundColor}
	if len(m.terminals) > 0 {
		all = append(all, tea.RequestForegroundColor)
	}
	for i := range m.terminals {
		all = append(all, m.awaitFrame(i, false))
	}
	return tea.Batch(all...)
}

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if m.beat != nil {
		m.beat()
	}
	next, cmd := m.take(msg)
	if next, ok := next.(model); ok {
		next.fit()
	}
	if next, ok := next.(model); ok && next.outlook() != m.outlook() { // what was in progress for the other program continues
		next, tick := next.tick()
		next, sift := next.sift()
		return next, tea.Batch(cmd, tick, sift)
	}
	return next, cmd
}

// take handles a message.
func (m model) take(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case stateMsg:
		return m.show(shown(msg))
	case drawnMsg:
		return m.takeFrame(int(msg))
	case tickMsg:
		if !m.alarm.Equal(time.Time(msg)) { // an earlier tick was needed meanwhile
			return m, nil
		}
		if m.alarm.After(m.now) {
			m.now = m.alarm
		}
		m.alarm = time.Time{}
		return m.tick()
	case sentMsg:
		m.sending = false
		return m.post()
	case tea.WindowSizeMsg:
		grown := m.height > 0 && msg.Height > m.height
		m.width, m.height = msg.Width, msg.Height
		if grown {
			return m, wholeScreen()
		}
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.MouseClickMsg:
		if m.typesMouse(msg) {
			return m, nil
		}
		return m.click(msg), nil
	case tea.MouseMotionMsg:
		if m.typesMouse(msg) {
			return m, nil
		}
		return m.drag(msg.X, msg.Y).draw(msg), nil
	case tea.MouseReleaseMsg:
		if m.typesMouse(msg) {
			return m, nil
		}
		if m.grip != noGrip {
			m.grip = noGrip
			return m.keep()
		}
		return m.release()
	case tea.PasteMsg:
		if m.prompting() {
			return m.enter(msg)
		}
		if m.typesKeys() {
			return m.typePaste(msg.Content), nil
		}
	case requestsMsg:
		return m.tookRequests(msg)
	case profiledMsg:
		return m.tookProfile(msg), nil
	case pager.Sifted:
		return m.sifted(msg)
	case pagerMsg:
		return m.runPager(msg)
	case tea.MouseWheelMsg:
		if m.typesMouse(msg) {
			return m, nil
		}
		return m.wheel(msg), nil
	case tea.BackgroundColorMsg:
		m.dark, m.back = msg.IsDark(), msg.Color
		return m.restyle().ground(), nil
	case tea.ForegroundColorMsg:
		m.fore = msg.Color
		return m.ground(), nil
	case tea.ColorProfileMsg:
		if !m.opts.NoColor {
			m.profile = msg.Profile
		}
		return m.restyle(), nil
	case tea.ModeReportMsg:
		// With this report the renderer changes how it counts cells. The model must
		// change too, or wide characters would shift the borders.
		if msg.Mode == ansi.ModeUnicodeCore && (msg.Value == ansi.ModeReset || msg.Value == ansi.ModeSet || msg.Value == ansi.ModePermanentlySet) {
			m.method = ansi.GraphemeWidth
			return m.restyle(), nil
		}
	case suspendMsg:
		m, cmd := m.suspend()
		return m, tea.Batch(cmd, m.awaitSuspend())
	case readyMsg:
		return m.launch(msg)
	case openedMsg:
		m.flash = msg.complaint
	}
	return m, nil
}

// show adopts a new state.
func (m model) show(all shown) (tea.Model, tea.Cmd) {
	old, was := m.session, m
	m.session, m.merged = all.State, all.log
	s := all.Programs[m.program].State
	if all.Over() {
		m.state = s
		return m, tea.Quit
	}
	announcement := m.announce(m.news(old))
	if s.Build.DiagnosticsGen != m.state.Build.DiagnosticsGen {
		m.build.top = 0
		m.selected = 0
	}
	if len(s.Process.Reports) != len(m.state.Process.Reports) || s.Process.Gen != m.state.Process.Gen {
		m.build.top = 0
		m.selected = 0
	}
	if !reflect.DeepEqual(s.Settings.Screen, m.wishes) || len(old.Programs) != len(all.Programs) {
		m = m.adopt(s.Settings.Screen)
	}
	m.state = s
	m.selected = max(0, min(m.selected, len(m.items())-1))
	if !slices.Equal(toFix(old.Tests), toFix(all.Tests)) {
		m = m.keepTest(was)
	}
	if !seats()[m.focus].shown(m.demand()) { // the pane has disappeared
		m.focus = processPane
	}
	if s.Now.After(m.now) {
		m.now = s.Now
	}
	m, tick := m.tick()
	m, sift := m.sift()
	return m, tea.Batch(m.listen(frame), tick, announcement, sift)
}

// listen waits for the next state, and at least for pause, so that a flood of states is
// drawn once per frame.
func (m model) listen(pause time.Duration) tea.Cmd {
	return func() tea.Msg {
		if pause > 0 && !sleep(pause, m.done) {
			return nil
		}
		select {
		case s := <-m.states:
			return stateMsg(s)
		case <-m.done:
			return nil
		}
	}
}

// tick schedules a wake-up for the moment at which something on the screen changes with
// time alone, if there is one.
func (m model) tick() (model, tea.Cmd) {
	at := m.changesAt()
	if at.IsZero() || !m.alarm.IsZero() && !at.Before(m.alarm) {
		return m, nil
	}
	m.alarm = at
	// The alarm is in the state's time, whose present is that of the last message.
	d := at.Sub(m.now)
	return m, func() tea.Msg {
		if !sleep(d, m.done) {
			return nil
		}
		return tickMsg(at)
	}
}

// changesAt returns the next moment at which the screen changes by itself: the next
// second of a build, of a stop, or of the first minute of an uptime; after that the
// next minute. It is zero if nothing changes.
func (m model) changesAt() time.Time {
	s := m.state
	next := time.Time{}
	consider := func(since time.Time, step time.Duration) {
		if since.IsZero() {
			return
		}
		passed := max(0, m.now.Sub(since))
		at := since.Add(passed.Truncate(step) + step)
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if s.Build.Phase == engine.Compiling {
		consider(s.Build.Since, time.Second)
	}
	switch s.Process.Phase {
	case engine.Stopping:
		consider(s.Process.Since, time.Second)
	case engine.Up:
		if m.now.Sub(s.Process.Since) < time.Minute {
			consider(s.Process.Since, time.Second)
		} else {
			consider(s.Process.Since, time.Minute)
		}
	}
	return next
}

// sleep waits for d; it returns false if the screen has ended meanwhile.
func sleep(d time.Duration, done <-chan struct{}) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-done:
		return false
	}
}

// send queues an event. Events are sent one at a time, so that they arrive in the order
// of the keys although each call runs on its own goroutine.
func (m model) send(e engine.Event) (model, tea.Cmd) {
	// If a key is held down while the engine is busy, more repetitions than this need
	// not be remembered.
	const most = 32
	for _, program := range m.addressees(e) {
		if len(m.outbox) < most*max(1, len(m.session.Programs)) {
			m.outbox = append(m.outbox[:len(m.outbox):len(m.outbox)], outgoing{program, e})
		}
	}
	return m.post()
}

func (m model) post() (model, tea.Cmd) {
	if m.sending || len(m.outbox) == 0 || m.opts.Send == nil {
		return m, nil
	}
	e := m.outbox[0]
	m.outbox, m.sending = m.outbox[1:], true
	return m, func() tea.Msg {
		m.opts.Send(e.program, e.event)
		return sentMsg{}
	}
}

// quit overtakes queued events.
func (m model) quit() (model, tea.Cmd) {
	if m.opts.Send == nil {
		return m, nil
	}
	return m, func() tea.Msg {
		m.opts.Send(m.program, engine.Quit{})
		return nil
	}
}
