package config

import (
	"fmt"
	"reflect"
)

// Idle are sentences about settings that do nothing, because of others.
func (c Config) Idle() (idle []string) {
	def := Default()
	for _, one := range c.Each() {
		name := ""
		if one.Name != "" {
			name = "[[program]] " + one.Name + ": "
		}
		say := func(set bool, key, why string) {
			if set {
				idle = append(idle, fmt.Sprintf("%s%s does nothing: %s", name, key, why))
			}
		}
		differs := func(a, b any) bool { return !reflect.DeepEqual(a, b) }
		say(one.Live.Mode == "off" && len(one.Live.RestartOn) > 0, "live.restart_on", `live.mode is "off"`)
		if p := one.Plugin; p.Mode == "restart" {
			const why = `plugin.mode is "restart"`
			say(p.Symbol != "", "plugin.symbol", why)
			say(len(p.Packages) > 0, "plugin.packages", why)
			say(p.ReloadOnly, "plugin.reload_only", why)
			say(p.MaxGenerations != def.Plugin.MaxGenerations, "plugin.max_generations", why)
			say(p.MaxMemory != def.Plugin.MaxMemory, "plugin.max_memory", why)
		}
		if p := one.Plugin; len(p.Packages) == 0 {
			say(p.NotifyFile != "", "plugin.notify_file", "there are no plugin.packages")
			say(p.NotifySignal != "", "plugin.notify_signal", "there are no plugin.packages")
		}
		if w := one.Web; w.Port == 0 {
			const why = "there is no web.port (--web sets one, too)"
			say(w.Target != "", "web.target", why)
			say(len(w.Assets) > 0, "web.assets", why)
			say(len(w.Hosts) > 0, "web.hosts", why)
			say(w.Update != def.Web.Update, "web.update", why)
			say(w.Wait != def.Web.Wait, "web.wait", why)
		}
		say(one.Run.StopSignal == "SIGKILL" && differs(one.Run.StopTimeout, def.Run.StopTimeout), "run.stop_timeout", "run.stop_signal is SIGKILL")
	}
	if c.Watch.Poll == "never" && c.Watch.PollInterval != def.Watch.PollInterval {
		idle = append(idle, `watch.poll_interval does nothing: watch.poll is "never"`)
	}
	return idle
}
