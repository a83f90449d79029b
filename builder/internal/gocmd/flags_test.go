package gocmd

import (
	"fmt"
	"testing"
)

func TestFlagsInForce(t *testing.T) {
	for _, c := range []struct {
		goflags    string
		flags      []string
		name, want string
	}{
		{"", nil, "tags", "none"},
		{"-tags=a", nil, "tags", "a"},
		{"--tags=a", nil, "tags", "a"},
		{"-tags=a -tags=b", nil, "tags", "b"},
		{"-tags=a", []string{"-tags", "b"}, "tags", "b"},
		{"-tags=a", []string{"--tags=b", "-race"}, "tags", "b"},
		{"'-tags=a b'", nil, "tags", "a b"},
		{`"-tags='a b' c"`, nil, "tags", "'a b' c"},
		{"-tags='a b'", nil, "tags", "'a"},
		{"'-ldflags=-X=main.a=1 -X=main.b=2'", nil, "ldflags", "-X=main.a=1 -X=main.b=2"},
		{"-ldflags=-tags=a", nil, "tags", "none"},
		{"-race", nil, "race", "true"},
		{"-race", []string{"-race=0"}, "race", "0"},
		{"", []string{"-ldflags", "-race"}, "race", "none"},
		{"-tags=a '", nil, "tags", "none"}, // the go command refuses it
	} {
		got, ok := FlagsInForce(c.flags, Env{GOFLAGS: c.goflags}).Value(c.name)
		if !ok {
			got = "none"
		}
		if got != c.want {
			t.Errorf("GOFLAGS=%s and %q: -%s is %s, want %s", c.goflags, c.flags, c.name, got, c.want)
		}
	}
	for value, want := range map[string]bool{"-race": true, "-race=1": true, "-race=T": true, "-race=0": false, "-race=F": false, "-race=false": false, "--race=False": false} {
		if got := FlagsInForce([]string{value}, Env{}).On("race"); got != want {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// What is built for a debugger keeps what it needs, whatever the user's flags take away.
func TestForDebugger(t *testing.T) {
	for _, test := range []struct {
		given []string
		want  string
	}{
		{nil, `["-gcflags=all=-N -l"]`},
		{[]string{"-trimpath", "-gcflags=-m"}, `["-gcflags=all=-N -l" "-trimpath=false"]`},
		{[]string{"-ldflags=-s -w -X main.v=1"}, `["-gcflags=all=-N -l" "-ldflags=-X main.v=1"]`},
		{[]string{"-ldflags=all=-w"}, `["-gcflags=all=-N -l" "-ldflags=all="]`},
		{[]string{"-ldflags", "-X 'main.v=a b' -s"}, `["-gcflags=all=-N -l" "-ldflags=-X 'main.v=a b'"]`},
		{[]string{"-ldflags=-X main.v=1"}, `["-gcflags=all=-N -l"]`},
	} {
		if got := fmt.Sprintf("%q", ForDebugger(FlagsInForce(test.given, Env{}))); got != test.want {
			t.Errorf("%q: %s, want %s", test.given, got, test.want)
		}
	}
}

// A flag asks for something unless it has the go command's own default; only -pgo may name
// a file that is called like a default of others.
func TestAsks(t *testing.T) {
	for _, c := range []struct {
		flag, name string
		want       bool
	}{
		{"-buildmode=default", "buildmode", false},
		{"-buildmode=pie", "buildmode", true},
		{"-pgo=auto", "pgo", false},
		{"-pgo=off", "pgo", false},
		{"-pgo=", "pgo", false},
		{"-pgo=default", "pgo", true},
		{"-race=false", "race", false},
		{"-race", "race", true},
	} {
		if got := FlagsInForce([]string{c.flag}, Env{}).Asks(c.name); got != c.want {
			t.Errorf("%s: %t, want %t", c.flag, got, c.want)
		}
	}
}
