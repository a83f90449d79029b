package control

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/profiler"
)

// A Profile is one of a program, the heaviest functions first.
type Profile struct {
	Kind string `json:"kind"`
	// File is where it is kept, in the format of go tool pprof or go tool trace.
	File string `json:"file"`
	// From is what gave it: an address, or live code.
	From string `json:"from"`
	// Total is the sum over all samples, in Unit: "nanoseconds", "bytes" or "count".
	Total int64  `json:"total"`
	Unit  string `json:"unit,omitempty"`
	// Functions are the heaviest, Omitted how many more there are.
	Functions []Function `json:"functions,omitempty"`
	Omitted   int        `json:"omitted,omitempty"`
}

// A Function is one in a Profile.
type Function struct {
	Name string `json:"function"`
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	// Own is its part of the total, All with what it calls.
	Own int64 `json:"own"`
	All int64 `json:"all"`
	// Library: it is of the standard library or a downloaded module.
	Library bool `json:"library,omitempty"`
}

// Bounds of profiles: how many functions are told, and the longest observation.
const (
	maxFunctions = 40
	maxSeconds   = 600
)

// ProfileKinds are the names of the kinds of profiles.
func ProfileKinds() (names []string) {
	for _, k := range profiler.Kinds() {
		names = append(names, k.Name)
	}
	return names
}

// ProfileTime is how long a request for a profile may take that observes the program
// for a number of seconds; 0 is as long as its kind does.
func ProfileTime(seconds int) Duration {
	return Duration(DefaultTimeout + time.Duration(seconds)*time.Second)
}

// checkProfile says what makes no sense in a request for a profile.
func (r Request) checkProfile() error {
	if r.Verb != "profile" {
		return nil
	}
	if !slices.Contains(ProfileKinds(), r.Kind) {
		return fmt.Errorf("profile: no such kind: %q (there are %s)", r.Kind, strings.Join(ProfileKinds(), ", "))
	}
	if r.Seconds < 0 || r.Seconds > maxSeconds {
		return fmt.Errorf("profile: seconds are from 1 to %d", maxSeconds)
	}
	return nil
}

// profile takes a profile of the program that runs.
func (a answer) profile(ctx context.Context) Reply {
	if len(a.names) != 1 {
		return mistake("profile: of which program? There is %s", strings.Join(a.names, ", "))
	}
	name := a.names[0]
	l, _ := a.board.see()
	s := l.programs[name]
	failed := func(why string) Reply {
		r := a.reply(Broken, l, func(p Program, _ engine.State) (Program, string) { return p, "" })
		r.Text = name + ": " + why + "\n"
		return r
	}
	if s.Process.Phase != engine.Up || a.Profile == nil {
		return failed("no program runs that a profile could be taken of")
	}
	i := slices.IndexFunc(profiler.Kinds(), func(k profiler.Kind) bool { return k.Name == a.q.Kind })
	kind := profiler.Kinds()[i].For(time.Duration(a.q.Seconds) * time.Second)
	taken, err := a.Profile(ctx, slices.Index(a.Programs, name), kind, status(name, s).Listening)
	switch {
	case ctx.Err() != nil:
		return Reply{Code: Timeout, Text: fmt.Sprintf("%s: no profile within %v\n", name, a.timeout)}
	case err != nil:
		return failed(err.Error())
	}
	p := Profile{Kind: kind.Name, File: taken.File, From: taken.From, Total: taken.Total, Unit: taken.Unit}
	for _, r := range taken.Rows[:min(len(taken.Rows), maxFunctions)] {
		p.Functions = append(p.Functions, Function{Name: r.Function, File: r.File, Line: r.Line, Own: r.Flat, All: r.Cum, Library: r.Library})
	}
	p.Omitted = len(taken.Rows) - len(p.Functions)
	r := a.reply(OK, l, func(q Program, _ engine.State) (Program, string) { return q, "" })
	r.Report.Profile = &p
	r.Text = profileText(a.q.Dir, name, p)
	return r
}

// profileText is a profile as a table.
func profileText(dir, name string, p Profile) string {
	var b strings.Builder
	if p.Unit == "" { // a trace
		fmt.Fprintf(&b, "%s of %s, from %s\n  go tool trace %s\n", p.Kind, name, p.From, p.File)
		return b.String()
	}
	fmt.Fprintf(&b, "%s of %s: %s in all, from %s\n  go tool pprof %s\n", p.Kind, name, words.Amount(p.Unit, p.Total), p.From, p.File)
	fmt.Fprintf(&b, "%10s %5s  %10s %5s  function and place\n", "own", "", "with calls", "")
	for _, f := range p.Functions {
		place := words.Path(dir, f.File)
		if f.Line > 0 {
			place += ":" + strconv.Itoa(f.Line)
		}
		fmt.Fprintf(&b, "%10s %5s  %10s %5s  %s  %s\n", words.Amount(p.Unit, f.Own), words.Percent(f.Own, p.Total), words.Amount(p.Unit, f.All), words.Percent(f.All, p.Total), f.Name, place)
	}
	if p.Omitted > 0 {
		fmt.Fprintf(&b, "%s more\n", words.Count(p.Omitted, "function"))
	}
	return b.String()
}
