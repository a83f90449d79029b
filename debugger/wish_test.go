package debugger

import (
	"encoding/json"
	"testing"

	"github.com/google/go-dap"
)

// Clients find a breakpoint by the line in the answer, before it is set as well.
func TestUnverifiedHaveLines(t *testing.T) {
	var w wish
	p := w.want(message{Command: "setBreakpoints", Arguments: json.RawMessage(`{"source": {"path": "main.go"}, "breakpoints": [{"line": 24}, {"line": 36}]}`)})
	var b dap.SetBreakpointsResponseBody
	if err := json.Unmarshal(p.unverified(false), &b); err != nil {
		t.Fatal(err)
	}
	for i, line := range []int{24, 36} {
		if i >= len(b.Breakpoints) || b.Breakpoints[i].Line != line || b.Breakpoints[i].Id != i+1 || b.Breakpoints[i].Verified {
			t.Fatalf("breakpoint %d of %+v: want an unverified one in line %d", i+1, b.Breakpoints, line)
		}
	}
}
