package config

import (
	"slices"

	"github.com/hotdev/hotdev/internal/nearest"
)

// A preset is what is known of a generator: where its files are, and mostly how it is
// called.
type preset struct {
	name           string
	cmd            Command // nil: it depends on the project
	example        string  // of such a command
	files, outputs []string
}

// presets are all of them. What a generator marks as generated needs no output here.
func presets() []preset {
	proto := []string{"**/*.pb.go", "**/*.pb.gw.go", "**/*.connect.go"}
	return []preset{
		{name: "templ", cmd: Command{"templ", "generate"}, files: []string{"**/*.templ"}, outputs: []string{"**/*_templ.go", "**/*_templ.txt"}},
		{name: "sqlc", cmd: Command{"sqlc", "generate"}, files: []string{"**/sqlc.{yaml,yml,json}", "**/*.sql"}},
		{name: "generate", cmd: Command{"go", "generate", "./..."}}, // what it reads is the project's affair
		{name: "buf", cmd: Command{"buf", "generate"}, files: []string{"**/*.proto", "buf*.yaml", "buf.lock"}, outputs: proto},
		{name: "protoc", example: "protoc --go_out=. --go_opt=paths=source_relative api/api.proto", files: []string{"**/*.proto"}, outputs: proto},
		{name: "tailwind", example: "npx @tailwindcss/cli -i assets/app.css -o static/app.css", files: []string{"**/*.{templ,html,tmpl,gohtml,css,js,jsx,ts,tsx}"}},
		{name: "esbuild", example: "npx esbuild web/app.ts --bundle --outdir=static", files: []string{"**/*.{js,jsx,ts,tsx,css}"}},
	}
}

// Presets are the values of use.
func Presets() (names []string) {
	for _, p := range presets() {
		names = append(names, p.name)
	}
	return names
}

func presetCalled(name string) (preset, bool) {
	all := presets()
	i := slices.IndexFunc(all, func(p preset) bool { return p.name == name })
	if i < 0 {
		return preset{}, false
	}
	return all[i], true
}

// fill gives a task what it does not set itself.
func (p preset) fill(t Task, set func(key string) bool) Task {
	if !set("name") {
		t.Name = p.name
	}
	if !set("cmd") {
		t.Cmd = slices.Clone(p.cmd)
	}
	if !set("files") {
		t.Files = p.files
	}
	if !set("outputs") {
		t.Outputs = p.outputs
	}
	return t
}

// runners are the commands of what develops a front end, and runs on. How it is known
// that one is ready follows from its port.
func runners() map[string]Command {
	return map[string]Command{
		"vite": {"npx", "vite"},
		"npm":  {"npm", "run", "dev"},
		"pnpm": {"pnpm", "run", "dev"},
		"yarn": {"yarn", "run", "dev"},
		"bun":  {"bun", "run", "dev"},
	}
}

// Runners are the values of use of a process.
func Runners() []string { return []string{"vite", "npm", "pnpm", "yarn", "bun"} }

// useRunner gives a process what it does not set itself.
func (d *document) useRunner(p *Process) {
	set := func(key string) bool { _, ok := d.places[id(d.in(key))]; return ok }
	if !set("use") || d.bad[id(d.in("use"))] {
		return
	}
	cmd, ok := runners()[p.Use]
	switch {
	case ok:
	case slices.Contains(Presets(), p.Use):
		d.wrong(d.in("use"), "%s ends: make it a [[task]], which runs when its files change", p.Use)
		return
	default:
		d.choice(d.in("use"), "preset", p.Use, nearest.Of(p.Use, Runners()), Runners())
		return
	}
	if !set("name") {
		p.Name = p.Use
	}
	if !set("cmd") {
		p.Cmd = cmd
	}
}
