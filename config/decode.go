package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/nearest"
)

// decode puts tree, whose place is path, into the struct that into points to, by its
// toml tags. Keys without a field go to unknown.
func (d *document) decode(path []string, tree map[string]any, into any, unknown func(path []string, value any)) {
	d.table(path, tree, reflect.ValueOf(into).Elem(), unknown)
}

func (d *document) table(path []string, tree map[string]any, into reflect.Value, unknown func([]string, any)) {
	fields := map[string]reflect.Value{}
	for i := range into.NumField() {
		if tag := into.Type().Field(i).Tag.Get("toml"); tag != "-" {
			fields[tag] = into.Field(i)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(tree)) {
		at := append(path[:len(path):len(path)], key)
		if field, ok := fields[key]; !ok {
			unknown(at, tree[key])
		} else if sub, isTable := tree[key].(map[string]any); isTable && field.Kind() == reflect.Struct {
			d.table(at, sub, field, unknown)
		} else {
			d.field(at, tree[key], field)
		}
	}
}

// field decodes one value into a field; what has the wrong type leaves it alone.
func (d *document) field(path []string, value any, field reflect.Value) {
	switch into := field.Addr().Interface().(type) {
	case *any:
		*into = value
	case *bool:
		if v, ok := value.(bool); ok {
			*into = v
		} else {
			d.wrong(path, "want true or false, have %s", have(value))
		}
	case *int:
		if v, ok := value.(int64); ok && int64(int(v)) == v {
			*into = int(v)
		} else {
			d.wrong(path, "want a whole number, have %s", have(value))
		}
	case *Port:
		d.port(path, value, into)
	case *string:
		if v, ok := d.text(path, value); ok {
			*into = v
		}
	case *time.Duration:
		text, _ := value.(string)
		v, err := time.ParseDuration(text)
		if err != nil {
			d.wrong(path, "want a duration such as %q, have %s", into.String(), have(value))
			return
		}
		*into = v
	case *[]string:
		if v, ok := d.texts(path, value); ok {
			*into = v
		}
	case *map[string][]string:
		table, ok := value.(map[string]any)
		if !ok {
			d.wrong(path, `want a table such as [keys] with a line name = ["a", "b"], have %s`, have(value))
			return
		}
		*into = map[string][]string{}
		for name, value := range table {
			at := append(path[:len(path):len(path)], name)
			if one, ok := value.(string); ok {
				(*into)[name] = []string{one}
			} else if v, ok := d.texts(at, value); ok {
				(*into)[name] = v
			}
		}
	case *map[string]string:
		table, ok := value.(map[string]any)
		if !ok {
			d.wrong(path, `want a table such as { NAME = "value" }, have %s`, have(value))
			return
		}
		all := map[string]string{} // with what there is for all programs
		maps.Copy(all, *into)
		*into = all
		for name, value := range table {
			if v, ok := d.text(append(path[:len(path):len(path)], name), value); ok {
				(*into)[name] = v
			}
		}
	case *[][]string:
		*into = d.commands(path, value)
	case *Command:
		*into = d.command(path, value)
	case *Addresses:
		if one, ok := value.(string); ok {
			*into = Addresses{one}
		} else if v, ok := d.texts(path, value); ok {
			*into = v
		}
	default:
		d.wrong(path, "want a table, [%s], have %s", spell(path), have(value))
	}
}

func (d *document) text(path []string, value any) (string, bool) {
	switch v := value.(type) {
	case string:
		// The system ends arguments, paths and variables at a NUL.
		if strings.Contains(v, "\x00") {
			d.wrong(path, "must not hold the character U+0000")
			return "", false
		}
		return v, true
	case int64, float64, bool:
		d.wrong(path, "want a string such as \"%v\", have %v", v, v)
	default:
		d.wrong(path, "want a string, have %s", have(value))
	}
	return "", false
}

func (d *document) texts(path []string, value any) ([]string, bool) {
	array, ok := value.([]any)
	if text, isText := value.(string); isText {
		d.wrong(path, "want an array of strings such as [%q], have %q", text, text)
		return nil, false
	} else if !ok {
		d.wrong(path, `want an array of strings such as ["a", "b"], have %s`, have(value))
		return nil, false
	}
	var texts []string
	all := true
	for i, value := range array {
		text, ok := d.text(append(path[:len(path):len(path)], strconv.Itoa(i)), value)
		texts, all = append(texts, text), all && ok
	}
	return texts, all
}

// commands reads an array whose elements are each a command in one string or an
// argv.
func (d *document) commands(path []string, value any) [][]string {
	array, ok := value.([]any)
	if !ok {
		d.wrong(path, `want an array of commands such as ["go generate ./..."], have %s`, have(value))
		return nil
	}
	var commands [][]string
	for i, value := range array {
		commands = append(commands, d.command(append(path[:len(path):len(path)], strconv.Itoa(i)), value))
	}
	return commands
}

// command reads one in one string or as an argv.
func (d *document) command(at []string, value any) []string {
	switch v := value.(type) {
	case string:
		argv, err := splitCommand(v)
		if err != nil {
			d.wrong(at, "%v", err)
		}
		return argv
	case []any:
		argv, ok := d.texts(at, v)
		if ok && (len(argv) == 0 || argv[0] == "") {
			d.wrong(at, "is an empty command")
		}
		return argv
	}
	d.wrong(at, `want a command such as "go generate ./..." or ["go", "generate", "./..."], have %s`, have(value))
	return nil
}

// have says what a value is, for the end of an error.
func have(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case int64, float64, bool:
		return fmt.Sprint(v)
	case []any:
		return "an array"
	case map[string]any:
		return "a table"
	default:
		return "a date or time"
	}
}

