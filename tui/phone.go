package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/internal/qr"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// phone is the page with the address for other devices of the local network, for their
// cameras and in words. Enter opens the browser here; any other key closes it.
type phone struct{}

func (p phone) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	if name := k.String(); name != "enter" && name != "O" {
		return m, nil, nil
	}
	m, cmd := m.browseHere()
	return m, nil, cmd
}

func (p phone) view(m model, w, h int) (cells.Box, []string) {
	l, addr := m.look, m.state.Web.LAN
	b := cells.Box{Title: "On another device", Status: []string{"enter opens the browser here, any other key closes this page", "enter opens the browser here"}, Ink: l.Dim}
	if addr == "" {
		return b, []string{l.Paint(cells.Row{l.Dim.Of("there is no address in a local network now")}, w)}
	}
	rows := []cells.Row{{l.AccentBold.Of(addr)}}
	for _, line := range l.WrapWords(words.LAN, w) {
		rows = append(rows, cells.Row{l.Text.Of(line)})
	}
	code := qr.Lines(addr, l.Paper.IsBare())
	if fits := len(code) > 0 && len(rows)+1+len(code) <= h && l.Width(code[0]) <= w; fits && !m.opts.ASCII {
		rows = append(rows, nil)
		for _, line := range code {
			rows = append(rows, cells.Row{l.Paper.Of(line)})
		}
	}
	return b, l.PaintAll(rows, w)
}

func (p phone) scroll(model, int) page { return p }
