package project

import (
	"strings"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/config"
)

func TestWholeLinks(t *testing.T) {
	if why, ok := builder.CanAppend(); !ok {
		t.Skip(why)
	}
	fast := builder.Request{Fast: true}
	for want, change := range map[string]func(c *config.Config, r *builder.Request){
		"":             func(c *config.Config, r *builder.Request) {},
		"build.fast":   func(c *config.Config, r *builder.Request) { r.Fast = false },
		"live.mode":    func(c *config.Config, r *builder.Request) { r.Live = true },
		"plugins":      func(c *config.Config, r *builder.Request) { r.Plugins = []string{"./plugin"} },
		"build.debug":  func(c *config.Config, r *builder.Request) { r.Debug = true },
		"build.output": func(c *config.Config, r *builder.Request) { c.Build.Output = "/tmp/x" },
	} {
		c, r := config.Config{}, fast
		change(&c, &r)
		if why := wholeLinks(c, r); (want == "") != (why == "") || !strings.Contains(why, want) {
			t.Errorf("%q, want %q", why, want)
		}
	}
}
