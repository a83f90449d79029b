package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
)

// Live code: changed functions go straight into the running program, if the
// builder finds that provably right. The program is learned once it is up; from
// then on a save's build patches it instead of linking. Where it may not, the same
// build links, and the program restarts, for the reason that is said.

// LiveCode is whether the user wants it for now.
type LiveCode string

// Changed functions go into the running program where that is possible, or every
// change restarts it, until the user says otherwise (key l).
const (
	LiveOn  LiveCode = "on"
	LiveOff LiveCode = "off"
)

// Patching is what of live code is in force for the running program.
type Patching struct {
	// Able: the program was learned, and takes patches. If not, Why may say why.
	Able bool
	Why  string
	// Patches counts those that the program took, Bytes is the memory that they take.
	Patches, Bytes int
	// Functions are the newest patches of functions, by symbol.
	Functions map[string]FunctionPatch

	// By path, the generation of the newest text of the sources that were patched; by the
	// name that stacks have for it, that of the newest code.
	files, code map[string]int
}

// A FunctionPatch is when a function was patched.
type FunctionPatch struct {
	Gen int
	At  time.Time
}

// patches reports whether a build for this cause may go into the running program.
// Where it may not, though the user might expect it to, it says why; fallback is why
// live code is not in force at all, which is nothing to be told of each time.
func (s State) patches(cause Cause, w want) (ok bool, why, fallback string) {
	p := s.Process
	switch {
	case w != wantCurrent, cause.Kind != BySave && cause.Kind != ByKey, len(p.Live.Loaded) > 0:
	case p.Phase != Up, p.after != afterNothing, p.Desire == ToRest, p.Old, p.Gen != s.Build.Published, s.Build.renaming > 0:
	case s.Debugging():
	case !s.Settings.Build.Live:
		return false, "", s.Settings.NoLive
	case !p.Patching.Able:
		return false, "", cmp.Or(p.Patching.Why, "live code was not ready yet")
	case s.LiveCode == LiveOff:
		return false, "live code is turned off", ""
	case !sameSpec(p.spec, s.spec()):
		return false, "the program's arguments or environment changed", ""
	case len(s.reread(cause)) > 0: // it reads them when it starts
		return false, s.changedWords(s.reread(cause)), ""
	default:
		return true, "", ""
	}
	return false, "", ""
}

// prepareLive has a program that has just come up learned.
func (s State) prepareLive() []Effect {
	if !s.request().Live || s.Process.Debug != NotDebugged || s.Process.Old || s.Process.Gen != s.Build.Published {
		return nil
	}
	return []Effect{Learn{Gen: s.Process.Gen, Request: s.Settings.Build}}
}

func (s State) patchable(e Patchable) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase != Up && p.Phase != Starting {
		return s, nil
	}
	p.Patching.Able, p.Patching.Why = e.Why == "", e.Why
	return s, nil
}

// switchLive turns live code off for now, or on again.
func (s State) switchLive() (State, []Effect) {
	if s.Phase != Running || !s.Settings.Build.Live {
		return s, nil
	}
	if s.LiveCode == LiveOff {
		s.LiveCode = LiveOn
	} else {
		s.LiveCode = LiveOff
	}
	return s, nil
}

// notePatch remembers what a patch has brought into the running program.
func (s State) notePatch(gen, host int, r *builder.Patched) State {
	p := &s.Process
	if r == nil || host != p.Gen || gen <= p.Live.Gen {
		return s
	}
	s.Build.newest = max(s.Build.newest, gen) // the published binary is an older one
	p.Live.Gen = gen
	if len(r.Functions) > 0 {
		p.Patching.Patches++
	}
	p.Patching.Bytes += r.Bytes
	functions := maps.Clone(p.Patching.Functions)
	if functions == nil {
		functions = map[string]FunctionPatch{}
	}
	for _, f := range r.Symbols {
		functions[f] = FunctionPatch{gen, s.Now}
	}
	p.Patching.Functions = functions
	p.Patching.files, p.Patching.code = stamped(p.Patching.files, r.Files, gen), stamped(p.Patching.code, r.Code, gen)
	// What an earlier life left behind (crashedPatched) is answered by now.
	return s.disinherit().notice("linger", "")
}

// stamped is m with a generation for keys.
func stamped(m map[string]int, keys []string, gen int) map[string]int {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]int{}
	}
	for _, k := range keys {
		m[k] = gen
	}
	return m
}

// disinherit forgets the reports that the life before left.
func (s State) disinherit() State {
	p := &s.Process
	p.Reports, p.Bequeathed = slices.Clone(p.Reports[p.Bequeathed:]), 0
	return s
}

