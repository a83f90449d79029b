package lines

import (
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
)

// Diagnostics returns the errors of the toolchain with their source lines.
func Diagnostics(s engine.State, dir string) string { return safe.Text(words.Troubles(dir, s)) }

// quoted prints the source at a place in a report.
func (v *voice) quoted(e engine.Excerpt) {
	text := words.Excerpt(e.Lines, e.First, e.Line, 0)
	v.say("%s:%d:\n%s", words.Path(v.dir, e.File), e.Line, strings.TrimSuffix(text, "\n"))
}

// resolved prints which errors are fixed.
func (v *voice) resolved(s engine.State) {
	if v.told == s.Build.DiagnosticsGen {
		return
	}
	v.told = s.Build.DiagnosticsGen
	gone := s.Resolved()
	const most = 5
	for _, d := range gone[:min(len(gone), most)] {
		d.Column = 0 // the place has no error any more
		text := d.Message
		if at := words.Place(v.dir, d); at != "" {
			text = at + ": " + text
		}
		v.say("fixed: %s", text)
	}
	if n := len(gone) - most; n > 0 {
		v.say("fixed: %d more", n)
	}
}

// reports prints where in the user's code each new panic, fatal error, race or dump is.
// The whole report is in the output.
func (v *voice) reports(old, s engine.State) {
	was, now := old.Process.Reports[old.Process.Bequeathed:], s.Process.Reports[s.Process.Bequeathed:]
	if old.Process.Gen != s.Process.Gen || len(now) < len(was) {
		was = nil
	}
	for _, t := range now[len(was):] {
		v.say("%s", words.Report(v.dir, t))
	}
}

// conflict prints which process has the address that the program wanted, once it is
// known.
func (v *voice) conflict(old, p engine.ProcessState) {
	c := p.Conflict
	if c == nil || old.Conflict != nil && *old.Conflict == *c {
		return
	}
	v.say("%s", words.Conflict(*c))
}
