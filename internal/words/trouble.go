package words

import (
	"fmt"
	"path"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
)

// Troubles returns the diagnostics of the last build, with the source lines: each cause
// above its consequences, which are only counted.
func Troubles(dir string, s engine.State) string {
	var b strings.Builder
	for _, g := range s.Troubles() {
		if g.Package != "" {
			fmt.Fprintf(&b, "# %s\n", g.Package)
		}
		for _, t := range g.Troubles {
			trouble(&b, dir, t)
		}
	}
	return b.String()
}

func trouble(b *strings.Builder, dir string, t engine.Trouble) {
	d := t.Diagnostic
	if at := Place(dir, d); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(d.Message)
	if t.Since != engine.Unsaid {
		fmt.Fprintf(b, " (%s)", t.Since)
	}
	b.WriteByte('\n')
	for _, m := range d.More {
		fmt.Fprintf(b, "\t%s\n", m)
	}
	b.WriteString(Excerpt(d.Excerpt, d.First, d.Line, d.Column))
	if ask := d.Suggestion(); ask != "" {
		fmt.Fprintf(b, "\t%s\n", ask)
	}
	if behind := t.Behind(", "); behind != "" {
		fmt.Fprintf(b, "\t%s\n", behind)
	}
}

// Excerpt returns a source line with those around it. If column is not 0, it is marked.
func Excerpt(lines []string, first, line, column int) string {
	var b strings.Builder
	for i, text := range lines {
		n := first + i
		mark := " "
		if n == line {
			mark = ">"
		}
		fmt.Fprintf(&b, "  %s %4d | %s\n", mark, n, text)
		if n == line && column > 0 {
			fmt.Fprintf(&b, "         | %s^\n", indent(text, column))
		}
	}
	return b.String()
}

// Place returns the place of a diagnostic, as far as it is known.
func Place(dir string, d builder.Diagnostic) string {
	if d.File == "" {
		return ""
	}
	at := Path(dir, d.File)
	if d.Line > 0 {
		at += fmt.Sprintf(":%d", d.Line)
	}
	if d.Column > 0 {
		at += fmt.Sprintf(":%d", d.Column)
	}
	return at
}

// indent returns the part of text before column (in bytes, from 1) as white space of
// the same width: tabs stay tabs.
func indent(text string, column int) string {
	var b strings.Builder
	for i, r := range text {
		if i >= column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Report returns where in the user's code a panic, a fatal error, a race or a dump is.
// The whole report is in the output.
func Report(dir string, t crash.Trace) string {
	text := string(t.Kind)
	if t.Message != "" {
		text += ": " + t.Message
	}
	own, hidden := ownFrames(dir, t)
	lines := append([]string{text}, own...)
	if hidden > 0 {
		word := "frames"
		if hidden == 1 {
			word = "frame"
		}
		lines = append(lines, fmt.Sprintf("\tand %d %s more in the output above", hidden, word))
	}
	return strings.Join(lines, "\n")
}

// ownFrames returns lines for the frames of a report that are the user's own code, and
// the number of the others.
func ownFrames(dir string, t crash.Trace) (lines []string, hidden int) {
	stacks := t.Goroutines
	if len(stacks) == 0 {
		stacks = []crash.Goroutine{{Frames: t.Frames}}
	}
	if t.Kind == crash.Panic {
		stacks = stacks[:1] // the others happened to exist at that time
	}
	const most = 20
	for _, g := range stacks {
		for _, f := range g.Frames {
			if f.Own && len(lines) < most {
				lines = append(lines, frame(dir, f, ""))
			} else {
				hidden += max(1, g.Count)
			}
		}
		if c := g.Created; c != nil && c.Own && len(lines) < most {
			lines = append(lines, frame(dir, *c, "created by "))
		}
	}
	return lines, hidden
}

func frame(dir string, f crash.Frame, how string) string {
	return fmt.Sprintf("\t%s:%d: %s%s", Path(dir, f.File), f.Line, how, path.Base(f.Func))
}

// Conflict says which process has the address that the program wanted.
func Conflict(c engine.Conflict) string {
	switch {
	case c.Pid == 0:
		return "address already in use: " + c.Addr
	case c.Ours:
		return fmt.Sprintf("%s is held by pid %d (%s), a leftover of an earlier run: kill %d", c.Addr, c.Pid, c.Command, c.Pid)
	}
	return fmt.Sprintf("%s is held by pid %d (%s), not a leftover of an earlier run: stop it where it runs", c.Addr, c.Pid, c.Command)
}
