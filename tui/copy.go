package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/sheet"
)

// copyOne copies the selected item.
func (m model) copyOne() (model, tea.Cmd) {
	items := m.items()
	if len(items) == 0 {
		m.flash = "nothing to copy: no errors"
		return m, nil
	}
	it := items[m.selected]
	m.flash = "copied " + it.Name
	return m, tea.SetClipboard(it.Text())
}

// copyAll copies all errors, with the reports after them.
func (m model) copyAll() (model, tea.Cmd) {
	var parts, names []string
	for _, d := range m.state.Build.Diagnostics {
		parts = append(parts, sheet.ErrorText(d, m.opts.Dir))
	}
	if n := len(parts); n > 0 {
		names = append(names, count(n, "error"))
	}
	reports := m.state.Process.Reports
	for i := len(reports) - 1; i >= 0; i-- {
		parts = append(parts, sheet.ReportText(reports[i], m.opts.Dir))
	}
	if n := len(reports); n > 0 {
		names = append(names, count(n, "report"))
	}
	if len(parts) == 0 {
		m.flash = "nothing to copy: no errors"
		return m, nil
	}
	m.flash = "copied " + strings.Join(names, " and ")
	return m, tea.SetClipboard(strings.Join(parts, "\n"))
}
