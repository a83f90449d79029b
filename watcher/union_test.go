package watcher

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

// The union of sets watches what any of them does; what one ignores, another may
// watch. Each set can say which of the news are its own.
func TestUnion(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("api/main.go", "1")
	write("worker/main.go", "1")
	write("shared/a.sql", "1")
	write("data/sub/x.txt", "1")
	api := Set{
		Roots:  []string{dir},
		Rules:  []Rule{{Dir: filepath.Join(dir, "api"), Include: []string{"*.go"}}, {Dir: filepath.Join(dir, "shared"), Include: []string{"*"}}},
		Ignore: []Rule{{Dir: dir, Include: []string{"**/*.sql"}}},
		Files:  []string{filepath.Join(dir, "go.mod")},
		Quiet:  time.Second,
	}
	worker := Set{
		Roots: []string{dir},
		Rules: []Rule{
			{Dir: filepath.Join(dir, "worker"), Include: []string{"*.go"}}, {Dir: filepath.Join(dir, "shared"), Include: []string{"*"}},
			{Dir: filepath.Join(dir, "data"), Include: []string{"**"}, Boundary: "go.mod"},
		},
		Files: []string{filepath.Join(dir, "go.mod")},
	}
	union := Union(api, worker)
	if got := Union(api); !reflect.DeepEqual(got, api) {
		t.Errorf("the union of one set is %+v", got)
	}
	if len(union.Roots) != 1 || len(union.Files) != 1 || union.Quiet != time.Second {
		t.Errorf("the union is %+v", union)
	}

	w := New()
	batches := make(chan Batch, 9)
	go func() { _ = w.Run(t.Context(), func(b Batch) { batches <- b }) }()
	union.Quiet = 0
	if _, err := w.Watch(t.Context(), union, time.Time{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path        string
		api, worker bool
	}{
		{"api/main.go", true, false},
		{"worker/main.go", false, true},
		{"shared/a.sql", false, true}, // the api ignores it
		{"shared/a.txt", true, true},
		{"go.mod", true, true},
		{"data/sub/go.mod", false, true}, // takes x.txt away from the worker
	} {
		path := write(c.path, c.path)
		var told []string
		for !slices.Contains(told, path) {
			told = (<-batches).Paths
		}
		if got := slices.Contains(api.Told(told), path); got != c.api {
			t.Errorf("%s is news for the api: %v", c.path, got)
		}
		if got := slices.Contains(worker.Told(told), path); got != c.worker {
			t.Errorf("%s is news for the worker: %v", c.path, got)
		}
	}
}
