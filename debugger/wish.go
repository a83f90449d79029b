package debugger

import (
	"encoding/json"
	"slices"

	"github.com/google/go-dap"
)

// A wish is what a client has asked for. Each new Delve is asked for it, too.
type wish struct {
	initialize json.RawMessage
	attach     json.RawMessage
	exceptions json.RawMessage // nil is none
	functions  points
	sources    []points // one for each file

	ids int // given to breakpoints so far
}

// points are the breakpoints in one file, or at functions, that the client has asked for
// last, with its numbers for them.
type points struct {
	file      string // empty: they are functions
	arguments json.RawMessage
	ids       []int
	lines     []int // as many as ids; nil for functions
}

// want notes the breakpoints that a request asks for, and numbers them.
func (w *wish) want(m message) points {
	p := points{arguments: m.Arguments}
	var count int
	if m.Command == "setBreakpoints" {
		var a dap.SetBreakpointsArguments
		_ = json.Unmarshal(m.Arguments, &a)
		p.file, count = a.Source.Path, len(a.Breakpoints)
		for _, b := range a.Breakpoints {
			p.lines = append(p.lines, b.Line)
		}
	} else {
		count = len(functions(m.Arguments))
	}
	for range count {
		w.ids++
		p.ids = append(p.ids, w.ids)
	}
	if m.Command != "setBreakpoints" {
		w.functions = p
		return p
	}
	w.sources = slices.DeleteFunc(w.sources, func(old points) bool { return old.file == p.file })
	if count > 0 {
		w.sources = append(w.sources, p)
	}
	return p
}

// functions returns the breakpoints in the arguments of setFunctionBreakpoints and the like.
func functions(arguments json.RawMessage) (all []json.RawMessage) {
	_ = json.Unmarshal(fields(arguments)["breakpoints"], &all)
	return all
}

// unverified returns the answer for breakpoints that are not set yet. It gives a reason only
// if that lasts, because some clients show it as an error, and the lines, because others
// (nvim-dap) find the breakpoint by its line.
func (p points) unverified(lasts bool) json.RawMessage {
	why := ""
	if lasts {
		why = "hotdev sets it when the program starts"
	}
	all := []dap.Breakpoint{}
	for i, id := range p.ids {
		b := dap.Breakpoint{Id: id, Message: why}
		if i < len(p.lines) {
			b.Line = p.lines[i]
		}
		all = append(all, b)
	}
	return encode(dap.SetBreakpointsResponseBody{Breakpoints: all})
}

// unset returns the answer for breakpoints that are not set at all.
func unset(arguments json.RawMessage) json.RawMessage {
	return encode(dap.SetBreakpointsResponseBody{Breakpoints: make([]dap.Breakpoint, len(functions(arguments)))})
}

// attachArguments returns the client's arguments with the mode for a Delve that has its
// program already.
func attachArguments(raw json.RawMessage) json.RawMessage {
	f := fields(raw)
	f["mode"] = encode("remote")
	return encode(f)
}

// initializeArguments returns the client's arguments with the protocol's defaults filled
// in, because Delve does not know them.
func initializeArguments(raw json.RawMessage) json.RawMessage {
	f := fields(raw)
	for name, value := range map[string]any{"linesStartAt1": true, "columnsStartAt1": true, "pathFormat": "path"} {
		if f[name] == nil {
			f[name] = encode(value)
		}
	}
	return encode(f)
}

// capabilities returns what every Delve since 1.20 can do; see [Debugger.learn].
func capabilities() map[string]json.RawMessage {
	return fields(encode(dap.Capabilities{
		SupportsConfigurationDoneRequest: true,
		SupportsFunctionBreakpoints:      true,
		SupportsConditionalBreakpoints:   true,
		SupportsEvaluateForHovers:        true,
		SupportsSetVariable:              true,
		SupportsExceptionInfoRequest:     true,
		SupportsDelayedStackTraceLoading: true,
		SupportsLogPoints:                true,
		SupportsDisassembleRequest:       true,
		SupportsClipboardContext:         true,
		SupportsSteppingGranularity:      true,
		SupportsInstructionBreakpoints:   true,
		SupportsRestartRequest:           true,
	}))
}
