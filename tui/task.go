package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/task"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// taskStanding returns the state of a task in words, as standing does for a program.
func taskStanding(s engine.State) []string {
	p := s.Process
	switch {
	case p.Phase == engine.Waiting:
		return []string{cells.Clean(words.Awaits(s)), "waiting"}
	case p.Phase != engine.Down:
		return []string{fmt.Sprintf("%s gen %d", strings.Replace(string(p.Phase), "up", "running", 1), p.Gen)}
	case p.Exit == nil:
		return notRun(s)
	case p.Exit.Stopped:
		return []string{"stopped; s or R runs it, and so does a save", "stopped"}
	case s.Build.Phase == engine.Broken:
		short := "failed: " + ending(*p.Exit)
		if p.Exit.Err != "" {
			short = "could not run"
		}
		return []string{short + " after " + took(p.Exit.Uptime) + words.Again(s), short, "failed"}
	}
	return []string{"passed in " + took(p.Exit.Uptime) + words.Again(s), "passed in " + took(p.Exit.Uptime), "passed"}
}

// notRun says when a task runs for the first time.
func notRun(s engine.State) []string {
	const short = "not run yet"
	switch s.Settings.Task.When {
	case task.OnSave:
		return []string{short + "; it runs when its files change", short}
	case task.AtQuit:
		return []string{short + "; it runs when hotdev ends", short}
	}
	return []string{short}
}

// taskState draws the state of a task, as state does for a program.
func (l look) taskState(s engine.State, now time.Time) cells.Row {
	p := s.Process
	switch {
	case p.Phase == engine.Waiting:
		return cells.Row{l.Warn.Of(l.Down + " waiting")}
	case p.Phase != engine.Down:
		return cells.Row{l.Warn.Of(l.Busy + " running "), l.Warn.Of(coarse(now.Sub(p.Since)))}
	case s.Build.Phase == engine.Broken:
		return cells.Row{l.BadBold.Of(l.Cross + " failed")}
	case s.Last.Outcome == engine.OutcomePassed:
		return cells.Row{l.Good.Of(l.OK + " passed")}
	}
	return cells.Row{l.Dim.Of(l.Down + " not run")}
}
