package main

import (
	"fmt"
	"os"

	tea "charm.land/bubbletea/v2"
)

// sketch is a program that draws what its terminal tells it.
type sketch struct {
	keys                     int
	size, key, mouse, paste  string
	background, enhancements string // in whichever order the terminal answers
}

// sketching is a command of the tests.
func sketching() {
	if _, err := tea.NewProgram(sketch{}).Run(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("sketch over")
}

func (s sketch) Init() tea.Cmd { return tea.RequestBackgroundColor }

func (s sketch) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		s.size = fmt.Sprintf("%dx%d", msg.Width, msg.Height)
	case tea.KeyPressMsg:
		s.keys++
		if s.key = msg.String(); s.key == "Q" {
			return s, tea.Quit
		}
	case tea.MouseMsg:
		s.mouse = fmt.Sprintf("%d,%d", msg.Mouse().X, msg.Mouse().Y)
	case tea.PasteMsg:
		s.paste = msg.Content
	case tea.BackgroundColorMsg:
		s.background = "dark " + fmt.Sprint(msg.IsDark())
	case tea.KeyboardEnhancementsMsg:
		s.enhancements = fmt.Sprintf("keys told apart %v", msg.SupportsKeyDisambiguation())
	}
	return s, nil
}

func (s sketch) View() tea.View {
	v := tea.NewView(fmt.Sprintf("main pid %d \nsize %s\n%d keys, the last %s\nmouse %s\npaste %s\n%s, %s",
		os.Getpid(), s.size, s.keys, s.key, s.mouse, s.paste, s.background, s.enhancements))
	v.AltScreen, v.MouseMode, v.WindowTitle = true, tea.MouseModeCellMotion, "a sketch"
	return v
}
