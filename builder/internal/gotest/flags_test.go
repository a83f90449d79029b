package gotest

import (
	"fmt"
	"testing"
)

// A test binary is run without go test only with flags of which it is known what they do
// to it.
func TestDirect(t *testing.T) {
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, "[] [] true"},
		{[]string{"-race", "-run", "TestA", "--tags=a,b", "-test.short"}, "[-race=true -tags=a,b] [-run=TestA -short=true] true"},
		{[]string{"-run=TestA|x y"}, "[] [] false"},
		{[]string{"-cover"}, "[] [] false"},
		{[]string{"-bench=."}, "[] [] false"},
		{[]string{"-failfast"}, "[] [] false"},
		{[]string{"-p=1"}, "[] [] false"},
		{[]string{"-ldflags=-s"}, "[] [] false"},
		{[]string{"-run"}, "[] [] false"},
	} {
		build, test, ok := Direct(c.flags)
		if got := fmt.Sprint(build, test, ok); got != c.want {
			t.Errorf("%q: %s, want %s", c.flags, got, c.want)
		}
	}
}
