// Package config knows the file in which a project says how it wants to be
// developed: .air-like.toml, and as much of air's .air.toml as has an equal
// here.
//
// It knows keys, types, defaults, places in a file and how to report mistakes
// at one. It does not know what the values do: no package here is built, no
// pattern is matched, no signal is sent.
//
// # Theory of operation
//
// A file is read twice by the TOML library: once into plain maps, which settles
// whether it is TOML at all, and once as a syntax tree, from which only the
// place of every key and value is kept. The maps are then decoded into a
// [Config] by its struct tags, here and not by the library, because the library
// stops at the first wrong type, and a user wants to hear of all mistakes at
// once. What the types cannot say (a duration above zero, a pattern that
// parses) is checked last.
package config

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// The names of the files that [Find] looks for, in this order.
const (
	Name    = ".air-like.toml"
	airName = ".air.toml"
	// airOther is where air looks then; its paths are relative to the folder above.
	airOther = ".config/air.toml"
)

// SchemaURL is where editors find the JSON schema of the file, by a first line
// "#:schema URL".
const SchemaURL = "https://raw.githubusercontent.com/hotdev/hotdev/main/docs/schema.json"

// ProgramPlace is the word of Run.Wrapper that is replaced by the program's path.
const ProgramPlace = "{program}"

// Config is a whole configuration. One from [Load] or [Default] is valid.
type Config struct {
	Build  Build  `toml:"build"`
	Run    Run    `toml:"run"`
	Live   Live   `toml:"live"`
	Plugin Plugin `toml:"plugin"`
	Watch  Watch  `toml:"watch"`
	Web    Web    `toml:"web"`
	Test   Test   `toml:"test"`
	Debug  Debug  `toml:"debug"`
	Screen Screen `toml:"screen"`
	// Keys are keys of the screen by action; they replace the action's own. The screen
	// checks actions and keys, not this package.
	Keys map[string][]string `toml:"keys"`
	// Programs are those of [[program]]. If there are none, the file describes one
	// program.
	Programs []Program `toml:"program"`
	// Processes are those of [[process]]: commands that run beside the programs and are
	// not built.
	Processes []Process `toml:"process"`
	// Tasks are those of [[task]]: commands that end.
	Tasks []Task `toml:"task"`

	// Name is the program's name, in a configuration from Each; else empty.
	Name string `toml:"-"`
	// KeysAt is the place of each action of Keys.
	KeysAt map[string]Place `toml:"-"`
	// CommandAt is the place of the command of each process and task, by its name.
	CommandAt map[string]Place `toml:"-"`
	// DirAt is the place of run.dir; nil if it is not set.
	DirAt *Place `toml:"-"`
	// PackageAt is the place of build.package; nil if it is not set.
	PackageAt *Place `toml:"-"`
	// Dir is the absolute folder of the file. Build.Package and the patterns of Watch
	// are relative to it. Empty in Default.
	Dir string `toml:"-"`
	// Notices are sentences about settings of an .air.toml that have no effect
	// here, each with its line.
	Notices []string `toml:"-"`
}

// Build says what to build and how.
type Build struct {
	// Package is as for go build, relative to Config.Dir; empty: not chosen.
	Package string `toml:"package"`
	// Files are .go files to build instead of Package, as for go build, or several
	// packages; only an .air.toml sets them.
	Files []string `toml:"-"`
	// Program selects one of several main packages by the name that go build gives its
	// binary (without ".exe"), and ProgramAt is the place that says so; only an
	// .air.toml sets them.
	Program   string `toml:"-"`
	ProgramAt *Place `toml:"-"`
	// Dir is the absolute folder that Package and Files are relative to, if that is not
	// Config.Dir; only an .air.toml sets it.
	Dir string `toml:"-"`
	// Flags are arguments of go build, one each.
	Flags []string `toml:"flags"`
	// Fast allows calling the compiler and the linker directly where that is safe.
	Fast bool `toml:"fast"`
	// Append allows appending to the program that was linked last instead of linking.
	Append bool `toml:"append"`
	// Debug keeps debugging information in the binary.
	Debug bool `toml:"debug"`
	// Output is the absolute path of the binary; empty: a file in hotdev's cache.
	Output string `toml:"output"`
	// Before are commands to run before each build, each a non-empty argv.
	Before [][]string `toml:"before"`
	// Env is added to the environment of the go command and of Before.
	Env map[string]string `toml:"env"`
}

// Names returns what to build, as arguments of go build; none: not chosen.
func (b Build) Names() []string {
	if len(b.Files) == 0 && b.Package != "" {
		return []string{b.Package}
	}
	return b.Files
}

