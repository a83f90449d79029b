package tui

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

func took(d time.Duration) string { return words.Took(d) }

func coarse(d time.Duration) string { return words.Coarse(d) }

// seconds formats how long a build has been running, in whole seconds, because it is
// redrawn each second.
func seconds(d time.Duration) string {
	if d >= time.Minute {
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d s", max(0, int(d.Seconds())))
}

func memory(n uint64) string { return words.Memory(n) }

func size(n int) string { return words.Size(n) }

func count(n int, what string) string { return words.Count(n, what) }

// why returns the cause of a build in words.
func why(dir string, c engine.Cause) string { return cells.Clean(words.Cause(dir, c)) }

// outcome returns the outcome of a cycle as a sentence.
func outcome(s engine.State, dot string) string {
	c := s.Last
	road := cells.Clean(c.Road())
	switch c.Outcome {
	case engine.OutcomeRefused:
		return cells.Clean(words.Outcome(c, dot)) + ", R restarts"
	case engine.OutcomeStarted:
		if road != "" {
			gen := fmt.Sprintf("gen %d", c.Gen)
			if p := s.Process; p.Gen > 0 && p.Gen < c.Gen && !p.Old {
				gen = fmt.Sprintf("gen %d again", p.Gen) // the binary is the same
			}
			return fmt.Sprintf("%s; %s after %s", road, gen, took(c.Took))
		}
		if p := s.Process; p.Gen > 0 && p.Gen < c.Gen && !p.Old {
			return fmt.Sprintf("started gen %d again after %s: the binary is the same", p.Gen, took(c.Took))
		}
		if c.Cause.Kind == engine.BySave {
			return fmt.Sprintf("started gen %d, %s after the save", c.Gen, took(c.Took))
		}
		return fmt.Sprintf("started gen %d after %s", c.Gen, took(c.Took))
	case engine.OutcomeBuilt:
		switch s.Process.Phase {
		case engine.Up, engine.Starting, engine.Stopping:
			return fmt.Sprintf("built only: gen %d keeps running, R starts the new one", s.Process.Gen)
		}
		return "built only: s starts it"
	}
	return cells.Clean(words.Outcome(c, dot))
}

// standing returns the state of the program in words; every form is shorter than the
// one before it.
func standing(s engine.State, now time.Time) []string {
	p := s.Process
	if s.Settings.Task != nil {
		return taskStanding(s)
	}
	switch p.Phase {
	case engine.Starting:
		return []string{fmt.Sprintf("starting gen %d", p.Gen)}
	case engine.Waiting:
		return []string{cells.Clean(words.Awaits(s)), "waiting"}
	case engine.Up:
		if halt := words.Halt(s, "R"); halt != nil {
			return cleaned(halt)
		}
		up := fmt.Sprintf("running gen %d", p.Gen)
		if len(s.Needed) > 0 && leaving(s) {
			return []string{up + " until " + cells.Clean(strings.Join(s.Needed, ", ")) + " has ended", up}
		}
		if len(p.Live.Loaded) > 0 {
			up += fmt.Sprintf(", gen %d loaded", p.Live.Gen)
		} else if p.Live.Gen > p.Gen {
			up += fmt.Sprintf(", patched to gen %d", p.Live.Gen)
		}
		open := listens(p)
		on := func(text string) (forms []string) {
			for _, o := range open {
				forms = append(forms, text+o)
			}
			return forms
		}
		switch {
		case p.Old:
			const most = ", an old binary: r returns to the newest"
			return slices.Concat([]string{up + most + open[0]}, on(up+", an old binary"), on(up+", old"), []string{up + ", old"})
		case len(s.Build.Diagnostics) > 0:
			return []string{up + " (build broken, old program kept)", up + " (build broken)", up}
		case s.Build.Published > p.Gen:
			return []string{
				fmt.Sprintf("%s (gen %d is built, R starts it)", up, s.Build.Published),
				fmt.Sprintf("%s (gen %d is built)", up, s.Build.Published),
				up,
			}
		}
		return slices.Concat([]string{up + open[0] + readiness(p)}, on(up), []string{up})
	case engine.Stopping:
		signal, grace := s.Settings.Run.StopSignal, s.Settings.Run.StopTimeout
		if signal == "" {
			signal = "SIGINT"
		}
		if grace <= 0 {
			grace = runner.DefaultStopTimeout
		}
		if s.Phase == engine.Killing {
			return []string{"stopping (killed)", "stopping"}
		}
		left := (grace - now.Sub(p.Since)).Round(time.Second)
		if left < time.Second {
			return []string{"stopping (killed)", "stopping"}
		}
		return []string{fmt.Sprintf("stopping (%s, kill in %s)", signal, seconds(left)), "stopping"}
	case engine.Crashed:
		return crashed(s)
	}
	return down(s)
}

func cleaned(forms []string) []string {
	for i := range forms {
		forms[i] = cells.Clean(forms[i])
	}
	return forms
}

// listens returns what the program listens on, the longest form first: addresses (only
// the port, if it is on all of the machine's addresses), ports, the first port.
func listens(p engine.ProcessState) []string {
	var addresses, numbers []string
	add := func(to *[]string, name string) {
		if name = cells.Clean(name); !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	for _, port := range p.Usage.Ports {
		host, number, err := net.SplitHostPort(port.Addr)
		short, long := ":"+number, port.Addr
		if err != nil {
			short = port.Addr
		} else if host == "" || host == "0.0.0.0" || host == "::" {
			long = short
		}
		add(&addresses, long)
		add(&numbers, short)
	}
	if len(numbers) == 0 {
		return []string{""}
	}
	some := func(names []string, most int) string {
		n := min(len(names), most)
		text := " on " + strings.Join(names[:n], ", ")
		if n < len(names) {
			text += fmt.Sprintf(" and %d more", len(names)-n)
		}
		return text
	}
	return []string{some(addresses, 4), some(numbers, 4), some(numbers, 1)}
}

// readiness returns how long the program took until it listened.
func readiness(p engine.ProcessState) string {
	if p.Ready.IsZero() {
		return ""
	}
	return ", ready in " + took(p.Ready.Sub(p.Since))
}

func crashed(s engine.State) []string {
	next := words.Next(s)
	e := s.Process.Exit
	if e == nil {
		return []string{"crashed; " + next, "crashed"}
	}
	if e.Err != "" {
		return []string{"could not run: " + cells.Clean(e.Err)}
	}
	short := "crashed: " + ending(*e)
	if dumped(s) {
		short = "ended to show its goroutines"
	}
	all := []string{short + " after " + took(e.Uptime) + "; " + next}
	if words.Restarts(s) { // or a program that is down for half a minute seems to stay down
		all = append(all, short+"; restarts")
	}
	return append(all, short+" after "+took(e.Uptime), short, "crashed")
}

// dumped reports whether the program ended because the user asked for its goroutines.
func dumped(s engine.State) bool {
	r := s.Process.Reports
	return s.Process.Phase == engine.Crashed && len(r) > 0 && r[len(r)-1].Kind == crash.GoroutineDump
}

func down(s engine.State) []string {
	p, e := s.Process, s.Process.Exit
	switch {
	case leaving(s):
		return []string{"stopped"}
	case p.Desire == engine.ToRest && e != nil && e.Overdue > 0:
		return []string{fmt.Sprintf("killed: it did not stop within run.stop_timeout (%v); s starts it", e.Overdue), "killed; s starts it", "killed"}
	case p.Desire == engine.ToRest && e != nil && e.Left > 0:
		return []string{"stopped, with " + words.Left(e.Left) + "; s starts it", "stopped; s starts it", "stopped"}
	case p.Desire == engine.ToRest:
		return []string{"stopped; s starts it", "stopped"}
	case e == nil && len(s.WaitsFor()) > 0:
		return []string{cells.Clean(words.Awaits(s)), "waiting"}
	case e == nil && len(s.Build.Diagnostics) > 0:
		return []string{"not started: the build is broken", "not started"}
	case e == nil:
		return []string{"not started yet"}
	case e.Stopped:
		return []string{"stopped"}
	}
	short := "ended: " + ending(*e)
	all := []string{short + " after " + took(e.Uptime) + "; " + words.Next(s)}
	if words.Restarts(s) {
		all = append(all, short+"; restarts")
	}
	return append(all, short, "ended")
}

// leaving reports whether the loop is about to end.
func leaving(s engine.State) bool {
	switch s.Phase {
	case engine.Quitting, engine.Killing, engine.Over:
		return true
	}
	return false
}

// ending returns the exit status or the signal.
func ending(e runner.Exit) string { return cells.Clean(words.Ending(e)) }

// usage returns what the process tree uses, the longest form first.
func usage(u runner.Usage, dot string) []string {
	if u.Processes == 0 {
		return nil
	}
	cpu, mem := fmt.Sprintf("cpu %.0f%%", u.CPU), memory(u.RSS)
	if u.Processes > 1 {
		return []string{cpu + dot + mem + dot + fmt.Sprintf("%d processes", u.Processes), cpu + dot + mem, mem}
	}
	return []string{cpu + dot + mem, mem}
}
