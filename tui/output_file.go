package tui

import (
	"fmt"
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
	"github.com/hotdev/hotdev/tui/internal/pager"
)

// pagerMsg: the command that shows the output is known, and what to do after it.
type pagerMsg struct {
	command  Command
	terminal bool
	done     func()
}

// openOutput shows the whole output in the user's pager.
func (m model) openOutput() (model, tea.Cmd) {
	if m.opts.Page == nil {
		return m, nil
	}
	write := pager.WriteLog(m.look.Look, m.log())
	return m, func() tea.Msg {
		c, terminal, done, err := m.opts.Page(write)
		if err != nil {
			return complaint(err)
		}
		return pagerMsg{c, terminal, done}
	}
}

// runPager runs the pager, in the terminal or beside the screen.
func (m model) runPager(p pagerMsg) (tea.Model, tea.Cmd) {
	ended := func(err error) tea.Msg {
		p.done()
		return complaint(err)
	}
	if p.terminal {
		return m, tea.Exec(unhurried{p.command}, ended)
	}
	return m, func() tea.Msg { return ended(p.command.Run()) }
}

// askFile asks where to save the output.
func (m model) askFile() (model, tea.Cmd) {
	if m.opts.Save == nil {
		return m, nil
	}
	name := path.Base(strings.TrimSuffix(m.state.Settings.Name, ".go"))
	if name == "." || name == "/" {
		name = "output"
	}
	return m.ask(aFile, fmt.Sprintf("hotdev-%s-%s.log", name, m.now.Format("20060102-150405")))
}

func (m model) save(name string) (model, tea.Cmd) {
	if name == "" {
		return m, nil
	}
	write, n := pager.WriteLog(m.look.Look, m.log()), m.log().Len()
	return m, func() tea.Msg {
		file, err := m.opts.Save(name, write)
		if err != nil {
			return openedMsg{cells.Clean(fmt.Sprintf("save: %v", err))}
		}
		return openedMsg{cells.Clean(fmt.Sprintf("%s lines saved to %s", pager.Thousands(n), file))}
	}
}
