// Package cells draws text on a terminal, which counts in cells: spans and rows with
// inks, their widths, cutting, wrapping and framing, symbols and colours. It does not
// know what the text is about.
//
// Text from outside goes through [Clean], [CleanOutput] or [Look.WrapOutput] before it
// becomes a span. Everything that is painted then takes exactly the requested number of
// cells, so that no content can move the borders.
package cells

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/internal/safe"
)

// A Span is text in one ink. The text is clean: it has no control characters, and only
// sequences that end with a reset.
type Span struct {
	Text string
	Ink  Ink
}

// Of returns a text in the ink.
func (i Ink) Of(text string) Span { return Span{Text: text, Ink: i} }

// Bare returns a text without an ink.
func Bare(text string) Span { return Span{Text: text} }

// A Row is one line of a pane, not yet cut to its width. Rows are cheap to make, and
// only visible ones are painted.
type Row []Span

// Paint returns the row at exactly w cells.
func (l Look) Paint(r Row, w int) string {
	var b strings.Builder
	used := 0
	for _, s := range r {
		n := l.Width(s.Text)
		if used+n > w {
			cut := l.Cut(s.Text, w-used)
			b.WriteString(s.Ink.Paint(cut))
			used += l.Width(cut)
			break
		}
		b.WriteString(s.Ink.Paint(s.Text))
		used += n
	}
	pad(&b, w-used)
	return b.String()
}

// PaintAll paints rows at w cells each.
func (l Look) PaintAll(rows []Row, w int) []string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, l.Paint(r, w))
	}
	return lines
}

// PaintBetween paints left and right at the two ends of w cells; right is omitted if it
// does not fit with at least gap cells between them.
func (l Look) PaintBetween(left, right Row, gap, w int) string {
	n := l.RowWidth(right)
	if n == 0 || l.RowWidth(left)+n+gap > w {
		return l.Paint(left, w)
	}
	return l.Paint(left, w-n) + l.Paint(right, n)
}

func (l Look) RowWidth(r Row) int {
	n := 0
	for _, s := range r {
		n += l.Width(s.Text)
	}
	return n
}

func pad(b *strings.Builder, n int) {
	for ; n > 0; n-- {
		b.WriteByte(' ')
	}
}

// Width returns the width of a text in cells.
func (l Look) Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return l.Method.StringWidth(s)
}

// plain reports whether each byte takes one cell.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Cut shortens s to at most w cells, ending with an ellipsis if it was longer.
func (l Look) Cut(s string, w int) string {
	switch {
	case w <= 0:
		return ""
	case l.Width(s) <= w:
		return s
	case w <= l.Width(l.Ellipsis):
		return l.Method.Truncate(l.Ellipsis, w, "")
	}
	return l.Method.Truncate(s, w, l.Ellipsis)
}

// Between returns the part of s from cell from to before cell to. (The method's own Cut
// keeps the beginning if it counts by wcwidth.)
func (l Look) Between(s string, from, to int) string {
	if from >= to {
		return ""
	}
	return l.Method.TruncateLeft(l.Method.Truncate(s, to, ""), from, "")
}

// CutLeft shortens s at its beginning, because the end distinguishes import paths.
func (l Look) CutLeft(s string, w int) string {
	n := l.Width(s)
	if n <= w || w <= l.Width(l.Ellipsis) {
		return l.Cut(s, w)
	}
	return l.Method.TruncateLeft(s, n-w+l.Width(l.Ellipsis), l.Ellipsis)
}

// CutPath shortens a slash-separated path by whole folders, if that is enough.
func (l Look) CutPath(s string, w int) string {
	rest := s
	for l.Width(rest) > w || rest != s && l.Width(l.Ellipsis+rest) > w {
		i := strings.IndexByte(strings.TrimPrefix(rest, "/"), '/')
		if i < 0 {
			return l.CutLeft(s, w)
		}
		rest = strings.TrimPrefix(rest, "/")[i:]
	}
	if rest == s {
		return s
	}
	return l.Ellipsis + rest
}

// Tab stops: a program's output is written for a terminal, which has one every eight
// cells; source has one every four cells, so that more of it fits.
const (
	outputTab = 8
	sourceTab = 4
)

// Clean makes foreign text safe to draw on one line, as [safe.Text] does, with tabs
// replaced by spaces.
func Clean(s string) string { return untabbed(s, sourceTab) }

// CleanOutput is Clean for what a program printed.
func CleanOutput(s string) string { return untabbed(s, outputTab) }

