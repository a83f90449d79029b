//go:build hotdev && (linux || darwin || freebsd)

package reload

import (
	"reflect"
	"testing"

	"github.com/hotdev/hotdev/internal/wire"
)

// All that asked are told of a patch, in their order.
func TestOnPatch(t *testing.T) {
	var p patchHooks
	var got []Patch
	p.tell(wire.Message{Type: wire.Patch, Gen: 1})
	p.add(func(x Patch) { got = append(got, x) })
	p.add(func(x Patch) { x.Gen *= 10; got = append(got, x) })
	p.tell(wire.Message{Type: wire.Patch, Gen: 2, Slots: []string{"main.route"}, Files: []string{"/p/main.go"}})
	want := []Patch{
		{2, []string{"main.route"}, []string{"/p/main.go"}},
		{20, []string{"main.route"}, []string{"/p/main.go"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("told %+v, want %+v", got, want)
	}
}
