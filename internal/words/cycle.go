package words

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/engine"
)

// Patched is the verdict on a cycle that ended in a patch; dot parts its statements:
// "patched 2 functions in 74 ms: (*Store).List, main.route · state kept · gen 7".
func Patched(c engine.Cycle, dot string) string {
	road := c.Road()
	if len(c.Slots) == 0 {
		return fmt.Sprintf("%s%sgen %d", road, dot, c.Gen)
	}
	what, names, _ := strings.Cut(road, ": ")
	return fmt.Sprintf("%s in %s: %s%sstate kept%sgen %d", what, Took(c.Took), names, dot, dot, c.Gen)
}
