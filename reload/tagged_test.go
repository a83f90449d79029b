//go:build !hotdev

package reload

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The live half of this package has its tests behind its tag.
func TestLive(t *testing.T) {
	if out, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || strings.TrimSpace(string(out)) != "1" {
		t.Skip("plugins need cgo")
	}
	if out, err := exec.Command("go", "test", "-tags", "hotdev", ".").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Without its tag this package brings nothing into a program.
func TestInert(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, unwanted := range []string{"plugin", "runtime/cgo", "encoding/json", "github.com/hotdev/hotdev/internal/wire"} {
		if slices.Contains(deps, unwanted) {
			t.Errorf("a program gets %s", unwanted)
		}
	}
}
