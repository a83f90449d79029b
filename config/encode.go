package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Lines are the settings of a configuration for one program that differ from the
// defaults, as lines of a file in its folder: "build.package = …", and then its tasks.
// Left are those that no key of such a file says; only an .air.toml has them.
func (c Config) Lines() (lines, left []string) {
	def := Default()
	tables := reflect.TypeFor[Config]()
	for i := range tables.NumField() {
		table := tables.Field(i)
		name := table.Tag.Get("toml")
		if name == "-" || table.Type.Kind() != reflect.Struct {
			continue
		}
		is, was := reflect.ValueOf(c).Field(i), reflect.ValueOf(def).Field(i)
		for j := range table.Type.NumField() {
			key := table.Type.Field(j).Tag.Get("toml")
			value := is.Field(j)
			if key == "-" || reflect.DeepEqual(value.Interface(), was.Field(j).Interface()) || value.Kind() == reflect.Slice && value.Len() == 0 {
				continue
			}
			lines = append(lines, name+"."+key+" = "+c.encode(value.Interface()))
		}
	}
	say := func(set bool, format string, args ...any) {
		if set {
			left = append(left, fmt.Sprintf(format, args...))
		}
	}
	say(len(c.Build.Files) > 0, "the files or packages %s: set build.package", strings.Join(c.Build.Files, " "))
	say(c.Build.Program != "", "the program %s: set build.package", c.Build.Program)
	say(c.Build.Dir != "" && c.Build.Dir != c.Dir, "the folder %s: set build.package", c.relative(c.Build.Dir))
	say(len(c.Watch.ExcludeRegexps) > 0, "exclude_regex %s: set watch.exclude", strings.Join(c.Watch.ExcludeRegexps, " "))
	for _, t := range c.Tasks {
		lines = append(lines, "", "[[task]]", "name = "+c.encode(t.Name), "on = "+c.encode(t.On), "cmd = "+c.encode(t.Cmd))
		if t.On != "quit" {
			lines = append(lines, "files = "+c.encode(t.Files), "before = "+c.encode(t.Before))
		}
		say(len(t.Exclude) > 0, "exclude_dir for task %s", t.Name)
		say(len(t.ExcludeRegexps) > 0, "exclude_regex of task %s: %s", t.Name, strings.Join(t.ExcludeRegexps, " "))
	}
	return lines, left
}

// encode writes a value.
func (c Config) encode(value any) string {
	switch v := value.(type) {
	case string:
		return Quote(c.relative(v))
	case time.Duration:
		return Quote(v.String())
	case []string:
		var all []string
		for _, s := range v {
			all = append(all, Quote(c.relative(s)))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case Command:
		return c.encode([]string(v))
	case [][]string:
		var all []string
		for _, argv := range v {
			all = append(all, c.encode(argv))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case map[string]string:
		var all []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			key := name
			if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
				key = Quote(name)
			}
			all = append(all, key+" = "+Quote(v[name]))
		}
		return "{ " + strings.Join(all, ", ") + " }"
	}
	if v := reflect.ValueOf(value); v.Kind() == reflect.Struct { // of ready
		var all []string
		for i := range v.NumField() {
			if field := v.Field(i); !field.IsZero() {
				all = append(all, v.Type().Field(i).Tag.Get("toml")+" = "+c.encode(field.Interface()))
			}
		}
		return "{ " + strings.Join(all, ", ") + " }"
	}
	return fmt.Sprint(value)
}

// relative is a path in the folder of the file as it is written there; anything else
// is itself.
func (c Config) relative(s string) string {
	if !filepath.IsAbs(s) {
		return s
	}
	if rel, err := filepath.Rel(c.Dir, s); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return s
}

// Quote writes a string of TOML.
func Quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
