package control

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
)

// exitWords is how a program ended that has; empty else.
func exitWords(p engine.ProcessState) string {
	if p.Exit == nil || p.Phase != engine.Down && p.Phase != engine.Crashed {
		return ""
	}
	if p.Exit.Err != "" {
		return p.Exit.Err
	}
	return words.Ending(*p.Exit)
}

// summary is the state of a program, in a sentence without its end.
func summary(r Program) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	runs := ""
	switch r.Process {
	case engine.Up:
		if r.Task {
			runs = "running"
			break
		}
		runs = fmt.Sprintf("generation %d runs", r.Running)
	case engine.Starting:
		runs = fmt.Sprintf("generation %d is starting", r.Running)
	case engine.Stopping:
		runs = fmt.Sprintf("generation %d is stopping", r.Running)
	case engine.Crashed:
		runs = "crashed: " + r.Exit
	case engine.Down:
		switch {
		case r.Task && r.Exit == "":
			runs = "not run yet"
		case r.Task && r.Last != nil && r.Last.Outcome == engine.OutcomePassed:
			runs = "passed"
		case r.Task:
			runs = r.Exit
		case r.Exit != "":
			runs = "not running: " + r.Exit
		default:
			runs = "not running"
		}
	}
	switch r.Build {
	case engine.Compiling:
		add("building generation %d", r.Gen)
	case engine.Broken:
		if r.Task {
			add("failed (%s)", words.Count(r.Errors, "error"))
			break
		}
		add("build broken (%s)", words.Count(r.Errors, "error"))
	}
	add("%s", runs)
	if r.Pid > 0 {
		add("pid %d", r.Pid)
	}
	if r.Halted != "" {
		add("%s", r.Halted)
	}
	switch {
	case len(r.Listening) > 0:
		add("listening on %s", strings.Join(r.Listening, " "))
	case r.Process == engine.Up && !r.Ready && !r.Task:
		add("listening on no port yet")
	}
	if r.Debugger != "" && !strings.Contains(r.Halted, r.Debugger) {
		add("debugger at %s", r.Debugger)
	}
	if r.Reports > 0 {
		add("%s (see errors)", words.Count(r.Reports, "crash report"))
	}
	if r.Paused {
		add("paused")
	}
	if n := len(r.Pending); n > 0 {
		add("%s saved but not built", words.Count(n, "file"))
	}
	return strings.Join(parts, ", ")
}

// statusText is status as lines.
func statusText(dir string, r Program, s engine.State) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", r.Name, summary(r))
	if s.Last.Gen > 0 {
		how := outcome(s.Last)
		if r.Task && s.Last.Outcome == engine.OutcomeBroken {
			how = "failed after " + words.Took(s.Last.Took)
		}
		fmt.Fprintf(&b, "  last: %s: %s\n", words.Cause(dir, s.Last.Cause), how)
	}
	for _, n := range r.Notices {
		fmt.Fprintf(&b, "  note: %s\n", indented(n, len("  note: ")))
	}
	return b.String()
}

// titled is text below the name of its program, unless it says itself whose it is.
func titled(name, text string) string {
	if text == "" || strings.HasPrefix(text, name+": ") || strings.HasPrefix(text, name+", ") {
		return text
	}
	return "=== " + name + "\n" + text
}

// indented puts the lines of a text below its first, which begins at column by.
func indented(text string, by int) string {
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+strings.Repeat(" ", by))
}

// outcome is how a cycle ended, and how long that took.
func outcome(c engine.Cycle) string {
	took := words.Took(c.Took)
	switch c.Outcome {
	case engine.OutcomeBroken:
		return fmt.Sprintf("the build broke after %s", took)
	case engine.OutcomeUnchanged:
		return fmt.Sprintf("left alone after %s: what was built is the same as what runs", took)
	case engine.OutcomeBuilt:
		return fmt.Sprintf("built in %s, not started", took)
	case engine.OutcomePassed, engine.OutcomePatched, engine.OutcomeReloaded, engine.OutcomeRefused:
		return words.Outcome(c, ", ")
	}
	verb := "restarted"
	if c.Cause.Kind == engine.ByStart {
		verb = "started"
	}
	text := fmt.Sprintf("%s in %s", verb, took)
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return text
}

// road is how the code of a cycle was built and brought in.
func road(c engine.Cycle) string {
	switch c.Outcome {
	case engine.OutcomeReloaded:
		return "reload: compiled as a plugin, and put into the running program"
	case engine.OutcomePatched:
		return "live code: changed functions were put into the running program"
	case engine.OutcomeRefused:
		return "none: the new code is not in the program"
	}
	if len(c.Phases) == 0 || c.Build == 0 && len(c.Compiles) == 0 && c.Outcome != engine.OutcomeBroken {
		return "no build"
	}
	if c.Full != "" {
		return "go build"
	}
	if c.Appended {
		return "appended link: the compiler was called directly, and what changed was appended to the program that was linked last"
	}
	if c.Link > 0 {
		return "fast path: the compiler and the linker were called directly"
	}
	if c.Cause.Kind == engine.ByStart {
		return "go build, as always at the start"
	}
	return "build"
}

