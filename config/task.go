package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Task is a command that ends, such as a generator: it runs at the start and when its
// files change.
type Task struct {
	// Name tells it from the programs, the processes and the other tasks.
	Name string `toml:"name"`
	// Use is one of [Presets], which gives what is not set; empty: none.
	Use string `toml:"use"`
	// Cmd is what runs, in Dir, which is absolute; empty: the folder of the file.
	Cmd Command `toml:"cmd"`
	Dir string  `toml:"dir"`
	// Env is added to the environment.
	Env map[string]string `toml:"env"`
	// Files are patterns as those of Watch.Include: when what they match changes, the
	// task runs. Outputs are those that it writes.
	Files   []string `toml:"files"`
	Outputs []string `toml:"outputs"`
	// Before are the names of programs, processes and tasks that wait for it. Where it
	// is not set, it is all programs; BeforeAll says so.
	Before    []string `toml:"before"`
	BeforeAll bool     `toml:"-"`
	// After is as that of Run.
	After []string `toml:"after"`
	// On is one of [TaskTimes]: when it runs.
	On string `toml:"on"`

	// Exclude and ExcludeRegexps are as those of Watch, for this task alone; only an
	// .air.toml sets them.
	Exclude        []string `toml:"-"`
	ExcludeRegexps []string `toml:"-"`
}

// TaskTimes are the values of on of a task: at the start and when its files change, only
// when they change, or when all else has ended.
func TaskTimes() []string { return []string{"start", "save", "quit"} }

// tasks reads the tables of [[task]].
func (d *document) tasks(value any) []Task {
	var tasks []Task
	for i, table := range d.tables([]string{"task"}, "task", value) {
		if table != nil {
			tasks = append(tasks, d.task([]string{"task", strconv.Itoa(i)}, table))
		}
	}
	return tasks
}

// tables returns the elements of the array of tables at a path, of which each is one
// thing; an element that is no table is nil.
func (d *document) tables(at []string, thing string, value any) []map[string]any {
	name := strings.Join(at, ".")
	array, ok := value.([]any)
	if !ok {
		d.wrong(at, "want a table [[%s]] for each %s, have %s", name, thing, have(value))
		return nil
	}
	var tables []map[string]any
	for i, value := range array {
		table, ok := value.(map[string]any)
		if !ok {
			d.wrong(append(slices.Clip(at), strconv.Itoa(i)), "want a table [[%s]], have %s", name, have(value))
		}
		tables = append(tables, table)
	}
	return tables
}

func (d *document) task(at []string, table map[string]any) Task {
	t := Task{On: TaskTimes()[0]}
	d.decode(at, table, &t, d.unknown)
	d.base = at
	defer func() { d.base = nil }()
	unknown := false // preset
	set := func(key string) bool { _, ok := d.places[id(d.in(key))]; return ok }
	if p, ok := presetCalled(t.Use); ok {
		t = p.fill(t, set)
	} else if unknown = set("use"); unknown && !d.bad[id(d.in("use"))] {
		if slices.Contains(Runners(), t.Use) {
			d.wrong(d.in("use"), "%s keeps running and does not end: make it a [[process]] with this use", t.Use)
		} else {
			d.choice(d.in("use"), "preset", t.Use, nearest.Of(t.Use, Presets()), Presets())
		}
	}
	if t.Use == "" {
		d.missing("name", "this task has no name: write name = \"templ\"")
	}
	if len(t.Cmd) == 0 && !set("cmd") && !unknown {
		d.missing("cmd", d.cmdHint(t.Use))
	}
	last := t.On == "quit"
	if last {
		t.Files, t.Outputs = nil, nil // of the preset
	}
	d.checkTime(t.On)
	if len(t.Files) == 0 && !last && !d.bad[id(d.in("files"))] && !unknown {
		if set("files") {
			d.wrong(d.in("files"), "must not be empty: the task runs when one of these changes")
		} else {
			d.missing("files", "this task has no files: write files = [\"**/*.sql\"], those whose change it runs for")
		}
	}
	if t.Name != "" && !d.bad[id(d.in("name"))] && !validProgram(t.Name) {
		d.wrong(d.in("name"), "%q: want letters, digits, \"-\", \"_\" and \".\"", t.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		if !validName(name) {
			d.wrong(d.in("env", name), "%q cannot be the name of a variable", name)
		}
	}
	for key, patterns := range map[string][]string{"files": t.Files, "outputs": t.Outputs} {
		for i, pattern := range patterns {
			patterns[i] = strings.TrimPrefix(pattern, "./")
			if why := badPattern(patterns[i]); why != "" {
				why, _, _ = strings.Cut(why, "; what is not to be watched")
				d.wrong(d.in(key, strconv.Itoa(i)), "%s", why)
			}
		}
	}
	t.BeforeAll = !set("before") && !last
	return t
}

// checkTime checks when a task runs. What runs last has no files, and nothing waits for
// it, nor it for anything.
func (d *document) checkTime(on string) {
	if times := TaskTimes(); !slices.Contains(times, on) {
		d.choice(d.in("on"), "time", on, nearest.Of(on, times), times)
	}
	if on != "quit" {
		return
	}
	for _, key := range []string{"files", "outputs", "before", "after"} {
		d.wrong(d.in(key), "is of no use: on = \"quit\" has the task run when all else has ended") // if it is set
	}
}

// cmdHint says that a task has no command.
func (d *document) cmdHint(use string) string {
	if p, ok := presetCalled(use); ok {
		return fmt.Sprintf("this task has no command, which depends on the project: write cmd = %q", p.example)
	}
	return "this task has no command: write cmd = \"templ generate\", or use = \"templ\""
}

func (t *Task) absolute(dir string) {
	if !filepath.IsAbs(t.Dir) {
		t.Dir = filepath.Join(dir, t.Dir)
	}
	if len(t.Cmd) > 0 && strings.ContainsAny(t.Cmd[0], `/\`) && !filepath.IsAbs(t.Cmd[0]) {
		t.Cmd[0] = filepath.Join(t.Dir, t.Cmd[0])
	}
}
