package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/pager"
)

// outputKeys are the keys for the program's output. They work whichever pane has the
// focus.
func outputKeys() []binding {
	only := func(change func(o pager.Output) pager.Output) func(m model) (model, tea.Cmd) {
		return func(m model) (model, tea.Cmd) {
			m.process.Output = change(m.process.Output)
			return m.sift()
		}
	}
	return []binding{
		{action: "search", keys: []string{"/"}, help: "search the output; n and N move between matches; upper-case letters make it case-sensitive",
			foot: searchWord, do: func(m model) (model, tea.Cmd) { return m.ask(aSearch, "") }},
		{action: "filter", keys: []string{"f"}, help: "show only lines that match a regular expression; with a leading ! those that do not",
			foot: func(model) (string, int) { return "filter", 15 },
			do:   func(m model) (model, tea.Cmd) { return m.ask(aFilter, m.process.Only.Text) }},
		{action: "escape", keys: []string{"esc"}, help: "end the search; then the filter",
			foot: escapeWord, do: func(m model) (model, tea.Cmd) { return m.escape() }},
		{action: "stderr", keys: []string{"|"}, help: "show only what is written to stderr, or all again",
			do: only(func(o pager.Output) pager.Output {
				f := o.Only
				f.Stderr = !f.Stderr
				return o.FilterBy(f)
			})},
		{action: "generation", keys: []string{"."}, help: "show only this run's output, or all again",
			do: only(func(o pager.Output) pager.Output { o.Run = !o.Run; return o })},
		{action: "follow", keys: []string{"F"}, help: "follow the output's end",
			do: only(func(o pager.Output) pager.Output { o.Tail = o.Tail.Follow(); return o })},
		{action: "pretty", keys: []string{"p"}, help: "show JSON log lines as words, or as they are",
			do: func(m model) (model, tea.Cmd) {
				o := &m.process.Output
				o.Pretty = !o.Pretty
				*o = o.FilterBy(o.Only) // other text matches
				m, sift := m.refollow().sift()
				m, keep := m.keep()
				return m, tea.Batch(sift, keep)
			}},
		{action: "select", keys: []string{"v"}, help: "select lines of the output: up and down extend, y or enter copies, esc leaves",
			do: func(m model) (model, tea.Cmd) { return m.selectLines(), nil }},
		{action: "open-output", keys: []string{"e"}, help: "open the whole output in $PAGER, or in the editor",
			do: func(m model) (model, tea.Cmd) { return m.openOutput() }},
		{action: "save-output", keys: []string{"S"}, help: "save the whole output to a file",
			do: func(m model) (model, tea.Cmd) { return m.askFile() }},
	}
}

func searchWord(m model) (string, int) {
	if m.process.Search.Text != "" {
		return "search", 0 // n says how it goes on
	}
	return "search", 35
}

func escapeWord(m model) (string, int) {
	switch {
	case m.process.Search.Text != "":
		return "end search", 72
	case m.process.Only.Text != "":
		return "end filter", 72
	}
	return "", 0
}

// nextWord returns the footer's word for n: during a search it moves between matches,
// else between errors.
func nextWord(m model) (string, int) {
	if m.process.Search.Text != "" {
		return "next match", 71
	}
	return ifLocations("next error", 50)(m)
}

// along moves to the next match or error, or with by < 0 to the previous one.
func (m model) along(by int) (model, tea.Cmd) {
	if m.process.Search.Text != "" {
		return m.toMatch(by), nil
	}
	if len(m.items()) == 0 { // move to other items
		return m.chooseTest(by), nil
	}
	return m.choose(by), nil
}

// escape ends the search or, without a search, the filter.
func (m model) escape() (model, tea.Cmd) {
	o := &m.process.Output
	switch {
	case o.Search.Text != "":
		*o = o.SearchFor(pager.Pattern{})
	case o.Only.Text != "":
		*o = o.FilterBy(pager.Filter{Stderr: o.Only.Stderr})
	}
	return m.sift()
}
