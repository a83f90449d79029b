package words

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/engine"
)

// Outcome returns how a cycle ended, if every view can say it in the same words: new
// code is in the program, was refused, or does not exist. It is empty if the words
// depend on the view: for a start the screen names keys, and lines have a pid. dot
// separates statements.
func Outcome(c engine.Cycle, dot string) string {
	switch c.Outcome {
	case engine.OutcomeReloaded:
		return fmt.Sprintf("%s in %s, generation %d, memory kept", c.Road(), Took(c.Took), c.Gen)
	case engine.OutcomePatched:
		return patched(c, dot)
	case engine.OutcomeRefused:
		return c.Road() + "; the old code keeps running"
	case engine.OutcomePassed:
		return "passed in " + Took(c.Build)
	case engine.OutcomeUnchanged:
		return "unchanged: the binary is the same, not restarted"
	}
	return ""
}

// patched returns the outcome of a cycle that ended in a patch; dot separates its
// statements: "patched 2 functions in 74 ms: (*Store).List, main.route · state kept ·
// gen 7".
func patched(c engine.Cycle, dot string) string {
	road := c.Road()
	if len(c.Slots) == 0 {
		return fmt.Sprintf("%s%sgen %d", road, dot, c.Gen)
	}
	what, names, _ := strings.Cut(road, ": ")
	return fmt.Sprintf("%s in %s: %s%sstate kept%sgen %d", what, Took(c.Took), names, dot, dot, c.Gen)
}

// Linked says whether a build appended to the last link, and why not if that was tried;
// nothing if it was not.
func Linked(c engine.Cycle) string {
	switch {
	case c.Appended:
		return "appended to the last link"
	case c.Relinked != "":
		return "not appended to the last link: " + c.Relinked
	}
	return ""
}
