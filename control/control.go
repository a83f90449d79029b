// Package control serves clients: hotdev ctl in a shell, and the servers for agents and
// editors that are built on it.
//
// A connection carries one request and one answer, each a line of JSON. Commands are
// sent to the engine as events, like keys; answers are read from the last state. The
// package makes no decisions, and never blocks a loop.
//
// # Theory of operation
//
// A [Server] is a view: it keeps the last state of each program, and wakes those
// that wait for another. Clients save files and ask at once whether the program
// runs with them, before the watch can have noticed. So a request that waits first has
// the watched files compared with the disk ([Options].Look), then sends a Synced event,
// and ignores all states until that event has passed through the loop. A state that is
// settled after that contains everything that was saved before the request.
//
// Each hotdev listens in its own cache folder, beside a file that says which
// project it belongs to; [Find] reads these files and takes the nearest. The folder is
// removed when its hotdev ends. If that was killed, the next hotdev removes the folder;
// until then nobody answers there.
package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// A Request asks a hotdev for one thing.
type Request struct {
	// Verb is one of [Verbs].
	Verb string `json:"verb"`
	// Program is the name of a program of the session; empty means all of them.
	Program string `json:"program,omitempty"`
	// Dir is the folder that paths in Reply.Text are relative to.
	Dir string `json:"dir,omitempty"`

	// Gen is the generation to await, or the one to explain; 0 is the newest.
	Gen int `json:"gen,omitempty"`
	// File, of explain, asks what a save of this file does, instead of a generation.
	File string `json:"file,omitempty"`
	// Ready: wait until the program listens on a port.
	Ready bool `json:"ready,omitempty"`
	// Lenient: with Ready, a program that has never listened is ready when it has
	// been up for a few seconds.
	Lenient bool `json:"lenient,omitempty"`
	// NoWait: answer without waiting for the outcome.
	NoWait bool `json:"no_wait,omitempty"`
	// Timeout is how long to wait; 0 is DefaultTimeout.
	Timeout Duration `json:"timeout,omitempty"`
	// Off, of pause: resume.
	Off bool `json:"off,omitempty"`

	// Since is the first generation whose output logs returns, Grep a regular expression
	// that the lines must match, Tail the greatest number of lines; 0 is DefaultTail.
	Since int    `json:"since,omitempty"`
	Grep  string `json:"grep,omitempty"`
	Tail  int    `json:"tail,omitempty"`

	// Packages are those whose tests are to run: import paths or absolute folders, with
	// /... at the end also all below; All: all tests, Only: only those that failed.
	// Pattern is for -run; Cover: those of what has changed since the last commit, with its
	// coverage.
	Packages []string `json:"packages,omitempty"`
	All      bool     `json:"all,omitempty"`
	Only     bool     `json:"only,omitempty"`
	Pattern  string   `json:"pattern,omitempty"`
	Cover    bool     `json:"cover,omitempty"`

	// Kind, of profile, is that of the profile; see [ProfileKinds]. Seconds are how long
	// the program is observed, where that is asked for; 0 is as long as the kind does.
	Kind    string `json:"kind,omitempty"`
	Seconds int    `json:"seconds,omitempty"`

	// After, of errors, is the Token of an earlier answer: the request is answered when
	// the answer is another one.
	After string `json:"after,omitempty"`
}

// Bounds of what a request may ask for.
const (
	DefaultTimeout = 60 * time.Second
	DefaultTail    = 200
)

// A Duration is a time span that is a string in JSON: "1m30s".
type Duration time.Duration

// MarshalText writes a duration as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what Go writes.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf(`%q is not a duration such as "90s" or "1m30s"`, text)
	}
	*d = Duration(v)
	return nil
}

// A Reply answers a Request.
type Reply struct {
	Code Code `json:"code"`
	// Text is the answer in English, in lines. It is not cleaned: file names and the
	// output of programs may contain anything.
	Text string `json:"text"`
	// Report is the same answer as data; it is the zero value if the request failed.
	Report Report `json:"report,omitzero"`
	// Token identifies this answer, for a Request's After.
	Token string `json:"token,omitempty"`
}

// Code is how a request went; it is the exit code of hotdev ctl.
type Code int

// The codes. Broken: the request was carried out, but the saved code does not run: the
// build is broken, the program has crashed, it did not take the new code, or hotdev is
// paused.
const (
	OK      Code = 0
	Broken  Code = 1
	Usage   Code = 2
	None    Code = 3 // no hotdev runs here
	Timeout Code = 4
)

// mistake is the answer to a request that makes no sense.
func mistake(format string, args ...any) Reply {
	return Reply{Code: Usage, Text: fmt.Sprintf(format, args...) + "\n"}
}

// parse reads a request, strictly: an older hotdev must not ignore fields that it does not
// know.
func parse(line []byte) (Request, error) {
	var r Request
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return r, fmt.Errorf("not a request: %w", err)
	}
	if d.More() {
		return r, fmt.Errorf("not a request: more than one value on a line")
	}
	return r, r.check()
}
