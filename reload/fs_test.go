//go:build hotdev && (linux || darwin || freebsd)

package reload

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// The folder on the disk stands in for what was embedded of it: new content, new files,
// but nothing that the program would not have without hotdev.
func TestDisk(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	embedded := fstest.MapFS{"app.css": {Data: []byte("old")}, "_chosen/a.txt": {Data: []byte("a")}}
	write("app.css", "old")
	if _, ok := openDisk(folder, embedded); ok {
		t.Error("a folder without all that was embedded is taken for the one that it comes from")
	}
	write("_chosen/a.txt", "a")
	write("img/new.svg", "svg")
	write(".secret", "s")
	write("img/_draft.svg", "d")
	d, ok := openDisk(folder, embedded)
	if !ok {
		t.Fatal("the folder is not taken")
	}
	write("app.css", "new")
	if text, err := fs.ReadFile(d, "app.css"); string(text) != "new" || err != nil {
		t.Errorf("app.css: %q, %v", text, err)
	}
	for _, name := range []string{".secret", "img/_draft.svg", "../x", "gone"} {
		if _, err := d.Open(name); err == nil {
			t.Errorf("%s can be opened", name)
		}
	}
	var names []string
	err := fs.WalkDir(d, ".", func(path string, e fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if want := []string{".", "_chosen", "_chosen/a.txt", "app.css", "img", "img/new.svg"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("%v, %v; want %v", names, err, want)
	}
	// What a bundler puts in its place is the folder from then on.
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Open("app.css"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("app.css of no folder: %v", err)
	}
	write("app.css", "newer")
	if text, err := fs.ReadFile(d, "app.css"); string(text) != "newer" || err != nil {
		t.Errorf("app.css of another folder: %q, %v", text, err)
	}
	if list, err := fs.ReadDir(d, "."); len(list) != 1 || err != nil {
		t.Errorf("another folder has %v, %v; want one file", list, err)
	}
	if _, ok := openDisk("app/dist", embedded); ok {
		t.Error("a path of -trimpath is taken for a folder")
	}
}

// Without hotdev there is nobody to tell, so the program serves what it has.
func TestFSAlone(t *testing.T) {
	embedded := fstest.MapFS{"fs_test.go": {Data: []byte("embedded")}}
	if text, err := fs.ReadFile(FS(embedded, "."), "fs_test.go"); string(text) != "embedded" || err != nil {
		t.Errorf("%.20q, %v", text, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a folder that there is not")
		}
	}()
	FS(embedded, "gone")
}
