package initialize

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/config"
)

// text returns the whole file.
func (f *finding) text() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("#:schema %s", config.SchemaURL)
	line("# hotdev reads this file; every key is optional. All keys, with their defaults:")
	line("# https://github.com/hotdev/hotdev/blob/main/.air-like.toml")
	if f.air != "" {
		line("\n# From .air.toml, which hotdev does not read any more where this file is.")
		line("%s", strings.TrimSuffix(f.air, "\n"))
	}
	if f.flat() {
		p := f.programs[0]
		line("\n[build]\npackage = %s", quote(p.pkg))
		if len(p.args)+len(p.env)+len(p.after) > 0 || p.ready != "" {
			line("\n[run]")
		}
		f.run(line, "", p)
	} else {
		for _, p := range f.programs {
			line("\n[[program]]\nname = %s\nbuild.package = %s", quote(p.name), quote(p.pkg))
			f.run(line, "run.", p)
		}
	}
	for _, pkg := range f.others {
		line("\n#[[program]]\n#name = %s\n#build.package = %s", quote(f.nameOf(pkg)), quote(pkg))
	}
	for _, t := range f.tasks {
		line("\n[[task]]\nuse = %s", quote(t.use))
		if t.cmd != "" {
			line("cmd = %s", command(t.cmd))
		}
		if t.dir != "" {
			line("dir = %s", quote(t.dir))
		}
		if len(t.outputs) > 0 {
			line("outputs = %s", quoteAll(t.outputs))
		}
	}
	for _, p := range f.processes {
		line("\n[[process]]\nname = %s", quote(p.name))
		if p.use != "" {
			line("use = %s", quote(p.use))
		} else {
			line("cmd = %s", command(p.cmd))
		}
		if p.dir != "" {
			line("dir = %s", quote(p.dir))
		}
		if p.ready != "" {
			line("ready = %s", p.ready)
		}
		if len(p.after) > 0 {
			line("after = %s", quoteAll(p.after))
		}
	}
	for _, text := range f.asides {
		line("")
		for l := range strings.Lines(text) {
			line("%s", strings.TrimRight("# "+strings.TrimSuffix(l, "\n"), " "))
		}
	}
	return b.String()
}

// run writes how a program is run; keys begin with prefix.
func (f *finding) run(line func(string, ...any), prefix string, p program) {
	if len(p.args) > 0 {
		line("%sargs = %s", prefix, quoteAll(p.args))
	}
	if len(p.env) > 0 {
		var env []string
		for _, assigned := range p.env {
			name, value, _ := strings.Cut(assigned, "=")
			env = append(env, name+" = "+quote(value))
		}
		line("%senv = { %s }", prefix, strings.Join(env, ", "))
	}
	if p.ready != "" {
		line("%sready = %s", prefix, p.ready)
	}
	if len(p.after) > 0 {
		line("%safter = %s", prefix, quoteAll(p.after))
	}
}

// command returns a command as a configuration has it: a string, or a call of a shell
// if it needs one.
func command(cmd string) string {
	first, _, _ := strings.Cut(cmd, " ")
	if strings.ContainsAny(cmd, "|&;<>`$(){}*?~\n#\"'\\") || strings.Contains(first, "=") {
		return quoteAll([]string{"sh", "-c", cmd})
	}
	return quote(cmd)
}

func quoteAll(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, quote(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// quote returns a TOML string.
func quote(s string) string { return config.Quote(s) }
