package words

import (
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/engine"
)

// Halt says why the debugger keeps the program from running, and where; every form is
// shorter than the one before it. There is none if the program runs. restart is how the
// user restarts it anyhow.
func Halt(s engine.State, restart string) []string {
	h := s.Process.Halt
	if h == nil {
		return nil
	}
	if h.Reason == engine.HaltWaiting {
		const short = "waits before main for a debugger"
		if s.Debugger.Addr == "" {
			return []string{short}
		}
		return []string{short + " at " + s.Debugger.Addr, short, "waits for a debugger"}
	}
	what, short := halted(*h)
	at := ""
	if place := h.Place(s.Settings.Build.Dir); place != "" {
		if filepath.IsAbs(place) {
			place = filepath.Base(place)
		}
		at = " in " + place
	}
	forms := []string{what + at, short + at, short}
	if text, _, _ := strings.Cut(h.Text, "\n"); text != "" {
		forms = append([]string{what + at + ": " + text}, forms...)
	}
	if s.PutOff() {
		forms = append([]string{what + at + ": restart waits (" + restart + " restarts)", short + at + ": restart waits", short + ": restart waits"}, forms[len(forms)-1])
	}
	return forms
}

func halted(h engine.Halt) (what, short string) {
	switch {
	case strings.HasSuffix(h.Reason, "breakpoint"):
		return "stopped at a breakpoint", "stopped"
	case h.Reason == "exception":
		return "stopped at a panic", "stopped at a panic"
	case h.Reason == "entry":
		return "stopped at its start", "stopped"
	case h.Reason == "step":
		return "stopped after a step", "stopped"
	}
	return "stopped by the debugger", "stopped"
}
