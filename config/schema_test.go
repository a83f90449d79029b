package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write docs/schema.json anew")

// The JSON schema in docs, which editors read, is what the types of a configuration,
// their defaults and the comments of the reference make.
func TestSchema(t *testing.T) {
	const file = "../docs/schema.json"
	s := schemaOf(t, reflect.TypeFor[Config](), reflect.ValueOf(Default()), nil, describe(t))
	s["$schema"] = "http://json-schema.org/draft-07/schema#"
	s["$id"] = SchemaURL
	s["title"] = "hotdev (" + Name + ")"
	var want bytes.Buffer
	e := json.NewEncoder(&want)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		t.Fatal(err)
	}
	if path.Base(SchemaURL) != path.Base(file) {
		t.Errorf("the schema is at %s", SchemaURL)
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/schema.json is not what the types say; run go test ./config -run Schema -update, and read the change")
	}
}

// choices are the values of texts of which there are only some, by path.
func choices() map[string][]string {
	return map[string][]string{
		"run.stop_signal": Signals(), "process.stop_signal": Signals(), "plugin.notify_signal": Signals(),
		"live.mode": {"auto", "off"}, "plugin.mode": Modes(), "watch.poll": {"auto", "always", "never"},
		"web.update": Updates(), "test.on": TestTimes(), "screen.theme": Themes(), "process.restart": Restarts(), "task.use": Presets(), "task.on": TaskTimes(), "process.use": Runners(),
	}
}

// schemaOf is the schema of a type, whose values are at a path.
func schemaOf(t *testing.T, of reflect.Type, def reflect.Value, at []string, comments map[string]string) map[string]any {
	t.Helper()
	texts := map[string]any{"type": "array", "items": map[string]any{"type": "string"}}
	command := map[string]any{"anyOf": []any{map[string]any{"type": "string"}, texts}}
	s := map[string]any{}
	key := strings.Join(at, ".")
	if text := comments[key]; text != "" {
		s["description"] = text
	}
	switch of {
	case reflect.TypeFor[time.Duration]():
		s["type"], s["pattern"] = "string", `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`
		if def.IsValid() && def.Int() > 0 {
			s["default"] = time.Duration(def.Int()).String()
		}
		return s
	case reflect.TypeFor[Port]():
		s["anyOf"] = []any{map[string]any{"const": "auto"}, map[string]any{"type": "integer", "minimum": 0, "maximum": 65535}}
		return s
	case reflect.TypeFor[Command]():
		s["anyOf"] = command["anyOf"]
		return s
	case reflect.TypeFor[[][]string]():
		s["type"], s["items"] = "array", command
		return s
	case reflect.TypeFor[map[string]string]():
		s["type"], s["additionalProperties"] = "object", map[string]any{"type": "string"}
		return s
	case reflect.TypeFor[map[string][]string]():
		s["type"], s["additionalProperties"] = "object", map[string]any{"anyOf": command["anyOf"]}
		return s
	}
	switch of.Kind() {
	case reflect.Bool:
		s["type"] = "boolean"
		if def.IsValid() {
			s["default"] = def.Bool()
		}
	case reflect.Int:
		s["type"] = "integer"
		if def.IsValid() {
			s["default"] = def.Int()
		}
	case reflect.String:
		s["type"] = "string"
		if all := choices()[strings.TrimPrefix(key, "program.")]; all != nil {
			s["enum"] = all
		}
		if def.IsValid() && def.String() != "" {
			s["default"] = def.String()
		}
	case reflect.Slice:
		s["type"] = "array"
		if of.Elem().Kind() == reflect.Struct {
			s["items"] = schemaOf(t, of.Elem(), reflect.Value{}, at, comments)
		} else {
			s["items"] = map[string]any{"type": "string"}
		}
	case reflect.Struct:
		s["type"], s["additionalProperties"] = "object", false
		properties := map[string]any{}
		for i := range of.NumField() {
			name := of.Field(i).Tag.Get("toml")
			if name == "-" || !of.Field(i).IsExported() {
				continue
			}
			var value reflect.Value
			if def.IsValid() {
				value = def.Field(i)
			}
			properties[name] = schemaOf(t, of.Field(i).Type, value, append(slices.Clip(at), name), comments)
		}
		s["properties"] = properties
	default:
		t.Errorf("%s: no schema for %s", key, of)
	}
	return s
}

// describe gives what the reference says of each key, by path. What it says of a key
// of several tables is said of all of them.
func describe(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../" + Name)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	table, text := "", []string{}
	setting := regexp.MustCompile(`^#?(\w+) = `)
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		header := regexp.MustCompile(`^\[(\w+)\]$`).FindStringSubmatch(line)
		switch key := setting.FindStringSubmatch(line); {
		case header != nil:
			table, text = header[1], nil
		case key != nil && table != "":
			for _, prefix := range []string{"", "program."} {
				if _, said := comments[prefix+table+"."+key[1]]; !said {
					comments[prefix+table+"."+key[1]] = strings.Join(text, " ")
				}
			}
			if table == "run" {
				for _, of := range []string{"process.", "task."} {
					comments[of+key[1]] = strings.Join(text, " ")
				}
			}
		case strings.HasPrefix(line, "# "):
			text = append(text, strings.TrimSpace(line[1:]))
		default:
			text = nil
		}
	}
	return comments
}
