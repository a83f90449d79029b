//go:build linux && amd64

package live

import (
	"fmt"
	"testing"
	"time"
)

func TestPhases(t *testing.T) {
	l := theApp(t)
	began := time.Now()
	h := l.open(t)
	t.Log("open", time.Since(began), len(h.names))
	r := l.start(t)
	for i := range 6 {
		_, o := r.apply(edit{store, fmt.Sprintf(`"v%d %%s=%%d"`, i+1), fmt.Sprintf(`"v%d %%s=%%d"`, i+2)})
		t.Log(o, r.compiled, r.patched, r.phases)
	}
}
