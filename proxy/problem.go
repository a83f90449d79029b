package proxy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/internal/words"
)

// A problem is what went wrong last, as pages show it.
type problem struct {
	Title string `json:"title"`
	// Note says what it means for the page.
	Note  string        `json:"note,omitempty"`
	Items []problemItem `json:"items"`
	// More is how many items there are beyond these.
	More int `json:"more,omitempty"`
}

// A problemItem is a message and the source that it points at.
type problemItem struct {
	At     string   `json:"at,omitempty"` // "rules/rules.go:12:3"
	File   string   `json:"file,omitempty"`
	Line   int      `json:"line,omitempty"`
	Column int      `json:"column,omitempty"`
	Text   string   `json:"text"`
	More   []string `json:"more,omitempty"`
	Source []string `json:"source,omitempty"` // around Line
	First  int      `json:"first,omitempty"`  // the number of its first line
}

// maxItems is as many as one reads on a page.
const maxItems = 10

// A problemKey changes when the problem may have.
type problemKey struct {
	build             engine.BuildPhase
	process           engine.ProcessPhase
	diagnostics, gen  int
	reports, excerpts int
	counts            int    // of equal reports
	tasks             string // that the build waits for, and that have failed
	others            int    // the version of the troubles beside the program
}

func problemKeyOf(s engine.State, beside troubles) problemKey {
	k := problemKey{s.Build.Phase, s.Process.Phase, s.Build.DiagnosticsGen, s.Process.Gen, len(s.Process.Reports), len(s.Process.Excerpts), 0, strings.Join(s.Blocked.Failed, ", "), beside.version}
	for _, r := range s.Process.Reports {
		k.counts += max(1, r.Count)
	}
	return k
}

// problemOf is what the overlay shows; nil if all is well. A build that is broken says
// more than what the program before it came to, and the program's own fate more than
// what tasks and tests say.
func problemOf(s engine.State, beside troubles, dir string) *problem {
	if len(s.Build.Diagnostics) > 0 {
		p := &problem{Title: "The build is broken"}
		if s.Process.Phase == engine.Up {
			p.Note = "This page is from the previous program, which keeps running."
		}
		for _, g := range s.Troubles() {
			for _, t := range g.Troubles {
				p.add(diagnosed(t, dir))
			}
		}
		return p
	}
	if failed := s.Blocked.Failed; len(failed) > 0 {
		p := beside.tasks.problem(failed)
		p.Note = "Saved files are not built until it passes."
		if s.Process.Phase == engine.Up {
			p.Note += " This page is from the previous program, which keeps running."
		}
		return p
	}
	var p *problem
	if s.Process.Phase == engine.Crashed && s.Process.Exit != nil {
		p = &problem{Title: s.Settings.Name + " crashed", Note: words.Ending(*s.Process.Exit)}
		if s.Process.Exit.Err != "" {
			p.Note = s.Process.Exit.Err
		}
	}
	for i := len(s.Process.Reports) - 1; i >= 0; i-- { // the last is what one waits for
		r := s.Process.Reports[i]
		if r.Kind == crash.GoroutineDump {
			continue
		}
		if p == nil {
			p = &problem{Title: s.Settings.Name + ": " + string(r.Kind), Note: "The program keeps running."}
		}
		p.add(reported(r, s.Process.Excerpts, dir))
	}
	switch {
	case p != nil:
		return p
	case len(beside.tasks) > 0:
		return beside.tasks.problem(slices.Sorted(maps.Keys(beside.tasks)))
	}
	return beside.tests
}

func (p *problem) add(item problemItem) {
	if len(p.Items) == maxItems {
		p.More++
		return
	}
	p.Items = append(p.Items, item)
}

func diagnosed(t engine.Trouble, dir string) problemItem {
	d := t.Diagnostic
	item := problemItem{
		At: place(dir, d.File, d.Line, d.Column), File: d.File, Line: d.Line, Column: d.Column,
		Text: d.Message, More: d.More, Source: d.Excerpt, First: d.First,
	}
	for _, more := range []string{d.Suggestion(), t.Behind(", ")} {
		if more != "" {
			item.More = append(item.More[:len(item.More):len(item.More)], more)
		}
	}
	return item
}

func reported(r crash.Trace, excerpts []engine.Excerpt, dir string) problemItem {
	item := problemItem{Text: fmt.Sprintf("%s: %s", r.Kind, r.Message)}
	if r.Count > 1 {
		item.Text += fmt.Sprintf(" (%d times)", r.Count)
	}
	for _, f := range r.Frames {
		if !f.Own {
			continue
		}
		if item.File == "" {
			item.At, item.File, item.Line = place(dir, f.File, f.Line, 0), f.File, f.Line
			continue
		}
		item.More = append(item.More, fmt.Sprintf("%s  %s", place(dir, f.File, f.Line, 0), f.Func))
	}
	for _, x := range excerpts {
		if x.File == item.File && x.Line == item.Line {
			item.Source, item.First = x.Lines, x.First
		}
	}
	return item
}

func place(dir, file string, line, column int) string {
	if file == "" {
		return ""
	}
	at := words.Path(dir, file)
	for _, n := range []int{line, column} {
		if n == 0 {
			break
		}
		at += fmt.Sprintf(":%d", n)
	}
	return at
}