// explainText says why a cycle did what it did.
func explainText(dir string, name string, s engine.State, c engine.Cycle) string {
	var b strings.Builder
	line := func(what, text string) {
		if text != "" {
			fmt.Fprintf(&b, "  %-9s%s\n", what, indented(text, 11))
		}
	}
	fmt.Fprintf(&b, "%s, generation %d: %s\n", name, c.Gen, outcome(c))
	cause := words.Cause(dir, c.Cause)
	if at := c.Cause.First; !at.IsZero() {
		cause += " at " + at.Format("15:04:05.000")
	}
	line("cause", cause)
	if n := len(c.Cause.Paths); n > 1 && c.Cause.Kind == engine.BySave {
		var names []string
		for _, p := range c.Cause.Paths[:min(n, 10)] {
			names = append(names, words.Path(dir, p))
		}
		if n > 10 {
			names = append(names, fmt.Sprintf("and %d more", n-10))
		}
		line("files", strings.Join(names, " "))
	}
	line("road", road(c))
	if c.Full != "" {
		line("", "because "+c.Full)
	}
	if !c.Appended {
		line("", words.Linked(c))
	}
	line("reason", c.Reason)
	for _, n := range c.Notes {
		line("note", n)
	}
	for i, p := range c.Phases {
		what := ""
		if i == 0 {
			what = "steps"
		}
		line(what, fmt.Sprintf("%-12s %8s, from %s on", p.Name, milliseconds(p.Took), milliseconds(p.From)))
	}
	if n := len(c.Compiles); n > 0 {
		var names []string
		for _, p := range c.Compiles[:min(n, 8)] {
			names = append(names, p.Package)
		}
		if n > 8 {
			names = append(names, fmt.Sprintf("and %d more", n-8))
		}
		line("compiled", strings.Join(names, " "))
	}
	switch {
	case s.Attention == engine.Paused:
		line("now", fmt.Sprintf("paused: saves are collected, but not built; %s so far", words.Count(len(s.Pending), "file")))
	case len(s.Pending) > 0:
		line("now", words.Count(len(s.Pending), "file")+" saved but not built yet: it changes too often by itself, or a build.before command wrote it")
	case !s.Settled():
		line("now", "generation "+fmt.Sprint(s.Gen)+" is on its way: "+words.Cause(dir, s.Build.Cause))
	}
	return b.String()
}

// fileText says what a save of a file does.
func fileText(dir string, s engine.State, file string) string {
	name := words.Path(dir, file)
	var of string
	for _, p := range s.Graph.Packages {
		if slices.Contains(p.Files, file) || slices.Contains(p.EmbedFiles, file) {
			of = p.ImportPath
		}
		if of != "" && slices.Contains(s.Ignored, of) {
			return fmt.Sprintf("%s is of package %s, which is not watched now: its saves do nothing", name, of)
		}
	}
	switch {
	case slices.Contains(s.Settings.Config, file):
		return name + " is configuration: a save is applied at once"
	case of != "" && s.Watches(file):
		return fmt.Sprintf("%s is of package %s: a save is built", name, of)
	case s.Watches(file):
		return name + " is watched: a save is built, if the build reads it, or restarts the program, if watch.include names it"
	case strings.HasSuffix(file, "_test.go"):
		return name + " is a test, and no part of the program: its saves do nothing to it"
	}
	return name + " is not watched: the build does not read it. watch.include adds files that only the running program reads"
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", ms(d)) }

// problemsText is what is broken, as lines; empty if nothing is.
func problemsText(dir string, s engine.State) string {
	var b strings.Builder
	if m := s.Mistake(); m != "" {
		b.WriteString(strings.TrimSuffix(m, "\n") + "\n")
	}
	b.WriteString(words.Troubles(dir, s))
	p := s.Process
	for _, t := range p.Reports {
		b.WriteString(words.Report(dir, t) + "\n")
		for _, f := range t.Frames {
			for _, x := range p.Excerpts {
				if f.Own && x.File == f.File && x.Line == f.Line {
					b.WriteString(words.Excerpt(x.Lines, x.First, x.Line, 0))
				}
			}
		}
	}
	if c := p.Conflict; c != nil {
		b.WriteString(words.Conflict(*c) + "\n")
	}
	if p.Phase == engine.Crashed && p.Exit != nil {
		fmt.Fprintf(&b, "%s crashed: %s; %s\n", s.Settings.Name, exitWords(p), words.Next(s))
	}
	return b.String()
}