// unknown notes a key that the schema does not have, and what was meant.
func (d *document) unknown(path []string, value any) {
	switch {
	case path[0] == "program":
		d.unknownOfProgram(path)
		return
	case path[0] == "process", path[0] == "task", len(path) > 2:
		d.unknownBelow(path)
		return
	}
	key := path[len(path)-1]
	tables, keys := schema()
	at := d.place(path).key
	if len(path) == 1 {
		_, isTable := value.(map[string]any)
		if isTable {
			message := fmt.Sprintf("unknown table `[%s]`", key)
			if near := nearest.Of(key, tables); near != "" {
				message += fmt.Sprintf(": did you mean `[%s]`?", near)
			} else {
				message += fmt.Sprintf(": the tables are %s", strings.Join(tables, ", "))
			}
			d.blame(at, message)
			return
		}
		if array, ok := value.([]any); ok && len(array) > 0 {
			kinds := []string{"program", "process", "task"}
			if _, tables := array[0].(map[string]any); tables {
				message := fmt.Sprintf("unknown table `[[%s]]`: there are [[%s]]", key, strings.Join(kinds, "]], [["))
				if near := nearest.Of(key, kinds); near != "" {
					message = fmt.Sprintf("unknown table `[[%s]]`: did you mean `[[%s]]`?", key, near)
				}
				d.blame(at, message)
				return
			}
		}
		d.blame(at, fmt.Sprintf("unknown key `%s`", key)+elsewhere(key, "", tables, keys))
		return
	}
	table := path[0]
	message := fmt.Sprintf("unknown key `[%s] %s`", table, key)
	if hint := elsewhere(key, table, tables, keys); hint != "" {
		message += hint
	} else {
		message += fmt.Sprintf(": the keys are %s", strings.Join(keys[table], ", "))
	}
	d.blame(at, message)
}

// elsewhere says what a wrong key of a table may have been meant to be: the
// same key of another table, a similar one of this table, or of another.
func elsewhere(key, table string, tables []string, keys map[string][]string) string {
	for _, t := range tables {
		if slices.Contains(keys[t], key) {
			return fmt.Sprintf(": it belongs to `[%s]`", t)
		}
	}
	if near := nearest.Of(key, keys[table]); near != "" {
		return fmt.Sprintf(": did you mean `%s`?", near)
	}
	for _, t := range tables {
		if near := nearest.Of(key, keys[t]); near != "" {
			return fmt.Sprintf(": did you mean `[%s] %s`?", t, near)
		}
	}
	return ""
}

// tags are the keys of a table.
func tags[T any]() (keys []string) {
	for key := range reflect.TypeFor[T]().Fields() {
		if tag := key.Tag.Get("toml"); tag != "-" {
			keys = append(keys, tag)
		}
	}
	return keys
}

// schema lists the tables of a Config, and by table its keys.
func schema() (tables []string, keys map[string][]string) {
	keys = map[string][]string{}
	for table := range reflect.TypeFor[Config]().Fields() {
		name := table.Tag.Get("toml")
		if name == "-" {
			continue
		}
		tables = append(tables, name)
		if table.Type.Kind() != reflect.Struct { // its keys are the user's
			continue
		}
		for key := range table.Type.Fields() {
			if tag := key.Tag.Get("toml"); tag != "-" {
				keys[name] = append(keys[name], tag)
			}
		}
	}
	return tables, keys
}
