package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/tester"
	"github.com/hotdev/hotdev/tui"
)

var update = flag.Bool("update", false, "write the generated parts of docs anew")

// The tables in docs that are made from the code say what the code says. A table
// is between two marks, so that the prose around it is written by hand.
func TestGeneratedDocs(t *testing.T) {
	for name, table := range map[string]string{
		"keys.md":    keyTable(),
		"json.md":    eventTable(),
		"control.md": ctlTable(),
	} {
		file := filepath.Join("..", "..", "docs", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		const from, to = "<!-- generated: go test ./cmd/hotdev -run Docs -update -->\n", "<!-- end -->\n"
		before, rest, ok := strings.Cut(string(text), from)
		_, after, also := strings.Cut(rest, to)
		if !ok || !also {
			t.Errorf("docs/%s: the marks around its table are missing", name)
			continue
		}
		want := before + from + "\n" + table + "\n" + to + after
		if string(text) == want {
			continue
		}
		if !*update {
			t.Errorf("docs/%s is not what the code says; run go test ./cmd/hotdev -run Docs -update, and read the change", name)
			continue
		}
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func keyTable() string {
	b := "| key | action | what it does |\n| --- | --- | --- |\n"
	for _, k := range tui.KeyTable() {
		b += fmt.Sprintf("| `%s` | `%s` | %s |\n", strings.NewReplacer(", ", "`, `", "|", `\|`).Replace(k.Keys), k.Action, k.Does)
	}
	return b
}

func ctlTable() string {
	b := "| command | what it does | flags |\n| --- | --- | --- |\n"
	ctl, _, err := command(terminal.Terminal{}, nil).Find([]string{"ctl"})
	if err != nil {
		return err.Error()
	}
	for _, c := range ctl.Commands() {
		var flags []string
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if f.Name == "help" {
				return
			}
			name, usage := pflag.UnquoteUsage(f)
			if name != "" {
				name = " " + strings.ToUpper(name)
			}
			flags = append(flags, fmt.Sprintf("`--%s%s`: %s", f.Name, name, usage))
		})
		b += fmt.Sprintf("| `hotdev ctl %s` | %s | %s |\n", c.Use, c.Short, strings.Join(flags, "<br>"))
	}
	return b
}

func eventTable() string {
	b := "| event | what happened | fields |\n| --- | --- | --- |\n"
	for _, k := range engine.Kinds() {
		means := k.Means
		if k.Request {
			means = "request: " + means
		}
		encoded := k.Encoded
		if encoded == nil {
			encoded = k.Event
		}
		b += fmt.Sprintf("| `%s` | %s | %s |\n", k.Event.Name(), means, fields(reflect.TypeOf(encoded), true))
	}
	for _, k := range tester.Kinds() {
		means := k.Means
		if k.Request {
			means = "request: " + means
		}
		b += fmt.Sprintf("| `%s` | %s | %s |\n", k.Event.Name(), means, fields(reflect.TypeOf(k.Event), true))
	}
	return b
}

// fields are the names of a type's fields in JSON, with those of the structs in
// it, as far as a table has room for them.
func fields(t reflect.Type, nest bool) string {
	const room = 14
	var names []string
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, _, _ := strings.Cut(tag, ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		if f.Anonymous && name == "" {
			names = append(names, fields(f.Type, nest))
			continue
		}
		text := "`" + name + "`"
		inner := f.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if nest && inner.Kind() == reflect.Struct && inner.NumField() <= room && inner.PkgPath() != "time" {
			if within := fields(inner, false); within != "" {
				text += " (" + within + ")"
			}
		}
		names = append(names, text)
	}
	return strings.Join(names, ", ")
}

// The documents name the flags that there are, and no others.
func TestDocumentedFlags(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| .*`--([a-z-]+)").FindAllStringSubmatch(string(text), -1) {
		documented[m[1]] = true
	}
	for _, m := range regexp.MustCompile("--([a-z-]+)").FindAllStringSubmatch(command(terminal.Terminal{}, nil).LocalFlags().FlagUsages(), -1) {
		if name := m[1]; name != "help" && !documented[name] {
			t.Errorf("docs/configuration.md does not know --%s", name)
		}
		delete(documented, m[1])
	}
	for name := range documented {
		t.Errorf("docs/configuration.md: there is no flag --%s", name)
	}
}

// Every link from one document to another leads somewhere.
func TestDocumentLinks(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	tops, err := filepath.Glob(filepath.Join(root, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, file := range append(files, tops...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := filepath.Join(filepath.Dir(file), filepath.FromSlash(m[1]))
			body, err := os.ReadFile(target)
			if st, statErr := os.Stat(target); statErr == nil && st.IsDir() {
				continue
			}
			if err != nil {
				t.Errorf("%s links to %s, which is not there", filepath.Base(file), m[1])
				continue
			}
			if anchor := strings.TrimPrefix(m[2], "#"); anchor != "" && !anchors(string(body))[anchor] {
				t.Errorf("%s links to %s%s: there is no such heading", filepath.Base(file), m[1], m[2])
			}
		}
	}
}

// anchors are the names under which a document's headings can be linked to.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	drop := regexp.MustCompile(`[^\pL\pN _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := strings.ToLower(drop.ReplaceAllString(m[1], ""))
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}
