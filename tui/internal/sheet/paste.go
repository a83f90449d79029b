package sheet

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// ErrorText returns a diagnostic in the form to paste into a chat or an issue:
//
//	internal/db/open.go:41:16: undefined: pgx.Conect
//	    40 | func Open(ctx context.Context, dsn string) (*DB, error) {
//	    41 | 	c, err := pgx.Conect(ctx, dsn)
func ErrorText(d builder.Diagnostic, dir string) string {
	var b strings.Builder
	if where := Location(dir, d.File, d.Line, d.Column); where != "" {
		b.WriteString(where + ": ")
	}
	b.WriteString(printable(d.Message) + "\n")
	for _, m := range d.More {
		b.WriteString("\t" + printable(m) + "\n")
	}
	at := d.Line - d.First
	if d.Line <= 0 || at < 0 || at >= len(d.Excerpt) {
		return b.String()
	}
	for i := max(0, at-1); i <= at; i++ {
		fmt.Fprintf(&b, "    %d | %s\n", d.First+i, strings.TrimRight(printable(d.Excerpt[i]), " \t\r"))
	}
	return b.String()
}

// printable keeps the tabs of source, and removes what could have an effect where it is
// pasted.
func printable(s string) string {
	parts := strings.Split(s, "\t")
	for i := range parts {
		parts[i] = cells.Clean(parts[i])
	}
	return strings.Join(parts, "\t")
}

// ReportText returns a report with all its frames.
func ReportText(t crash.Trace, dir string) string {
	var b strings.Builder
	b.WriteString(printable(string(t.Kind)))
	if t.Message != "" {
		b.WriteString(": " + printable(t.Message))
	}
	b.WriteString("\n")
	for _, g := range goroutines(t) {
		if title := goroutineTitle(t, g); title != "" {
			b.WriteString("\n" + title + "\n")
		}
		for _, f := range g.Frames {
			fmt.Fprintf(&b, "\t%s: %s\n", Location(dir, f.File, f.Line, 0), printable(f.Func))
		}
		if g.Created != nil {
			fmt.Fprintf(&b, "\t%s: created by %s\n", Location(dir, g.Created.File, g.Created.Line, 0), printable(g.Created.Func))
		}
	}
	return b.String()
}