// patched takes a build that went into the running program. cycle is its own.
func (s State) patched(e Built, c Cycle) (State, []Effect) {
	r, p, w := e.Result.Patched, &s.Process, s.Build.want
	s = s.notePatch(e.Gen, e.Host, r)
	files := s.reread(c.Cause)
	switch {
	case e.Host == p.Gen && s.crashedPatched() != "": // so soon that nobody was told of the patch
		return s.replaceCrashed(s.crashedPatched())
	case p.Desire == ToRest:
		return s.outcome(c, OutcomeBuilt).again(nil)
	case e.Host != p.Gen, p.Phase != Up, p.after != afterNothing, w != wantCurrent:
		// Meanwhile it ended, or a key asked for a new start.
		return s.begin(c.Cause, w, nil)
	case len(files) > 0:
		// Saved meanwhile: the program has to start for their sake anyway.
		return s.restart(c.Cause, s.changedWords(files))
	}
	c.Slots, c.Notes, c.Reason = r.Functions, r.Notes, ""
	if len(c.Slots) == 0 && len(c.Notes) > 0 {
		c.Reason, c.Notes = c.Notes[0], c.Notes[1:]
	}
	s = s.outcome(c, OutcomePatched)
	if len(c.Slots) > 0 { // else the same code runs from here on
		s.Log = s.Log.Mark(p.Gen, Mark{Gen: e.Gen, Cause: c.Cause, Patched: true, Took: s.Last.Took})
	}
	return s.again(nil)
}

// lingered says what the last patch could not reach. What it says of an older one
// is old.
func (s State) lingered(e Lingered) (State, []Effect) {
	if e.Host != s.Process.Gen || s.Process.Phase != Up || e.Gen != s.Build.newest {
		return s, nil
	}
	return s.notice("linger", strings.Join(e.Notes, "\n")), nil
}

// A program that panics to death right after a patch, in what was patched, is
// started once from the sources as they are: with a restart in the patch's place it
// would have come to the same request with the new code, too. If that program
// crashes, it waits like any other.

// freshly is how long after a patch a crash in it is the patch's: time enough to
// look at a page after a save.
const freshly = 5 * time.Second

// crashedPatched says, of a program that has just crashed, in which patched
// function; empty if it was not in one that had just been patched.
func (s State) crashedPatched() string {
	p := s.Process
	if p.Phase != Crashed || len(p.Reports) == 0 || p.Exit == nil {
		return ""
	}
	for _, f := range p.Reports[len(p.Reports)-1].Frames {
		if name, at, ok := p.Patching.of(f.Func); ok && p.Since.Sub(at.At) <= freshly {
			return fmt.Sprintf("it crashed in patched code: %s (gen %d)", readable(name), at.Gen)
		}
	}
	return ""
}

// of is the patch of the function that a frame is in.
func (p Patching) of(frame string) (symbol string, at FunctionPatch, ok bool) {
	frame = withoutTypes(frame)
	for name, f := range p.Functions {
		rest, found := strings.CutPrefix(frame, withoutTypes(name))
		// Its closures and loop bodies are named after it.
		if found && (rest == "" || rest[0] == '.' || rest[0] == '-') {
			return name, f, true
		}
	}
	return "", FunctionPatch{}, false
}

// exact reports whether the line of a stack's i-th frame is that of the sources as
// they are now: only code that came with or after the newest text of its file knows
// that. What is inlined has the lines that the code around it was compiled with;
// lagging says that the program was linked with old ones in some of that.
func (p Patching) exact(frames []crash.Frame, i int, lagging bool) bool {
	around := frames[i]
	for _, f := range frames[i:] {
		if around = f; !f.Inlined {
			break
		}
	}
	code, patched := p.code[withoutTypes(around.Func)]
	if patched && strings.Contains(around.Func, "[") { // which of the instances is not known
		code = 0
	}
	if !patched && lagging && frames[i].Inlined {
		return false
	}
	return code >= p.files[frames[i].File] && !(around.Inlined && len(p.files) > 0)
}

// replaceCrashed starts a crashed program from the current sources. Its reports
// stay in sight until something answers them.
func (s State) replaceCrashed(why string) (State, []Effect) {
	s.Process.bequeath = true
	s.waiting = 0
	var fx []Effect
	if s.Build.Phase == Compiling {
		s.Build.want = max(s.Build.want, wantCurrent)
	} else {
		s, fx = s.begin(Cause{Kind: ByCrash}, wantCurrent, nil)
	}
	s.Build.Reason = why
	return s, fx
}

// patchedWords names what was patched: "patched 2 functions: main.route, (*Store).Add".
func (c Cycle) patchedWords() string {
	const most = 3
	if len(c.Slots) == 0 {
		return "no effect: " + cmp.Or(c.Reason, "no function of the program changed")
	}
	names := strings.Join(c.Slots[:min(len(c.Slots), most)], ", ")
	if n := len(c.Slots) - most; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return "patched " + counted(len(c.Slots)) + ": " + names
}

// readable is a function's symbol as a developer knows it: (*Store).List,
// main.route.
func readable(symbol string) string {
	name := symbol[strings.LastIndexByte(symbol, '/')+1:]
	if _, method, ok := strings.Cut(name, "."); ok && strings.HasPrefix(method, "(") {
		name = method
	}
	return strings.ReplaceAll(name, "%2e", ".")
}

// withoutTypes leaves type arguments out of a function's name.
func withoutTypes(name string) string {
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if i < 0 || j < i {
		return name
	}
	return name[:i] + name[j+1:]
}
