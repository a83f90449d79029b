package words

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
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
	if file := Path(s.Settings.Build.Dir, h.File); file != "" {
		if filepath.IsAbs(file) {
			file = filepath.Base(file)
		}
		at = fmt.Sprintf(" in %s:%d", file, h.Line)
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

// DebuggedTest names the test under the debugger.
func DebuggedTest(s tester.State) string {
	if s.Debug.Test.Test == "" {
		return TestPackage(s, s.Debug.Test.Package)
	}
	return s.Debug.Test.Test
}

// TestDebug says what the test under the debugger does, or how it ended.
func TestDebug(d tester.DebugState) string {
	switch {
	case d.Over && d.Err != "":
		return d.Err
	case d.Over && d.Passed:
		return "it passed"
	case d.Over:
		return "it failed again"
	case d.Addr == "":
		return "building"
	case d.Client != "":
		return d.Client + " is attached"
	case d.Begun:
		return "runs to its end without a debugger"
	}
	return "attach your debugger to " + d.Addr
}
