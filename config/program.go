package config

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Program is one of several that a file describes. Settings outside of [[program]]
// apply to all of them; those of a table override these for its program alone.
// Variables are added to those of all.
type Program struct {
	// Name tells it from the others: letters, digits, "-", "_" and "." between them.
	Name   string `toml:"name"`
	Build  Build  `toml:"build"`
	Run    Run    `toml:"run"`
	Live   Live   `toml:"live"`
	Plugin Plugin `toml:"plugin"`
	// Watch has the timing and the polling of the whole file.
	Watch Watch `toml:"watch"`
	Web   Web   `toml:"web"`

	dirAt, packageAt *Place
}

// Each is a configuration for each program, as if the file were about nothing
// else; it is c alone where that is about one.
func (c Config) Each() []Config {
	if len(c.Programs) == 0 {
		return []Config{c}
	}
	var each []Config
	for _, p := range c.Programs {
		one := c
		one.Programs, one.Name = nil, p.Name
		one.Build, one.Run, one.Live, one.Plugin, one.Watch, one.Web, one.DirAt = p.Build, p.Run, p.Live, p.Plugin, p.Watch, p.Web, p.dirAt
		one.PackageAt = p.packageAt
		each = append(each, one)
	}
	return each
}

// programs reads the tables of [[program]]; c is the configuration outside of them.
func (d *document) programs(value any, c Config) []Program {
	tables, ok := value.([]any)
	if !ok {
		d.wrong([]string{"program"}, "want a table [[program]] for each program, have %s", have(value))
		return nil
	}
	for _, at := range [][]string{{"build", "package"}, {"build", "output"}, {"web", "port"}, {"run", "socket"}} {
		if _, set := d.places[id(at)]; set {
			d.wrong(at, "is of one program, and there is [[program]]: set it there")
		}
	}
	var programs []Program
	for i, value := range tables {
		at := []string{"program", strconv.Itoa(i)}
		table, ok := value.(map[string]any)
		if !ok {
			d.wrong(at, "want a table [[program]], have %s", have(value))
			continue
		}
		programs = append(programs, d.program(at, table, c))
	}
	d.checkRoutes(programs)
	return programs
}

// program reads one table.
func (d *document) program(at []string, table map[string]any, c Config) Program {
	p := Program{Build: c.Build, Run: c.Run, Live: c.Live, Plugin: c.Plugin, Watch: c.Watch, Web: c.Web, dirAt: c.DirAt}
	p.Build.Package, p.Build.Output = "", ""
	p.Run.EnvFiles, p.Run.Wrapper = slices.Clone(p.Run.EnvFiles), slices.Clone(p.Run.Wrapper)
	d.decode(at, table, &p, d.unknown)
	d.base = at
	defer func() { d.base = nil }()
	for _, key := range []string{"poll", "poll_interval", "quiet", "max"} {
		d.wrong(d.in("watch", key), "holds for all programs: set it in [watch]") // if it is set
	}
	d.checkProgram(&Config{Build: p.Build, Run: p.Run, Live: p.Live, Plugin: p.Plugin, Watch: p.Watch, Web: p.Web})
	if _, set := d.places[id(d.in("run", "dir"))]; set {
		dir := d.at(d.in("run", "dir"))
		p.dirAt = &dir
	}
	if p.Build.Package != "" {
		at := d.at(d.in("build", "package"))
		p.packageAt = &at
	}
	p.Name = d.programName(p)
	p.Web.Declined = d.declined(p.Web) || c.Web.Declined
	return p
}

// programName is the name that a program has, or the last element of its package.
func (d *document) programName(p Program) string {
	if name := d.in("name"); d.bad[id(name)] {
		return ""
	} else if _, set := d.places[id(name)]; set {
		if !validProgram(p.Name) {
			d.wrong(name, "%q: want letters, digits, \"-\", \"_\" and \".\"", p.Name)
			return ""
		}
		return p.Name
	}
	name := path.Base(filepath.ToSlash(p.Build.Package))
	if name == "." && p.Build.Package != "" {
		name = filepath.Base(d.dir)
	}
	if validProgram(name) {
		return name
	}
	if !d.bad[id(d.in("build", "package"))] {
		d.blame(d.place(d.base).key, "this program has no name: write name = \"api\"")
	}
	return ""
}

// validProgram reports whether a program can have this name.
func validProgram(name string) bool {
	return strings.Trim(name, ".-") == name && name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}

// ofProgram are the tables that a program has, beside its name.
func ofProgram() []string { return []string{"build", "run", "live", "plugin", "watch", "web"} }

// unknownOfProgram notes an unknown key of a [[program]], and what was meant.
func (d *document) unknownOfProgram(at []string) {
	_, keys := schema()
	key := strings.Join(at[2:], ".") // as it is written there
	last := at[len(at)-1]
	var known []string
	hint := ""
	if len(at) == 3 {
		known = append([]string{"name"}, ofProgram()...)
	}
	for _, table := range ofProgram() {
		if len(at) > 3 && table != at[2] {
			continue
		}
		for _, k := range keys[table] {
			if k == last {
				hint = table + "." + k
			}
			if len(at) > 3 {
				known = append(known, table+"."+k)
			}
		}
	}
	switch near := nearest.Of(key, known); {
	case hint != "":
		hint = fmt.Sprintf(": write `%s`", hint)
	case near != "":
		hint = fmt.Sprintf(": did you mean `%s`?", near)
	case last == "test":
		hint = ": tests are of the whole module: write it as [test]"
	case slices.Contains([]string{"screen", "keys"}, last):
		hint = fmt.Sprintf(": there is one screen for all programs: write it as [%s]", last)
	default:
		hint = ": the keys are " + strings.Join(known, ", ")
	}
	d.blame(d.place(at).key, fmt.Sprintf("unknown key `[[program]] %s`%s", key, hint))
}