// Run says how to start and stop the program.
type Run struct {
	Args []string `toml:"args"`
	// Wrapper is a command that runs the program. The program's path takes the place of
	// [ProgramPlace], or else follows the last word; the arguments come after it.
	// Empty: none.
	Wrapper []string `toml:"wrapper"`
	// WrapperAt is the place of a wrapper that is left out if it is not installed, as
	// that of an .air.toml is; else nil.
	WrapperAt *Place `toml:"-"`
	// Env is added to the program's environment; see [Environ].
	Env map[string]string `toml:"env"`
	// EnvFiles are absolute paths of dotenv files; they need not exist.
	EnvFiles []string `toml:"env_files"`
	// Dir is the absolute working directory; empty: the one hotdev was started in.
	Dir string `toml:"dir"`
	TTY bool   `toml:"tty"`
	// Stdin is one of [Inputs].
	Stdin string `toml:"stdin"`
	// Port is told the program as PORT, and those after it as NAME_PORT.
	Port Port `toml:"port"`
	// Socket are addresses that hotdev listens on for the program, which gets the
	// sockets.
	Socket Addresses `toml:"socket"`
	// Swap is one of [Swaps]: whether the next program starts beside the one that runs,
	// and takes over when it is ready.
	Swap string `toml:"swap"`
	// StopSignal is one of [Signals].
	StopSignal     string        `toml:"stop_signal"`
	StopTimeout    time.Duration `toml:"stop_timeout"`
	RestartOnCrash bool          `toml:"restart_on_crash"`
	// After is what the start waits for: "name:word", with the name of another program
	// or process, and one of [Words]. Ready is the test for the program being ready.
	After []string `toml:"after"`
	Ready Ready    `toml:"ready"`
}

// Ready is the test for a program being ready: at most one of the fields but Timeout is
// set. Without any, a program is ready when it first listens on a port.
type Ready struct {
	// Port is a port of this machine that something must listen on, HTTP a URL that must
	// answer with a status below 400, Log a regular expression that a line of the output
	// must match, Command a command that must succeed.
	Port    int     `toml:"port"`
	HTTP    string  `toml:"http"`
	Log     string  `toml:"log"`
	Command Command `toml:"command"`
	// Timeout is the time after which a notice says that the program is not ready yet; 0
	// means half a minute.
	Timeout time.Duration `toml:"timeout"`
}

// Addresses are "host:port" or ":port", written as a list or, if there is one, as such.
type Addresses []string

// A Command is an argv, written as a list or as one string that needs no shell.
type Command []string

// Live is how changed functions reach the running program.
type Live struct {
	// Mode is "auto" or "off".
	Mode string `toml:"mode"`
	// RestartOn are valid doublestar patterns, like those of Watch. A change of a file
	// that they match restarts the program.
	RestartOn []string `toml:"restart_on"`
}

// Plugin is when new code is loaded into the running program, as plugins.
type Plugin struct {
	// Mode is "auto", "restart" or "plugin".
	Mode string `toml:"mode"`
	// Symbol is the exported function of a bare plugin; empty: the only one of the right
	// type.
	Symbol string `toml:"symbol"`
	// Packages are main packages that the program opens as plugins itself, as for
	// go build, relative to Config.Dir.
	Packages []string `toml:"packages"`
	// NotifyFile is the absolute path of the file that names the new plugins;
	// empty: none. NotifySignal is one of [Signals], sent to the program then.
	NotifyFile   string `toml:"notify_file"`
	NotifySignal string `toml:"notify_signal"`
	// ReloadOnly refuses changes that cannot be reloaded, instead of restarting.
	ReloadOnly bool `toml:"reload_only"`
	// MaxGenerations is the number of plugins that a process loads before it is
	// restarted, and MaxMemory the megabytes that they may take. Both are above 0.
	MaxGenerations int `toml:"max_generations"`
	MaxMemory      int `toml:"max_memory"`
}

// Watch says what to watch beside what the build depends on, and how.
type Watch struct {
	// Include and Exclude are valid doublestar patterns over slash-separated
	// paths relative to Config.Dir.
	Include []string `toml:"include"`
	Exclude []string `toml:"exclude"`
	// ExcludeRegexps exclude files whose path contains a match, relative to
	// Config.Dir and with a slash in front; only an .air.toml sets them.
	ExcludeRegexps []string `toml:"-"`
	// Poll is "auto", "always" or "never".
	Poll         string        `toml:"poll"`
	PollInterval time.Duration `toml:"poll_interval"`
	// Quiet is at most Max.
	Quiet time.Duration `toml:"quiet"`
	Max   time.Duration `toml:"max"`
}

// Debug is how programs run under the debugger.
type Debug struct {
	// On has them run under it from the start.
	On bool `toml:"on"`
	// StopAtStart has them stop before main whenever they start under it.
	StopAtStart bool `toml:"stop_at_start"`
	// Port is the port of 127.0.0.1 that debuggers attach at; 0: hotdev chooses.
	Port int `toml:"port"`
	// Flags are more flags of Delve.
	Flags []string `toml:"flags"`
}

