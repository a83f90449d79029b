//go:build linux && amd64

package live

import "testing"

func TestFirst(t *testing.T) {
	l := newLab(t, "testdata/app")
	r := l.start(t)
	t.Log(r.ask("store add x"), r.ask("store area"))
	a, o := r.apply(edit{"store/store.go", `"v1 %s=%d"`, `"v2 %s=%d"`})
	t.Log(a, o, r.compiled, r.patched)
	t.Log(r.ask("store add x"), r.ask("gc"), r.ask("store add x"))
}
