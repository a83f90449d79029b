package words

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/engine"
)

// Outcome is how a cycle ended, where every view can say the same: new code is in
// the program, or was refused, or there is none. Empty where it depends on the
// view: of a start the screen says how to go on by key, and lines have a pid. Dot
// parts statements.
func Outcome(c engine.Cycle, dot string) string {
	switch c.Outcome {
	case engine.OutcomeReloaded:
		return fmt.Sprintf("%s in %s, generation %d, memory kept", c.Road(), Took(c.Took), c.Gen)
	case engine.OutcomePatched:
		return patched(c, dot)
	case engine.OutcomeRefused:
		return c.Road() + "; the old code runs on"
	case engine.OutcomePassed:
		return "passed in " + Took(c.Build)
	case engine.OutcomeUnchanged:
		return "unchanged: the binary is the same, not restarted"
	}
	return ""
}

// patched is the verdict on a cycle that ended in a patch; dot parts its statements:
// "patched 2 functions in 74 ms: (*Store).List, main.route · state kept · gen 7".
func patched(c engine.Cycle, dot string) string {
	road := c.Road()
	if len(c.Slots) == 0 {
		return fmt.Sprintf("%s%sgen %d", road, dot, c.Gen)
	}
	what, names, _ := strings.Cut(road, ": ")
	return fmt.Sprintf("%s in %s: %s%sstate kept%sgen %d", what, Took(c.Took), names, dot, dot, c.Gen)
}