// Screen is how to draw, and what opens files.
type Screen struct {
	// Editor is a command that takes precedence over the environment's editor; empty:
	// none.
	Editor  string `toml:"editor"`
	Unicode bool   `toml:"unicode"`
	Mouse   bool   `toml:"mouse"`
	// Theme is one of [Themes].
	Theme string `toml:"theme"`
	// Bell rings the terminal's, and Notify asks it for a desktop notification,
	// when a build breaks or is fixed and when the program crashes.
	Bell   bool `toml:"bell"`
	Notify bool `toml:"notify"`
}

// Default is the configuration of a project without a file, and the source of the
// values of keys that a file leaves out. The timings are the defaults of the packages
// that use them, where the reasons are.
func Default() Config {
	return Config{
		Build: Build{Fast: true},
		Run: Run{
			Stdin:       "none",
			StopSignal:  "SIGINT",
			StopTimeout: 5 * time.Second,
			Swap:        "off",
		},
		// A generation costs 3 MB for a small package and 6 MB for one that serves
		// HTTP, and is never given back: a working day's reloads in about half a
		// gigabyte.
		Live:   Live{Mode: "auto"},
		Plugin: Plugin{Mode: "auto", MaxGenerations: 100, MaxMemory: 512},
		Watch: Watch{
			Poll:         "auto",
			PollInterval: 500 * time.Millisecond,
			Quiet:        20 * time.Millisecond,
			Max:          500 * time.Millisecond,
		},
		Web:    Web{Wait: 10 * time.Second, Update: "morph", Errors: true},
		Test:   Test{On: "off"},
		Screen: Screen{Unicode: true, Mouse: true, Theme: "auto"},
	}
}

// isAir reports whether a file's name is one of air's: .air.toml, air.toml, or
// with something between, as for several programs.
func isAir(name string) bool {
	name, toml := strings.CutSuffix(filepath.Base(name), ".toml")
	name = strings.TrimPrefix(name, ".")
	return toml && (name == "air" || strings.HasPrefix(name, "air."))
}

// Load reads the file at path: as air's where the name is .air.toml or similar,
// else as hotdev's own. Relative paths in it are made absolute, from its folder. The
// error is an [Errors] with everything that is wrong with the content, or says
// why the file could not be read; the Config then has only its Notices.
func Load(path string) (Config, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("config: %w", err)
	}
	return parse(path, filepath.Dir(abs), data)
}

// parse is Load without the file system.
func parse(name, dir string, data []byte) (Config, error) {
	if isAir(name) && filepath.Base(dir) == path.Dir(airOther) && filepath.Base(name) == path.Base(airOther) {
		dir = filepath.Dir(dir)
	}
	d, tree := newDocument(name, bytes.TrimPrefix(data, []byte("\ufeff")))
	d.dir = dir
	c := Default()
	if len(d.errs) == 0 {
		if isAir(name) {
			c = d.fromAir(tree)
		} else {
			programs, several := tree["program"]
			processes, beside := tree["process"]
			tasks, generated := tree["task"]
			delete(tree, "program")
			delete(tree, "process")
			delete(tree, "task")
			d.decode(nil, tree, &c, d.unknown)
			d.check(&c)
			c.Web.Declined = d.declined(c.Web)
			c.KeysAt = d.keysAt(c.Keys)
			if c.Run.Dir != "" {
				at := d.at([]string{"run", "dir"})
				c.DirAt = &at
			}
			if c.Build.Package != "" {
				at := d.at([]string{"build", "package"})
				c.PackageAt = &at
			}
			if several {
				c.Programs = d.programs(programs, c)
			}
			if beside {
				c.Processes = d.processes(processes)
			}
			if generated {
				c.Tasks = d.tasks(tasks)
			}
			d.checkMembers(c)
			c.CommandAt = d.commandsAt(c)
		}
	}
	if err := d.errs.sorted(); err != nil {
		return Config{Notices: c.Notices}, err
	}
	c.Dir = dir
	absolute(dir, &c.Build, &c.Run, &c.Plugin)
	for i := range c.Programs {
		p := &c.Programs[i]
		absolute(dir, &p.Build, &p.Run, &p.Plugin)
	}
	for i := range c.Processes {
		c.Processes[i].absolute(dir)
	}
	for i := range c.Tasks {
		c.Tasks[i].absolute(dir)
	}
	return c, nil
}

// absolute makes relative paths absolute, from dir.
func absolute(dir string, b *Build, r *Run, p *Plugin) {
	one := func(path *string) {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	one(&b.Output)
	one(&b.Dir)
	if w := r.Wrapper; len(w) > 0 && strings.ContainsAny(w[0], `/\`) {
		one(&w[0])
	}
	one(&r.Dir)
	one(&p.NotifyFile)
	for i := range r.EnvFiles {
		one(&r.EnvFiles[i])
	}
}
