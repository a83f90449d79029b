package engine

import "github.com/hotdev/hotdev/task"

// Settled reports whether nothing is under way any more that a save or a request
// has led to: no build, and no change of what runs. The program then is what it
// is going to be until something new happens. A crashed program that waits for
// its restart is settled, too.
func (s State) Settled() bool {
	p := s.Process
	switch {
	case s.Phase == Over:
		return true
	case s.withheld.open && len(s.Blocked.By) > 0:
		return false
	case s.Phase == Running && s.Gen == 0 && len(s.Blocked.By) == 0 && len(s.Blocked.Failed) > 0:
		return true // the first build, or the first run, has to wait
	case s.Debugger.opening != NotDebugged:
		return false
	case s.isTask() && s.Phase == Running && (p.Phase == Up || s.Task.told < s.Gen && p.Desire == ToRun):
		return false
	case s.isTask() && s.Phase == Running && s.Gen == 0 && s.Settings.Task.When != task.AtStart:
		return true // nothing leads to its first run yet
	case s.Phase != Running, s.Gen == 0:
		return false // it is on its way out, or not yet on its way
	case s.Build.Phase == Compiling, s.Build.renaming > 0, s.doubting > 0, s.reading > 0:
		return false
	case p.Phase == Starting, p.Phase == Stopping, p.Beside != nil:
		return false
	case p.Phase == Up && (p.after != afterNothing || p.loading.Gen > 0):
		return false
	case s.Settings.Reload.Bare && p.Phase == Up && s.Last.Gen == p.Gen && s.Last.Outcome == OutcomeStarted && p.Live.Why == "":
		return false // the host has just come up; the program itself, a plugin, follows
	}
	return true
}

// Watched reports whether a save of any file of the program would be noticed from
// now on: what there is to watch is known, as far as it can be, and the watch is in
// force.
func (s State) Watched() bool { return s.watches == 0 && (!s.listing.open || s.listing.fails) }

// Mistake is a mistake in the configuration or an env file, so that the last
// good settings are in force; empty if nothing is.
func (s State) Mistake() string { return s.mistake }

// Watches reports whether a save of the file with this absolute path would be noticed.
func (s State) Watches(path string) bool { return len(s.watch.Covered([]string{path})) > 0 }
