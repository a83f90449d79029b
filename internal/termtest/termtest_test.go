package termtest_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/internal/termtest"
)

// clock shows the seconds that passed, the size and the last key.
type clock struct {
	seconds int
	size    tea.WindowSizeMsg
	key     string
}

func second() tea.Cmd { return tea.Tick(time.Second, func(t time.Time) tea.Msg { return t }) }

func (c clock) Init() tea.Cmd { return second() }

func (c clock) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case time.Time:
		c.seconds++
		return c, second()
	case tea.WindowSizeMsg:
		c.size = msg
	case tea.KeyPressMsg:
		c.key = msg.String()
		if c.key == "q" {
			return c, tea.Quit
		}
	}
	return c, nil
}

func (c clock) View() tea.View {
	v := tea.NewView(fmt.Sprintf("│%d s\n╰%dx%d %s", c.seconds, c.size.Width, c.size.Height, c.key))
	v.AltScreen = true
	return v
}

func TestTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		term := termtest.New(t, 20, 3)
		p := tea.NewProgram(clock{}, term.Options()...)
		term.Attach(p)
		ended := make(chan error)
		go func() {
			_, err := p.Run()
			ended <- err
		}()
		want := func(screen string) {
			t.Helper()
			if got := term.Screen(); got != screen {
				t.Errorf("the screen is\n%s\nwant\n%s", got, screen)
			}
		}
		want("│0 s\n╰20x3\n")
		time.Sleep(90 * time.Second)
		want("│90 s\n╰20x3\n")
		term.Send("\x1b[A")
		want("│90 s\n╰20x3 up\n")
		term.Resize(30, 5)
		want("│90 s\n╰30x5 up\n")
		if modes := term.Modes(); !modes.AltScreen || !modes.CursorHidden {
			t.Errorf("while it runs: %+v", modes)
		}
		term.Send("q")
		if err := <-ended; err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // the clock's last tick
		if modes := term.Modes(); modes != (termtest.Modes{}) {
			t.Errorf("afterwards: %+v", modes)
		}
	})
}
