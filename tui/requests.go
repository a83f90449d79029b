package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/tui/internal/cells"
)

// A Request is a request to the program's web address.
type Request struct {
	At           time.Time
	Method, Path string
	// Status is 0 if the client left before there was one.
	Status int
	Took   time.Duration
	Size   int64
	// Cut: the program ended the connection without an answer. Panicked: it did so
	// because its handler panicked.
	Cut, Panicked bool
}

// words returns the text that a query is matched against.
func (r Request) words() string {
	text := fmt.Sprintf("%s %s %s", r.Method, r.status(), r.Path)
	return strings.ToLower(text)
}

func (r Request) status() string {
	switch {
	case r.Panicked:
		return "panic"
	case r.Cut:
		return "cut"
	case r.Status == 0:
		return "gone"
	}
	return strconv.Itoa(r.Status)
}

// requests is the page of the latest requests, the newest first. Typed words filter
// them: a request must contain all words, and none of those that begin with "!".
type requests struct {
	query string
	top   int
	all   []Request // the newest first
}

// requestsMsg brings the requests of a program while the page is open.
type requestsMsg struct {
	program int
	all     []Request
}

// watching is how often the page asks for new requests.
const watching = 250 * time.Millisecond

// openRequests opens the page, which then asks repeatedly.
func (m model) openRequests() (model, tea.Cmd) {
	switch {
	case m.opts.Requests == nil, m.state.Settings.Web.Port == 0 && len(m.state.Settings.Web.Routes) == 0:
		m.flash = "there is no web address, and so there are no requests: set web.port, or press O"
		return m, nil
	}
	m, _ = m.turnTo(requests{})
	return m, m.askRequests(0)
}

func (m model) askRequests(pause time.Duration) tea.Cmd {
	ask, program := m.opts.Requests, m.program
	return func() tea.Msg {
		if pause > 0 && !sleep(pause, m.done) {
			return nil
		}
		all := ask(program)
		slices.Reverse(all)
		return requestsMsg{program, all}
	}
}

// tookRequests shows the requests, and asks for more while the page is open.
func (m model) tookRequests(msg requestsMsg) (model, tea.Cmd) {
	p, ok := m.page.(requests)
	if !ok {
		return m, nil
	}
	if msg.program == m.program {
		if added := len(p.matching(msg.all)) - len(p.matching(p.all)); p.top > 0 && added > 0 {
			p.top += added // keep the visible rows in place
		}
		p.all = msg.all
		m.page = p
	}
	return m, m.askRequests(watching)
}

// matching returns the requests that match the query.
func (p requests) matching(all []Request) []Request {
	wanted := strings.Fields(strings.ToLower(p.query))
	if len(wanted) == 0 {
		return all
	}
	var found []Request
	for _, r := range all {
		text := r.words()
		if !slices.ContainsFunc(wanted, func(word string) bool {
			word, not := strings.CutPrefix(word, "!")
			return word != "" && strings.Contains(text, word) == not
		}) {
			found = append(found, r)
		}
	}
	return found
}

func (p requests) press(m model, k tea.KeyPressMsg) (model, page, tea.Cmd) {
	switch name := k.String(); name {
	case "esc":
		return m, nil, nil
	case "backspace":
		if p.query == "" {
			return m, nil, nil
		}
		_, n := utf8.DecodeLastRuneInString(p.query)
		p.query, p.top = p.query[:len(p.query)-n], 0
	case "ctrl+u":
		p.query, p.top = "", 0
	case "up", "down", "pgup", "pgdown", "home", "end":
		by, _ := steps(name, m.pageArea(m.layout()).h-1)
		return m, p.scroll(m, by), nil
	default:
		const longest = 200
		if k.Text != "" && len(p.query) < longest {
			p.query, p.top = p.query+cells.Clean(k.Text), 0
		}
	}
	return m, p, nil
}

func (p requests) scroll(m model, by int) page {
	p.top = cells.Scrolled(len(p.matching(p.all)), m.pageArea(m.layout()).h-1, p.top, by)
	return p
}

func (p requests) view(m model, w, h int) (cells.Box, []string) {
	l, found := m.look, p.matching(p.all)
	b := cells.Box{Title: "Requests", Status: []string{"type to filter: words, !not", "type to filter"}, Ink: l.Dim}
	lines := []string{l.Paint(cells.Row{l.AccentBold.Of("/ "), l.Bold.Of(p.query), l.Accent.Of(l.Cursor)}, w)}
	if len(found) == 0 {
		text := "no request yet"
		if len(p.all) > 0 {
			text = "none of " + count(len(p.all), "request") + " matches"
		}
		return b, append(lines, l.Paint(cells.Row{l.Dim.Of(text)}, w))
	}
	from, to := cells.Window(len(found), h-1, p.top)
	for _, r := range found[from:to] {
		lines = append(lines, l.Paint(l.request(r, w), w))
	}
	b.Foot = l.More(from, to, len(found))
	return b, lines
}

// request draws a request in a line: time, status, duration, size, path.
func (l look) request(r Request, w int) cells.Row {
	ink := l.Good
	switch {
	case r.Cut, r.Status >= 500:
		ink = l.Bad
	case r.Status >= 400, r.Status == 0:
		ink = l.Warn
	case r.Status >= 300, r.Status < 200:
		ink = l.Dim
	}
	row := cells.Row{ink.Of(fmt.Sprintf("%-5s ", r.status())), l.Text.Of(fmt.Sprintf("%8s  ", took(r.Took)))}
	if w >= 70 {
		row = append(cells.Row{l.Dim.Of(r.At.Format("15:04:05 "))}, row...)
		row = append(row, l.Dim.Of(fmt.Sprintf("%9s  ", amount(r.Size))))
	}
	return append(row, l.Bold.Of(fmt.Sprintf("%-4s ", cells.Clean(r.Method))), l.Text.Of(cells.Clean(r.Path)))
}

// amount formats the size of an answer.
func amount(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	return size(int(n))
}
