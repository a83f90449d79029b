package config

import (
	"strings"
	"testing"
)

func TestIdle(t *testing.T) {
	c, err := parse(Name, t.TempDir(), []byte(`
plugin.mode = "restart"
watch = { poll = "never", poll_interval = "1s" }
[[program]]
build.package = "./api"
live = { mode = "off", restart_on = ["db/**"] }
web.assets = ["static/**"]
[[program]]
build.package = "./worker"
web = { port = 7777, assets = ["static/**"] }
plugin = { mode = "auto", max_memory = 7, notify_signal = "SIGUSR1" }
`))
	if err != nil {
		t.Fatal(err)
	}
	want := `[[program]] api: live.restart_on does nothing: live.mode is "off"
[[program]] api: web.assets does nothing: there is no web.port (--web sets one, too)
[[program]] worker: plugin.notify_signal does nothing: there are no plugin.packages
watch.poll_interval does nothing: watch.poll is "never"`
	if got := strings.Join(c.Idle(), "\n"); got != want {
		t.Errorf("have\n%s\nwant\n%s", got, want)
	}
	if idle := Default().Idle(); len(idle) > 0 {
		t.Errorf("of the defaults: %q", idle)
	}
}
