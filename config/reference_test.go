package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The repository's own file is the reference of all keys. These tests hold it
// equal to the code.

func TestReferenceLoads(t *testing.T) {
	c, err := Load("../" + Name)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Build.Package, "./cmd/hotdev")
	equal(t, c.Run.Dir, root)
	if _, err := os.Stat("../examples/hello/main.go"); err != nil {
		t.Errorf("what %q names: %v", c.Run.Args, err)
	}
}

func TestReferenceShowsEveryDefault(t *testing.T) {
	data, err := os.ReadFile("../" + Name)
	if err != nil {
		t.Fatal(err)
	}
	// The headers, and the keys as the commented lines have them.
	var defaults strings.Builder
	for _, line := range regexp.MustCompile(`(?m)^(\[\w+\]|#\w+ = .*)$`).FindAllString(string(data), -1) {
		defaults.WriteString(strings.TrimPrefix(line, "#") + "\n")
	}
	text := defaults.String()

	c, err := parse("defaults", "", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	// What is written as empty there is absent in Default; that is the same.
	for _, table := range []*map[string]string{&c.Build.Env, &c.Run.Env, &c.Test.Env} {
		if len(*table) == 0 {
			*table = nil
		}
	}
	if len(c.Keys) == 0 {
		c.Keys = nil
	}
	c.Web.Declined = false // it is written there
	equal(t, c, Default())

	d, _ := newDocument("defaults", []byte(text))
	tables, keys := schema()
	for _, table := range tables {
		for _, key := range keys[table] {
			if _, ok := d.places[id([]string{table, key})]; !ok {
				t.Errorf("[%s] %s is not shown with its default", table, key)
			}
		}
	}
}

// The page lists the signals in prose.
func TestReferenceNamesEverySignal(t *testing.T) {
	data, err := os.ReadFile("../" + Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Signals() {
		if !regexp.MustCompile(`\b` + name + `\b`).Match(data) {
			t.Errorf("%s is not named", name)
		}
	}
}
