// Package cells is text on a terminal, which counts in cells: spans and rows in
// inks, their widths, how they are cut, wrapped and framed, the symbols and the
// colours. It knows nothing of what the text is about.
//
// Text that comes from outside goes through [Clean], [CleanOutput] or
// [Look.WrapOutput] before it becomes a span. Whatever is painted then takes
// exactly the cells that were asked for, so that no content can push the borders
// about.
package cells

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/hotdev/hotdev/internal/safe"
)

// A span is text in one ink. The text is clean: no control characters, and
// sequences only such as end with a reset.
type Span struct {
	Text string
	Ink  Ink
}

// of is a text in the ink.
func (i Ink) Of(text string) Span { return Span{Text: text, Ink: i} }

// bare is a text in no ink.
func Bare(text string) Span { return Span{Text: text} }

// A row is one line of a pane, not yet cut to its width. Rows are cheap to make
// and only those that are seen are painted.
type Row []Span

// paint gives the row at exactly w cells.
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

// paintAll paints rows at w cells each.
func (l Look) PaintAll(rows []Row, w int) []string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, l.Paint(r, w))
	}
	return lines
}

// paintBetween paints left and right at the two ends of w cells; right is left
// out if it does not fit, at least gap cells apart.
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

// width counts cells.
func (l Look) Width(s string) int {
	if plain(s) {
		return len(s)
	}
	return l.Method.StringWidth(s)
}

// plain: one byte is one cell.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// cut shortens s to at most w cells and says so with an ellipsis.
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

// between is the part of s from cell from to before cell to. (The method's own
// Cut keeps the beginning where it counts by wcwidth.)
func (l Look) Between(s string, from, to int) string {
	if from >= to {
		return ""
	}
	return l.Method.TruncateLeft(l.Method.Truncate(s, to, ""), from, "")
}

// cutLeft keeps the end, which is what tells import paths apart.
func (l Look) CutLeft(s string, w int) string {
	n := l.Width(s)
	if n <= w || w <= l.Width(l.Ellipsis) {
		return l.Cut(s, w)
	}
	return l.Method.TruncateLeft(s, n-w+l.Width(l.Ellipsis), l.Ellipsis)
}

// cutPath shortens a slash-separated path at its folders, if that is enough.
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

// Tab stops: a program's output is meant for a terminal, which has one every
// eight cells; source is shown at four so that more of it fits.
const (
	outputTab = 8
	sourceTab = 4
)

// clean makes foreign text safe to draw on one line, as [safe.Text] does, with
// tabs as spaces.
func Clean(s string) string { return untabbed(s, sourceTab) }

// cleanOutput is clean for what a program printed.
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

// wrapWords breaks clean text into lines of at most w cells, at spaces where
// there are some.
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

// wrapOutput breaks a line of a program's output into lines of at most w cells.
// Colours go on where a line goes on, and none outlives its line: each piece
// begins with what is in force and ends with a reset. Web addresses become links,
// whole ones on every piece. Any other sequence is dropped.
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
		link  string // the address that is open
		seen  int    // bytes of what is visible
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
			// A tab never wraps: what would reach beyond the edge ends there.
			n = min(outputTab-col%outputTab, w-col)
			pad(&b, n)
			col += n
		case n <= w: // not a wide character on a column of one cell
			b.WriteString(seq)
			col += n
		}
	}
	stop()
	return append(out, b.String())
}

// visible: not a sequence, and not a control character but for the tab.
func visible(seq string, cells int) bool {
	return seq == "\t" || cells > 0 || seq[0] >= ' ' && seq[0] != 0x7f
}

func isColour(seq string) bool {
	return len(seq) > 2 && seq[0] == ansi.ESC && seq[1] == '[' && seq[len(seq)-1] == 'm' && seq[2] != '>' && seq[2] != '?'
}

// penBytes bounds what is repeated on every piece of a line. A program that
// sets more than some twenty attributes without a reset loses the older ones.
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

// caret finds what a diagnostic's column (in bytes, from 1) points at in a
// source line: its first cell and its length in the cleaned line. A token is
// pointed at as a whole.
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

// The sequences around what was found. Reverse video needs no colours.
const (
	Found    = "\x1b[7m"
	FoundEnd = "\x1b[27m"
)
