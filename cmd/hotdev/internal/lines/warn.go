package lines

import (
	"fmt"
	"io"

	"github.com/hotdev/hotdev/internal/safe"
)

// Warn prints notices when there is no view to show them.
func Warn(w io.Writer, notices []string) {
	for _, n := range notices {
		fmt.Fprint(w, safe.Text("hotdev: "+n+"\n"))
	}
}
