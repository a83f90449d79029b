package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tui"
)

// The README says what is true.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)

	keys := "| key | action | does |\n| --- | --- | --- |\n"
	for _, k := range tui.KeyTable() {
		keys += fmt.Sprintf("| `%s` | %s | %s |\n", strings.NewReplacer(", ", "`, `", "|", `\|`).Replace(k.Keys), k.Action, k.Does)
	}
	if !strings.Contains(readme, keys) {
		t.Errorf("the README's key table is not the screen's:\n%s", keys)
	}

	for _, e := range []engine.Event{
		engine.Configured{}, engine.Changed{}, engine.Watching{}, engine.Listed{}, engine.Building{},
		engine.Generated{}, engine.Built{}, engine.Published{}, engine.Started{}, engine.Wrote{},
		engine.Sampled{}, engine.Exited{}, engine.Ended{}, engine.Waited{}, engine.Rebuild{}, engine.Reload{},
		engine.BuildOnly{}, engine.StopStart{}, engine.Pause{}, engine.Quit{}, engine.GoBack{}, engine.Dump{}, engine.EndHolder{}, engine.Ignore{}, engine.Held{}, engine.Quoted{},
		engine.Offered{}, engine.Preparing{}, engine.Prepared{}, engine.PluginBuilt{}, engine.Reloaded{}, engine.Refused{},
	} {
		if !strings.Contains(readme, "`"+e.Name()+"`") {
			t.Errorf("the README does not know the event %q", e.Name())
		}
	}

	for _, f := range []string{"config", "dir", "plain", "json", "build-flags", "debug-log", "no-color", "mode"} {
		if command(terminal{}).Flags().Lookup(f) == nil && command(terminal{}).PersistentFlags().Lookup(f) == nil {
			t.Errorf("the README's --%s is no flag", f)
		}
		if !strings.Contains(readme, "--"+f) {
			t.Errorf("the README does not know --%s", f)
		}
	}
}
