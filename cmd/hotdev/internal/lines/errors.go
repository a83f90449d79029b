package lines

import (
	"fmt"
	"path"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
)

// Diagnostics are what the toolchain said, with the source lines: the cause above
// its consequences, which are counted.
func Diagnostics(s engine.State, dir string) string {
	var b strings.Builder
	for _, g := range s.Troubles() {
		if g.Package != "" {
			fmt.Fprintf(&b, "# %s\n", g.Package)
		}
		for _, t := range g.Troubles {
			diagnostic(&b, t, dir)
		}
	}
	return safe.Text(b.String())
}

func diagnostic(b *strings.Builder, t engine.Trouble, dir string) {
	d := t.Diagnostic
	if at := location(d, dir); at != "" {
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
	excerpt(b, d.Excerpt, d.First, d.Line, d.Column)
	if ask := d.Suggestion(); ask != "" {
		fmt.Fprintf(b, "\t%s\n", ask)
	}
	if behind := t.Behind(", "); behind != "" {
		fmt.Fprintf(b, "\t%s\n", behind)
	}
}

// excerpt is a source line with those around it; what its column points at, if
// there is one, is marked.
func excerpt(b *strings.Builder, lines []string, first, line, column int) {
	for i, text := range lines {
		n := first + i
		mark := " "
		if n == line {
			mark = ">"
		}
		fmt.Fprintf(b, "  %s %4d | %s\n", mark, n, text)
		if n == line && column > 0 {
			fmt.Fprintf(b, "         | %s^\n", indent(text, column))
		}
	}
}

// quoted is the source of a place that a report named.
func (v *voice) quoted(e engine.Excerpt) {
	var b strings.Builder
	excerpt(&b, e.Lines, e.First, e.Line, 0)
	v.say("%s:%d:\n%s", words.Path(v.dir, e.File), e.Line, strings.TrimSuffix(b.String(), "\n"))
}

// location is where a diagnostic is, as far as it is known.
func location(d builder.Diagnostic, dir string) string {
	if d.File == "" {
		return ""
	}
	at := words.Path(dir, d.File)
	if d.Line > 0 {
		at += fmt.Sprintf(":%d", d.Line)
	}
	if d.Column > 0 {
		at += fmt.Sprintf(":%d", d.Column)
	}
	return at
}

// indent is what stands before column (in bytes, from 1) of text, as blanks of
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

// resolved says what is no longer wrong.
func (v *voice) resolved(s engine.State) {
	if v.told == s.Build.DiagnosticsGen {
		return
	}
	v.told = s.Build.DiagnosticsGen
	gone := s.Resolved()
	const most = 5
	for _, d := range gone[:min(len(gone), most)] {
		d.Column = 0 // it is no longer there
		text := d.Message
		if at := location(d, v.dir); at != "" {
			text = at + ": " + text
		}
		v.say("fixed: %s", text)
	}
	if n := len(gone) - most; n > 0 {
		v.say("fixed: %d more", n)
	}
}

// reports says of each new panic, fatal error, race or dump where in the user's
// code it is; the whole of it stands in the output.
func (v *voice) reports(old, s engine.State) {
	was, now := old.Process.Reports[old.Process.Bequeathed:], s.Process.Reports[s.Process.Bequeathed:]
	if old.Process.Gen != s.Process.Gen || len(now) < len(was) {
		was = nil
	}
	for _, t := range now[len(was):] {
		text := string(t.Kind)
		if t.Message != "" {
			text += ": " + t.Message
		}
		stacks := t.Goroutines
		if len(stacks) == 0 {
			stacks = []crash.Goroutine{{Frames: t.Frames}}
		}
		if t.Kind == crash.Panic {
			stacks = stacks[:1] // the others only happened to be there
		}
		const most = 20
		var lines []string
		hidden := 0
		for _, g := range stacks {
			for _, f := range g.Frames {
				if f.Own && len(lines) < most {
					lines = append(lines, frame(f, "", v.dir))
				} else {
					hidden += max(1, g.Count)
				}
			}
			if c := g.Created; c != nil && c.Own && len(lines) < most {
				lines = append(lines, frame(*c, "created by ", v.dir))
			}
		}
		if hidden > 0 {
			word := "frames"
			if hidden == 1 {
				word = "frame"
			}
			lines = append(lines, fmt.Sprintf("\tand %d %s more in the output above", hidden, word))
		}
		v.say("%s", strings.Join(append([]string{text}, lines...), "\n"))
	}
}

func frame(f crash.Frame, how, dir string) string {
	return fmt.Sprintf("\t%s:%d: %s%s", words.Path(dir, f.File), f.Line, how, path.Base(f.Func))
}

// conflict says who has the address that the program wanted, once that is known.
func (v *voice) conflict(old, p engine.ProcessState) {
	c := p.Conflict
	if c == nil || old.Conflict != nil && *old.Conflict == *c {
		return
	}
	switch {
	case c.Pid == 0:
		v.say("address already in use: %s", c.Addr)
	case c.Ours:
		v.say("%s is held by pid %d (%s), a leftover of an earlier run: kill %d", c.Addr, c.Pid, c.Command, c.Pid)
	default:
		v.say("%s is held by pid %d (%s), no leftover of an earlier run: stop it where it runs", c.Addr, c.Pid, c.Command)
	}
}
