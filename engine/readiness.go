package engine

import (
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// Readiness is how it is known that a program is ready, in one of these ways. The
// zero value is by the first port that it is seen to listen on.
type Readiness struct {
	// Port is one that something listens on, on this machine.
	Port int `json:"port,omitempty"`
	// HTTP is a URL that is answered with a status below 400.
	HTTP string `json:"http,omitempty"`
	// Log is a regular expression that a line of the output matches.
	Log string `json:"log,omitempty"`
	// Command is one that succeeds.
	Command []string `json:"command,omitempty"`
	// Timeout is after how long a notice says that it is not ready yet.
	Timeout time.Duration `json:"timeout_ns,omitempty"`
}

// asks reports whether there is anything to look at but the program's own ports.
func (r Readiness) asks() bool {
	return r.Port > 0 || r.HTTP != "" || r.Log != "" || len(r.Command) > 0
}

// String is what has to come true.
func (r Readiness) String() string {
	switch {
	case r.Port > 0:
		return fmt.Sprintf("port %d does not answer", r.Port)
	case r.HTTP != "":
		return r.HTTP + " does not answer with a status below 400"
	case r.Log != "":
		return fmt.Sprintf("no line matches %q", r.Log)
	}
	return fmt.Sprintf("%q does not succeed", r.Command)
}

// watchReady has it looked for that the program that has just come up is ready.
func (s State) watchReady() (State, []Effect) {
	r := s.Settings.Ready
	if !r.asks() || !s.Process.Ready.IsZero() {
		return s, nil
	}
	s.timers++
	s.readying = s.timers
	fx := []Effect{Wait{ID: s.readying, Duration: r.Timeout}}
	if r.Log == "" {
		fx = append(fx, Probe{Gen: s.Process.Gen, Ready: r, Spec: s.Process.spec})
	}
	return s, fx
}

// readied takes the answer of a probe.
func (s State) readied(e Readied) State {
	if p := s.Process; e.Gen != p.Gen || p.Phase != Up || !p.Ready.IsZero() {
		return s
	}
	return s.ready()
}

// readyByLog looks for the line that says that the program is ready.
func (s State) readyByLog(lines []runner.Line) State {
	if s.Process.Ready.IsZero() && s.Settings.Ready.said(lines) {
		return s.ready()
	}
	return s
}

// said reports whether one of lines says that the program is ready.
func (r Readiness) said(lines []runner.Line) bool {
	if r.Log == "" {
		return false
	}
	line, err := regexp.Compile(r.Log)
	return err == nil && slices.ContainsFunc(lines, func(l runner.Line) bool { return line.MatchString(runner.Uncoloured(l.Text)) })
}

// unready says that the program is not ready although it has had its time. It is
// looked for on.
func (s State) unready() State {
	p, r := s.Process, s.Settings.Ready
	if p.Phase != Up || !p.Ready.IsZero() || !r.asks() {
		return s
	}
	return s.notice("ready", fmt.Sprintf("not ready after %v: %s", r.Timeout, r))
}
