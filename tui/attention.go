package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// title is the terminal's title: the state at a glance, for a user who sees only tabs.
func (m model) title() string {
	name := cells.Clean(m.state.Settings.Name)
	if name == "" {
		return "hotdev"
	}
	what := ""
	switch s := m.state; {
	case s.Build.Phase == engine.Compiling:
		what = "building"
	case len(s.Build.Diagnostics) > 0:
		what = count(len(s.Build.Diagnostics), "error")
	case s.Process.Phase == engine.Crashed:
		what = "crashed"
	case s.Process.Phase == engine.Up:
		what = "up"
	default:
		what = "down"
	}
	return name + ": " + what + " - hotdev"
}

// progress is what terminals show on a tab or in a task bar (OSC 9;4).
func (m model) progress() *tea.ProgressBar {
	switch s := m.state; {
	case s.Phase != engine.Running:
		return nil
	case s.Build.Phase == engine.Compiling:
		return tea.NewProgressBar(tea.ProgressBarIndeterminate, 0)
	case len(s.Build.Diagnostics) > 0, s.Process.Phase == engine.Crashed:
		return tea.NewProgressBar(tea.ProgressBarError, 100)
	}
	return nil
}

// news is a change from s to next that deserves the user's attention; empty if there
// is none.
func news(s, next engine.State) string {
	broken, still := len(s.Build.Diagnostics) > 0, len(next.Build.Diagnostics) > 0
	name := cells.Clean(next.Settings.Name)
	switch {
	case next.Phase != engine.Running:
		return ""
	case next.Process.Phase == engine.Crashed && s.Process.Phase != engine.Crashed:
		return name + " crashed"
	case still && !broken:
		return name + ": " + count(len(next.Build.Diagnostics), "error")
	case broken && !still:
		return name + ": fixed"
	}
	return ""
}

// announce rings the bell or sends a notification, as configured.
func (m model) announce(text string) tea.Cmd {
	if text == "" {
		return nil
	}
	sequence := ""
	if m.wishes.Bell {
		sequence += string(rune(ansi.BEL))
	}
	if m.wishes.Notify {
		sequence += ansi.Notify("hotdev: " + ansi.Strip(text))
	}
	if sequence == "" {
		return nil
	}
	return tea.Raw(sequence)
}
