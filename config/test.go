package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Test says which tests run, and when.
type Test struct {
	// On is "save", "key" or "off".
	On string `toml:"on"`
	// Flags are arguments of go test, one each, after those of Build.Flags.
	Flags []string `toml:"flags"`
	// Include are valid doublestar patterns, like those of Watch, of files that tests
	// read beside what the go command knows of and what is below folders testdata.
	Include []string `toml:"include"`
	// Env is added to the environment of go test.
	Env map[string]string `toml:"env"`
}

// TestTimes are the values of test.on.
func TestTimes() []string { return []string{"save", "key", "off"} }

func (d *document) checkTest(t *Test) {
	if times := TestTimes(); !slices.Contains(times, t.On) {
		d.choice(d.in("test", "on"), "time", t.On, nearest.Of(t.On, times), times)
	}
	for i, flag := range t.Flags {
		at := d.in("test", "flags", strconv.Itoa(i))
		switch name, _, _ := strings.Cut(flag, " "); {
		case flag == "":
			d.wrong(at, "must not be empty")
		case strings.HasPrefix(flag, "-") && name != flag && !strings.Contains(name, "="):
			d.wrong(at, "each element is one argument: write %q, %q", name, strings.TrimSpace(flag[len(name):]))
		}
	}
	d.checkPatterns("test", "include", t.Include)
	d.checkNames("test", t.Env)
}