func untabbed(s string, tab int) string {
	if plain(s) {
		return s
	}
	s = safe.Text(s)
	if !strings.ContainsAny(s, "\t\n") {
		return s
	}
	var b strings.Builder
	col := 0
	for _, r := range s {
		switch r {
		case '\t':
			n := tab - col%tab
			pad(&b, n)
			col += n
			continue
		case '\n':
			r = utf8.RuneError
		}
		b.WriteRune(r)
		col += ansi.StringWidthWc(string(r))
	}
	return b.String()
}

// WrapWords breaks clean text into lines of at most w cells, at spaces if possible.
func (l Look) WrapWords(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	if l.Width(s) <= w {
		return []string{s}
	}
	lines := strings.Split(l.Method.Wrap(s, w, ""), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// WrapOutput breaks a line of a program's output into lines of at most w cells. Colours
// continue with the line, and do not outlive it: each piece begins with the colours in
// force and ends with a reset. Web addresses become links, with the whole address on
// every piece. All other sequences are dropped.
func (l Look) WrapOutput(s string, w int) []string {
	w = max(w, 1)
	if len(s) <= w && plain(s) && !(l.Links && mayLink(s)) {
		return []string{s}
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	var (
		out   []string
		b     strings.Builder
		pen   string // the colour sequences in force
		links = l.webLinks(s)
		link  string // the address of the open link
		seen  int    // number of visible bytes
		state byte
		col   int
	)
	stop := func() {
		if link != "" {
			b.WriteString(LinkEnd)
		}
		if pen != "" {
			b.WriteString(ansi.ResetStyle)
		}
	}
	end := func() {
		stop()
		out = append(out, b.String())
		b.Reset()
		b.WriteString(pen)
		if link != "" {
			b.WriteString(linkTo(link))
		}
		col = 0
	}
	for len(s) > 0 {
		seq, n, size, next := l.Method.DecodeSequenceInString(s, state, nil)
		s, state = s[size:], next
		switch {
		case isColour(seq):
			if pen = nextPen(pen, seq); pen == "" {
				b.WriteString(ansi.ResetStyle)
			} else {
				b.WriteString(seq)
			}
			continue
		case !visible(seq, n):
			continue
		}
		if link != "" && seen >= links[0].to {
			b.WriteString(LinkEnd)
			link, links = "", links[1:]
		}
		if seq != "\t" && n <= w && col+n > w {
			end()
		}
		if len(links) > 0 && link == "" && seen+len(seq) > links[0].from {
			link = links[0].address
			b.WriteString(linkTo(link))
		}
		seen += len(seq)
		switch {
		case seq == "\t":
			// A tab never wraps: if it would reach beyond the edge, it ends there.
			n = min(outputTab-col%outputTab, w-col)
			pad(&b, n)
			col += n
		case n <= w: // it fits, unless a wide character is in a column of one cell
			b.WriteString(seq)
			col += n
		}
	}
	stop()
	return append(out, b.String())
}

// visible reports whether a sequence is visible: not an escape sequence, and not a
// control character except the tab.
func visible(seq string, cells int) bool {
	return seq == "\t" || cells > 0 || seq[0] >= ' ' && seq[0] != 0x7f
}

func isColour(seq string) bool {
	return len(seq) > 2 && seq[0] == ansi.ESC && seq[1] == '[' && seq[len(seq)-1] == 'm' && seq[2] != '>' && seq[2] != '?'
}

// penBytes limits what is repeated on every piece of a line. If a program sets more
// than some twenty attributes without a reset, the older ones are lost.
const penBytes = 256

func nextPen(pen, seq string) string {
	switch params := seq[2 : len(seq)-1]; {
	case seq == FoundEnd:
		return strings.Replace(pen, Found, "", 1)
	case params == "" || strings.Trim(params, "0") == "":
		return ""
	case strings.HasPrefix(params, "0;") || len(pen)+len(seq) > penBytes:
		return seq
	}
	return pen + seq
}

// Caret returns the place in the cleaned source line for a diagnostic's column (in
// bytes, from 1): its first cell and its length. If a token is there, it is the whole
// token.
func (l Look) Caret(line string, column int) (cell, n int) {
	at := min(max(column-1, 0), len(line))
	for at > 0 && at < len(line) && !utf8.RuneStart(line[at]) {
		at--
	}
	size := 0
	for from, t := range tokens(line[at:min(len(line), at+maxHighlit)]) {
		if from == 0 {
			size = t.size
		}
		break
	}
	cell = l.Width(Clean(line[:at]))
	end := l.Width(Clean(line[:min(at+max(size, 0), len(line))]))
	return cell, max(1, end-cell)
}

func Spaces(n int) string { return fmt.Sprintf("%*s", max(0, n), "") }

// The sequences around a match. Reverse video needs no colours.
const (
	Found    = "\x1b[7m"
	FoundEnd = "\x1b[27m"
)
