package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
)

// plainView says in lines what the screen shows: the program's output goes
// where the program sent it, hotdev's own words go to stderr.
type plainView struct {
	printer        *printer
	stdout, stderr io.Writer
	dir            string // paths are shown relative to it
	old            engine.State
	partial        map[runner.Stream]string // unfinished lines
	told           int                      // the generation whose mended errors were said
}

func (v *plainView) say(format string, args ...any) {
	v.printer.print(v.stderr, []byte(safe(fmt.Sprintf("hotdev: "+format+"\n", args...))))
}

func (v *plainView) Show(s engine.State, e engine.Event) {
	old := v.old
	v.old = s
	for _, n := range s.Notices {
		if !slices.Contains(old.Notices, n) {
			v.say("%s", n.Text)
		}
	}
	if s.Attention != old.Attention && old.Attention != "" {
		v.say("%s", map[engine.Attention]string{engine.Paused: "paused: saves are remembered", engine.Following: "following saves again"}[s.Attention])
	}
	if s.Build.Gen != old.Build.Gen && s.Build.Phase == engine.Compiling {
		v.say("%s: building %s (gen %d)", cause(s.Build.Cause, v.dir), s.Settings.Name, s.Build.Gen)
	}
	switch e := e.(type) {
	case engine.Built:
		if s.Build.Phase == engine.Broken && s.Build.DiagnosticsGen == e.Gen {
			v.broken(s)
		}
	case engine.PluginBuilt:
		if s.Build.Phase == engine.Broken && s.Build.DiagnosticsGen == e.Gen {
			v.broken(s)
		}
	case engine.Published:
		if e.Err != "" {
			v.broken(s)
		}
	case engine.Quoted:
		if e.Gen == s.Process.Gen {
			v.quoted(e.Excerpt)
		}
	case engine.Wrote:
		v.wrote(e.Lines)
	case engine.Exited:
		v.exited(s, e)
	}
	v.reports(old, s)
	v.conflict(old.Process, s.Process)
	if s.Last.Gen != 0 && !sameCycle(old.Last, s.Last) {
		if s.Last.Outcome != engine.OutcomeBroken {
			v.mended(s)
		}
		if s.Last.Full != "" && s.Last.Cause.Kind != "start" {
			v.say("full build: %s", s.Last.Full)
		}
		switch s.Last.Outcome {
		case engine.OutcomeReloaded:
			v.say("%s in %s, generation %d, memory kept", s.Last.Road(), brief(s.Last.Took), s.Last.Gen)
			for _, note := range s.Last.Notes {
				v.say("%s", note)
			}
		case engine.OutcomeRefused:
			v.say("%s; the old code runs on", s.Last.Road())
			for _, note := range s.Last.Notes {
				v.say("%s", strings.TrimSuffix(note, "\n"))
			}
		case engine.OutcomeStarted:
			if road := s.Last.Road(); road != "" {
				v.say("%s", road)
			}
			if s.Process.Old {
				v.say("went back to gen %d, an old binary, pid %d; the next save goes on with the newest", s.Process.Gen, s.Process.Pid)
				break
			}
			v.say("started %s, pid %d, gen %d (build %s, whole %s)", s.Settings.Name, s.Process.Pid, s.Process.Gen, brief(s.Last.Build), brief(s.Last.Took))
		case engine.OutcomeUnchanged:
			v.say("unchanged: the binary is the same as the running one, not restarted (build %s)", brief(s.Last.Build))
		case engine.OutcomeBuilt:
			v.say("built in %s, not started", brief(s.Last.Build))
		}
	}
	if p := s.Process; !p.Ready.IsZero() && old.Process.Ready.IsZero() {
		var addrs []string
		for _, port := range p.Usage.Ports {
			addrs = append(addrs, port.Addr)
		}
		v.say("ready: listening on %s", strings.Join(addrs, ", "))
	}
	if s.Phase != old.Phase && s.Phase == engine.Quitting {
		v.say("stopping %s (again to kill it)", s.Settings.Name)
	}
}

// cause is why a build began, in words.
func cause(c engine.Cause, dir string) string {
	switch {
	case len(c.Paths) == 1:
		return relative(c.Paths[0], dir) + " saved"
	case len(c.Paths) > 1:
		return fmt.Sprintf("%s and %d more saved", relative(c.Paths[0], dir), len(c.Paths)-1)
	case c.Kind == "start":
		return "start"
	case c.Kind == "config":
		return "configuration changed"
	case c.Kind == "key":
		return "asked for"
	default:
		return "something changed"
	}
}

// relative is a path as the user would type it.
func relative(path, dir string) string {
	if rel, err := filepath.Rel(dir, path); err == nil && !strings.HasPrefix(rel, ".."+string(filepath.Separator)+"..") {
		return rel
	}
	return path
}

// brief is a duration as a user reads it.
func brief(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func (v *plainView) broken(s engine.State) {
	what := "nothing runs"
	if s.Process.Phase == engine.Up || s.Process.Phase == engine.Starting {
		what = fmt.Sprintf("gen %d keeps running", s.Process.Gen)
	}
	v.printer.print(v.stderr, []byte(diagnostics(s, v.dir)))
	v.mended(s)
	v.say("build broken after %s; %s", brief(s.Last.Build), what)
}

func (v *plainView) wrote(lines []runner.Line) {
	var buf []byte
	var to runner.Stream
	flush := func() {
		if len(buf) > 0 {
			v.printer.print(v.writer(to), buf)
			buf = nil
		}
	}
	for _, l := range lines {
		if l.Partial {
			v.partial[l.Stream] = l.Text
			continue
		}
		delete(v.partial, l.Stream)
		if l.Stream != to {
			flush()
			to = l.Stream
		}
		buf = append(append(buf, l.Text...), '\n')
	}
	flush()
}

func (v *plainView) writer(s runner.Stream) io.Writer {
	if s == runner.Stderr {
		return v.stderr
	}
	return v.stdout
}

func (v *plainView) exited(s engine.State, e engine.Exited) {
	for stream, text := range v.partial {
		v.printer.print(v.writer(stream), []byte(text+"\n"))
	}
	clear(v.partial)
	x := e.Exit
	how := fmt.Sprintf("exit status %d", x.Code)
	if x.Signal != "" {
		how = x.Signal
	}
	switch {
	case x.Err != "" && s.Process.Phase == engine.Crashed: // it is a notice
	case x.Err != "":
		v.say("%s", x.Err)
	case x.Killed:
		v.say("killed: it did not stop in time")
	case x.Stopped:
		return
	case x.Code == 0:
		v.say("%s ended well after %s; waiting for the next save", s.Settings.Name, brief(x.Uptime))
	default:
		v.say("%s crashed: %s after %s; waiting for the next save", s.Settings.Name, how, brief(x.Uptime))
	}
	if x.Left > 0 {
		v.say("ended %d processes that it left behind", x.Left)
	}
}
