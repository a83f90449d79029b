package debugger

import (
	"encoding/json"
	"slices"

	"github.com/google/go-dap"
)

// A wish is what a client has asked for, to be asked of every Delve anew.
type wish struct {
	initialize json.RawMessage
	attach     json.RawMessage
	exceptions json.RawMessage // nil is none
	functions  points
	sources    []points // one for each file

	ids int // given to breakpoints so far
}

// points are breakpoints of one kind, as the client has asked for them last, with the
// number that it knows each by.
type points struct {
	file      string // empty: they are functions
	arguments json.RawMessage
	ids       []int
}

// want notes what a request for breakpoints asks for, and numbers them.
func (w *wish) want(m message) points {
	p := points{arguments: m.Arguments}
	var count int
	if m.Command == "setBreakpoints" {
		var a dap.SetBreakpointsArguments
		_ = json.Unmarshal(m.Arguments, &a)
		p.file, count = a.Source.Path, len(a.Breakpoints)
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

// functions are the breakpoints that a setFunctionBreakpoints asks for.
func functions(arguments json.RawMessage) (all []json.RawMessage) {
	_ = json.Unmarshal(fields(arguments)["breakpoints"], &all)
	return all
}

// unverified answers for breakpoints that are not set yet. The reason is only worth a word
// where it lasts, because some clients show it as an error.
func (p points) unverified(lasts bool) json.RawMessage {
	why := ""
	if lasts {
		why = "hotdev sets it when the program starts"
	}
	all := []dap.Breakpoint{}
	for _, id := range p.ids {
		all = append(all, dap.Breakpoint{Id: id, Message: why})
	}
	return encode(dap.SetBreakpointsResponseBody{Breakpoints: all})
}

// unset answers for breakpoints that nobody sets.
func unset(arguments json.RawMessage) json.RawMessage {
	return encode(dap.SetBreakpointsResponseBody{Breakpoints: make([]dap.Breakpoint, len(functions(arguments)))})
}

// attachArguments are the client's for a Delve that has its program already, whatever
// it has asked for itself.
func attachArguments(raw json.RawMessage) json.RawMessage {
	f := fields(raw)
	f["mode"] = encode("remote")
	return encode(f)
}

// initializeArguments are the client's, with the defaults of the protocol, which Delve
// wants to read.
func initializeArguments(raw json.RawMessage) json.RawMessage {
	f := fields(raw)
	for name, value := range map[string]any{"linesStartAt1": true, "columnsStartAt1": true, "pathFormat": "path"} {
		if f[name] == nil {
			f[name] = encode(value)
		}
	}
	return encode(f)
}

// capabilities are what every Delve of the last years can do; see [Debugger.learn].
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
