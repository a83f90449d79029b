package config

import (
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Process is what runs beside the programs and is not built: a database, a bundler.
type Process struct {
	// Name tells it from the programs and the other processes.
	Name string `toml:"name"`
	// Use is one of [Runners], which gives the command; empty: none.
	Use string `toml:"use"`
	// Cmd is what runs, in Dir, which is absolute; empty: the folder of the file.
	Cmd Command `toml:"cmd"`
	Dir string  `toml:"dir"`
	// Env and EnvFiles are as those of Run.
	Env      map[string]string `toml:"env"`
	EnvFiles []string          `toml:"env_files"`
	TTY      bool              `toml:"tty"`
	Stdin    string            `toml:"stdin"`
	// Port is as that of Run.
	Port Port `toml:"port"`
	// StopSignal is one of [Signals].
	StopSignal  string        `toml:"stop_signal"`
	StopTimeout time.Duration `toml:"stop_timeout"`
	// Restart is one of [Restarts].
	Restart string `toml:"restart"`
	// Watch are patterns as those of Watch.Include: a change starts it again.
	Watch []string `toml:"watch"`
	// After and Ready are as those of Run.
	After []string `toml:"after"`
	Ready Ready    `toml:"ready"`
}

// Restarts are the values of restart: whether a process is started again when it
// ends by itself.
func Restarts() []string { return []string{"never", "on-failure", "always"} }

// processes reads the tables of [[process]].
func (d *document) processes(value any) []Process {
	var processes []Process
	for i, table := range d.tables([]string{"process"}, "process", value) {
		if table != nil {
			processes = append(processes, d.process([]string{"process", strconv.Itoa(i)}, table))
		}
	}
	return processes
}

func (d *document) process(at []string, table map[string]any) Process {
	run := Default().Run
	p := Process{Stdin: run.Stdin, StopSignal: run.StopSignal, StopTimeout: run.StopTimeout, Restart: Restarts()[0]}
	d.decode(at, table, &p, d.unknown)
	d.base = at
	defer func() { d.base = nil }()
	d.useRunner(&p)
	if p.Use == "" {
		d.missing("name", "this process has no name: write name = \"db\"")
		d.missing("cmd", "this process has no command: write cmd = \"postgres -D data\"")
	}
	if !d.bad[id(d.in("name"))] && !validProgram(p.Name) {
		d.wrong(d.in("name"), "%q: want letters, digits, \"-\", \"_\" and \".\"", p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Env)) {
		if !validName(name) {
			d.wrong(d.in("env", name), "%q cannot be the name of a variable", name)
		}
	}
	d.checkPort(d.in("port"), d.in("env"), p.Port, p.Env)
	for i, file := range p.EnvFiles {
		if file == "" {
			d.wrong(d.in("env_files", strconv.Itoa(i)), "must not be empty")
		}
	}
	d.checkInput(d.in("stdin"), p.Stdin, p.TTY)
	d.checkSignal(d.in("stop_signal"), p.StopSignal)
	if p.StopTimeout <= 0 {
		d.wrong(d.in("stop_timeout"), "must be more than 0, have %q", p.StopTimeout)
	}
	if modes := Restarts(); !slices.Contains(modes, p.Restart) {
		d.choice(d.in("restart"), "mode", p.Restart, nearest.Of(p.Restart, modes), modes)
	}
	for i, pattern := range p.Watch {
		p.Watch[i] = strings.TrimPrefix(pattern, "./")
		if why := badPattern(p.Watch[i]); why != "" {
			d.wrong(d.in("watch", strconv.Itoa(i)), "%s", why)
		}
	}
	d.checkReady(d.in("ready"), p.Ready)
	return p
}

// missing notes that what is being checked lacks a key.
func (d *document) missing(key, text string) {
	if _, set := d.places[id(d.in(key))]; !set {
		d.blame(d.place(d.base).key, text)
	}
}

func (p *Process) absolute(dir string) {
	if !filepath.IsAbs(p.Dir) {
		p.Dir = filepath.Join(dir, p.Dir)
	}
	if len(p.Cmd) > 0 && strings.ContainsAny(p.Cmd[0], `/\`) && !filepath.IsAbs(p.Cmd[0]) {
		p.Cmd[0] = filepath.Join(p.Dir, p.Cmd[0])
	}
	for i, file := range p.EnvFiles {
		if !filepath.IsAbs(file) {
			p.EnvFiles[i] = filepath.Join(dir, file)
		}
	}
}

// checkReady checks what is at a path.
func (d *document) checkReady(at []string, r Ready) {
	in := func(key string) []string { return append(slices.Clip(at), key) }
	var ways []string
	for _, key := range []string{"port", "http", "log", "command"} {
		if _, set := d.places[id(in(key))]; set {
			ways = append(ways, key)
		}
	}
	if len(ways) > 1 {
		d.wrong(at, "%s: one way is enough", strings.Join(ways, " and "))
	}
	if r.Port < 0 || r.Port > 65535 || r.Port == 0 && slices.Contains(ways, "port") {
		d.wrong(in("port"), "want a number from 1 to 65535, have %d", r.Port)
	}
	if u, err := url.Parse(r.HTTP); r.HTTP != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		d.wrong(in("http"), "want a URL such as \"http://localhost:8080/health\", have %q", r.HTTP)
	}
	if _, err := regexp.Compile(r.Log); err != nil {
		d.wrong(in("log"), "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if _, set := d.places[id(in("timeout"))]; set && r.Timeout <= 0 {
		d.wrong(in("timeout"), "must be more than 0, have %q", r.Timeout)
	}
}

// unknownBelow notes an unknown key of a [[process]], a [[task]] or of a table in a
// table.
func (d *document) unknownBelow(at []string) {
	keys, array := map[string][]string{"process": tags[Process](), "task": tags[Task]()}[at[0]]
	label, key := "["+at[0]+"] ", strings.Join(at[1:], ".")
	if array {
		label, key = "[["+at[0]+"]] ", strings.Join(at[2:], ".")
	}
	var known []string
	if i := slices.Index(at, "ready"); i >= 0 && i == len(at)-2 {
		prefix := strings.TrimSuffix(key, at[len(at)-1])
		for _, k := range tags[Ready]() {
			known = append(known, prefix+k)
		}
	} else if array && len(at) == 3 {
		known = keys
	}
	hint := ""
	if near := nearest.Of(key, known); near != "" {
		hint = fmt.Sprintf(": did you mean `%s`?", near)
	} else if len(known) > 0 {
		hint = ": the keys are " + strings.Join(known, ", ")
	}
	d.blame(d.place(at).key, fmt.Sprintf("unknown key `%s%s`%s", label, key, hint))
}
