package lines

import (
	"bytes"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/engine"
)

const poison = "\x1b]8;;http://x\x07\x1b]0;t\x1b\\\x1b[2J\u009b1m\r\u202e\u2066\x9b\x00"

// Without a screen as with one, names and messages act on no terminal.
func TestPlainIsSafe(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter()
	v := newVoice(newEcho(p, Out{Writer: &out}, Out{Writer: &out}), "/p")
	s := engine.State{
		Phase: engine.Running, Notices: []engine.Notice{{Text: "notice " + poison}},
		Build: engine.BuildState{Phase: engine.Compiling, Gen: 1, Cause: engine.Cause{Kind: "save", Paths: []string{"/p/a" + poison + ".sql"}}},
	}
	v.show(s, engine.Changed{})
	s.Build.Phase = engine.Broken
	s.Build.Diagnostics = []builder.Diagnostic{{
		Package: "p" + poison, File: "/p/x" + poison + ".go", Line: 1, Message: "m" + poison,
		More: []string{poison}, Excerpt: []string{"e" + poison}, First: 1,
	}}
	v.broken(s)
	p.Close()
	said := out.String()
	for _, want := range []string{"notice ", "a\ufffd", "x\ufffd", "m\ufffd", "e\ufffd"} {
		if !strings.Contains(said, want) {
			t.Errorf("nothing of %q in %q", want, said)
		}
	}
	if strings.ContainsAny(said, "\x1b\x07\r\x00\u009b\u202e\u2066") {
		t.Errorf("for a terminal to act on: %q", said)
	}
}
