// Package lines reports what happens without a screen: in sentences, or as a line of
// JSON for every event.
//
// Views must not block the loop, and outputs can be slow, so a [Printer] buffers what
// is printed and never blocks. Most of it comes from the program, which [Printer.Room]
// slows down.
package lines

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/qr"
	"github.com/hotdev/hotdev/internal/safe"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
)

// A Plain is a view that prints in lines what the screen would show: a program's output
// goes to the stream that the program chose, hotdev's own words go to stderr. If there
// are several programs, each line begins with the name of its program. Paths are
// relative to dir.
type Plain struct {
	printer        *Printer
	stdout, stderr Out
	dir            string
	own            *voice // for what concerns no program, and for an only program
	voices         []*voice
	tests          testVoice
}

func NewPlain(p *Printer, stdout, stderr Out, dir string) *Plain {
	v := &Plain{printer: p, stdout: stdout, stderr: stderr, dir: dir, own: newVoice(newEcho(p, stdout, stderr), dir)}
	v.own.camera = stderr
	return v
}

// Say prints a sentence of hotdev's own.
func (v *Plain) Say(format string, args ...any) { v.own.say(format, args...) }

func (v *Plain) Show(all session.State, program int, e engine.Event) {
	if v.voices == nil {
		v.voices = v.cast(all)
	}
	v.voices[program].show(all.Programs[program].State, e)
}

// cast returns a voice for each program.
func (v *Plain) cast(all session.State) []*voice {
	if len(all.Programs) == 1 {
		return []*voice{v.own}
	}
	width := 0
	for _, p := range all.Programs {
		width = max(width, utf8.RuneCountInString(p.Name))
	}
	var voices []*voice
	for i, p := range all.Programs {
		name := p.Name + strings.Repeat(" ", width-utf8.RuneCountInString(p.Name))
		one := newVoice(newTag(v.printer, v.stdout, v.stderr, name, i), v.dir)
		one.camera = v.stderr
		voices = append(voices, one)
	}
	return voices
}

// A voice prints the lines about one program.
type voice struct {
	echo   mouth
	camera Out // what a QR code is drawn on, if it is a terminal
	dir    string
	old    engine.State
	told   int // the generation whose fixed errors were printed
}

// A mouth is how a voice's words, and the program's output, reach the outputs.
type mouth interface {
	// say prints whole lines of hotdev's own.
	say(text string)
	// wrote prints the program's output; over ends its incomplete lines.
	wrote(lines []runner.Line)
	over()
}

func newVoice(m mouth, dir string) *voice { return &voice{echo: m, dir: dir} }

func (v *voice) say(format string, args ...any) {
	v.echo.say(safe.Text(fmt.Sprintf("hotdev: "+format+"\n", args...)))
}

func (v *voice) show(s engine.State, e engine.Event) {
	old := v.old
	v.old = s
	for _, n := range s.Notices {
		if !slices.Contains(old.Notices, n) {
			v.say("%s", n.Text)
		}
	}
	if s.Fixed != old.Fixed && s.Fixed != "" {
		v.say("fixed: %s", strings.ReplaceAll(s.Fixed, "\n", "\nhotdev: fixed: "))
	}
	if s.Attention != old.Attention && old.Attention != "" {
		v.say("%s", map[engine.Attention]string{engine.Paused: "paused: saves are remembered", engine.Following: "following saves again"}[s.Attention])
	}
	if s.Build.Gen != old.Build.Gen && s.Build.Phase == engine.Compiling {
		v.say("%s: building %s (gen %d)", words.Cause(v.dir, s.Build.Cause), s.Settings.Name, s.Build.Gen)
	}
	switch e := e.(type) {
	case engine.Changed:
		if len(e.Texts) > 0 && s.Phase == engine.Running && len(s.Texts()) > 0 {
			v.say("%s: only its text is new, and the program reads it: nothing is built", words.Path(v.dir, s.Texts()[0]))
		}
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
	case engine.Started:
		if s.Settings.Task != nil && e.Gen == s.Process.Gen {
			v.say("%s: running %s (gen %d)", words.Cause(v.dir, s.Build.Cause), s.Settings.Name, e.Gen)
		}
	case engine.Wrote:
		v.echo.wrote(e.Lines)
	case engine.Exited:
		v.exited(s, e)
	case engine.Ended:
		v.ended(s, e.Cycle)
	case engine.Shown:
		v.say("%s", words.Shown(e))
	case engine.Debuggable:
		if e.Err == "" {
			v.say("debugger: attach at %s; the program is built for it, and every change restarts it", e.Addr)
		}
	case engine.Attached:
		if e.Client != "" {
			v.say("debugger: %s is attached", e.Client)
		} else {
			v.say("debugger: detached; the program goes on")
		}
	case engine.Halted:
		if halt := words.Halt(s, "hotdev ctl restart"); halt != nil && e.Reason != "step" {
			v.say("%s", halt[0])
		}
	case engine.Resumed:
		if old.Process.Halt != nil {
			v.say("the program goes on")
		}
	}
	if s.PutOff() && !old.PutOff() {
		v.say("%s", words.Halt(s, "hotdev ctl restart")[0])
	}
	if s.Web.Addr != old.Web.Addr && s.Web.Addr != "" {
		v.say("web: %s", s.Web.Addr)
	}
	if s.Web.LAN != old.Web.LAN && s.Web.LAN != "" {
		v.lan(s.Web.LAN)
	}
	if text := words.Awaits(s); text != "" && text != words.Awaits(old) && !v.soon(s) {
		v.say("%s", text)
	}
	v.reports(old, s)
	v.conflict(old.Process, s.Process)
	if p := s.Process; !p.Ready.IsZero() && old.Process.Ready.IsZero() {
		var addrs []string
		for _, port := range p.Usage.Ports {
			addrs = append(addrs, port.Addr)
		}
		if len(addrs) > 0 {
			v.say("ready: listening on %s", strings.Join(addrs, ", "))
		} else {
			v.say("ready")
		}
	}
	switch {
	case s.Phase != engine.Quitting || s.Phase == old.Phase && (len(old.Needed) == 0 || len(s.Needed) > 0):
	case s.Settings.Task != nil && words.Again(s) == "": // it does not stop: it runs now
	case len(s.Needed) == 0:
		v.say("stopping %s (again to kill it)", s.Settings.Name)
	default:
		v.say("stopping %s after %s (again to kill it)", s.Settings.Name, strings.Join(s.Needed, ", "))
	}
}

