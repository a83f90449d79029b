// Package control answers clients: hotdev ctl in a shell, and what is made of it
// for agents and editors.
//
// A request is a line of JSON on a connection of its own, the answer another.
// What a client asks for is an event of the engine, like a key; what it is told is
// read from the last state. Nothing here decides anything, and nothing keeps a
// loop waiting.
//
// # Theory of operation
//
// A [Server] is a view: it keeps the last state of each program, and wakes those
// that wait for another. Clients save files and ask at once whether the program
// runs with them, before the watch could have noticed. So whatever waits first has
// the disk compared with what is known ([Options].Look), sends a Synced event after
// what that found, and looks at no state before it has seen the Synced come out of
// the loop. What then is settled was made of all that had been saved before the
// request.
//
// Each hotdev listens in its own cache folder, beside a file that says which
// project it is about; [Find] reads these files and takes the nearest. The folder
// goes when its hotdev ends, in whatever way, at the latest when the next one
// sweeps; until then nobody answers there.
package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// A Request asks one thing of a hotdev.
type Request struct {
	// Verb is one of [Verbs].
	Verb string `json:"verb"`
	// Program is one of a session's; empty is all of them.
	Program string `json:"program,omitempty"`
	// Dir is what paths in Text are relative to.
	Dir string `json:"dir,omitempty"`

	// Gen is the generation to await, or the one to explain; 0 is the newest.
	Gen int `json:"gen,omitempty"`
	// File is what to explain, in place of a generation: what a save of it does.
	File string `json:"file,omitempty"`
	// Ready: to await that the program listens on a port.
	Ready bool `json:"ready,omitempty"`
	// Lenient: with Ready, a program that has never listened is ready when it has
	// been up for a few seconds.
	Lenient bool `json:"lenient,omitempty"`
	// NoWait: not to wait for what was asked for.
	NoWait bool `json:"no_wait,omitempty"`
	// Timeout is how long to wait; 0 is DefaultTimeout.
	Timeout Duration `json:"timeout,omitempty"`
	// Off: to undo (pause).
	Off bool `json:"off,omitempty"`

	// Since is the generation that lines of the log begin with, Grep a regular
	// expression that they match, Tail how many there are at most; 0 is DefaultTail.
	Since int    `json:"since,omitempty"`
	Grep  string `json:"grep,omitempty"`
	Tail  int    `json:"tail,omitempty"`

	// Packages are those whose tests are to run: import paths or absolute folders, with
	// /... at the end also all below; All: all tests, Only: only those that failed.
	// Pattern is for -run.
	Packages []string `json:"packages,omitempty"`
	All      bool     `json:"all,omitempty"`
	Only     bool     `json:"only,omitempty"`
	Pattern  string   `json:"pattern,omitempty"`

	// After is the Token of an earlier answer (errors): it is answered when there is
	// something else to say.
	After string `json:"after,omitempty"`
}

// Bounds of what a request may ask for.
const (
	DefaultTimeout = 60 * time.Second
	DefaultTail    = 200
)

// A Duration is a time span that JSON has as a text: "1m30s".
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
	// Text says it in English, in lines. It is raw: names of files and what programs
	// print may hold anything.
	Text string `json:"text"`
	// Report is the same as data; its zero value comes with an error.
	Report Report `json:"report,omitzero"`
	// Token is of this answer, for a Request's After.
	Token string `json:"token,omitempty"`
}

// Code is how a request went; it is the exit code of hotdev ctl.
type Code int

// The codes. Broken: it was done, but what is saved does not run: the build is
// broken, the program crashed, it did not take in the new code, or hotdev does not
// follow saves now.
const (
	OK      Code = 0
	Broken  Code = 1
	Usage   Code = 2
	None    Code = 3 // there is no hotdev
	Timeout Code = 4
)

// mistake is the answer to a request that makes no sense.
func mistake(format string, args ...any) Reply {
	return Reply{Code: Usage, Text: fmt.Sprintf(format, args...) + "\n"}
}

// parse reads a request, strictly: what an older hotdev does not know, it must not
// ignore.
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