// lan says that there is an address for other devices, and draws it for their cameras.
func (v *voice) lan(addr string) {
	v.say("lan: %s: %s", addr, words.LAN)
	if !v.camera.Terminal {
		return
	}
	for _, line := range qr.Lines(addr, !v.camera.Colour) {
		if v.camera.Colour {
			line = "\x1b[30;107m" + line + "\x1b[0m"
		}
		v.echo.say(line + "\n")
	}
}

// soon reports whether a wait is too short for a line: a save that waits for tasks. If
// a task fails, a notice says so.
func (v *voice) soon(s engine.State) bool {
	return len(s.WaitsFor()) > 0 && (s.Gen > 0 || len(s.Blocked.By) == 0)
}

// ended prints how a cycle ended.
func (v *voice) ended(s engine.State, c engine.Cycle) {
	if c.Outcome != engine.OutcomeBroken {
		v.resolved(s)
	}
	if c.Full != "" && c.Cause.Kind != engine.ByStart {
		v.say("full build: %s", c.Full)
	}
	if text := words.Linked(c); text != "" {
		v.say("%s", text)
	}
	switch c.Outcome {
	case engine.OutcomePassed:
		v.say("%s %s", s.Settings.Name, words.Outcome(c, " · "))
	case engine.OutcomeReloaded, engine.OutcomePatched, engine.OutcomeRefused:
		v.say("%s", words.Outcome(c, " · "))
		for _, note := range c.Notes {
			v.say("%s", strings.TrimSuffix(note, "\n"))
		}
	case engine.OutcomeStarted:
		if road := c.Road(); road != "" {
			v.say("%s", road)
		}
		if s.Process.Old {
			v.say("went back to gen %d, an old binary, pid %d; the next save returns to the newest", s.Process.Gen, s.Process.Pid)
			break
		}
		if s.Settings.Command {
			v.say("started %s, pid %d", s.Settings.Name, s.Process.Pid)
			break
		}
		v.say("started %s, pid %d, gen %d (build %s, whole %s)", s.Settings.Name, s.Process.Pid, s.Process.Gen, words.Took(c.Build), words.Took(c.Took))
	case engine.OutcomeUnchanged:
		v.say("%s (build %s)", words.Outcome(c, " · "), words.Took(c.Build))
	case engine.OutcomeBuilt:
		v.say("built in %s, not started", words.Took(c.Build))
	}
}

func (v *voice) broken(s engine.State) {
	what := "nothing runs"
	if s.Process.Phase == engine.Up || s.Process.Phase == engine.Starting {
		what = fmt.Sprintf("gen %d keeps running", s.Process.Gen)
	}
	v.echo.say(Diagnostics(s, v.dir))
	v.resolved(s)
	v.say("build broken after %s; %s", words.Took(s.Last.Build), what)
}

func (v *voice) exited(s engine.State, e engine.Exited) {
	v.echo.over()
	x := e.Exit
	task := s.Settings.Task != nil
	switch {
	case task && s.Build.Phase == engine.Broken && s.Build.DiagnosticsGen == e.Gen:
		v.echo.say(Diagnostics(s, v.dir))
		v.resolved(s)
		v.say("%s failed after %s%s", s.Settings.Name, words.Took(x.Uptime), words.Again(s))
	case task && x.Code == 0 && x.Err == "": // the cycle's line has it
	case x.Err != "" && s.Process.Phase == engine.Crashed: // a notice has it
	case x.Err != "":
		v.say("%s", x.Err)
	case x.Overdue > 0: // a notice has it
	case x.Killed:
		v.say("killed")
	case x.Stopped:
		return
	case x.Code == 0:
		v.say("%s ended: %s after %s; %s", s.Settings.Name, words.Ending(x), words.Took(x.Uptime), words.Next(s))
	default:
		v.say("%s crashed: %s after %s; %s", s.Settings.Name, words.Ending(x), words.Took(x.Uptime), words.Next(s))
	}
	if x.Left > 0 {
		v.say("ended %s", words.Left(x.Left))
	}
}
