package initialize

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what is expected in testdata")

// TestProjects looks at each project in testdata: a txtar file whose comment has the
// main packages, and what is expected as the files "said" and "written".
func TestProjects(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no projects: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			root := filepath.Join(t.TempDir(), "project")
			want := map[string]string{}
			var keep []txtar.File
			for _, f := range a.Files {
				if f.Name == "said" || f.Name == "written" {
					want[f.Name] = string(f.Data)
					continue
				}
				keep = append(keep, f)
				path := filepath.Join(root, f.Name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f := finding{root: root}
			f.look(strings.Fields(string(a.Comment)))
			got := map[string]string{"said": strings.Join(f.did, "\n") + "\n", "written": f.text()}
			if err := check(root, got["written"]); err != nil {
				t.Errorf("what is written has a mistake: %v\n%s", err, got["written"])
			}
			if *update {
				a.Files = append(keep, txtar.File{Name: "said", Data: []byte(got["said"])}, txtar.File{Name: "written", Data: []byte(got["written"])})
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, name := range []string{"said", "written"} {
				if got[name] != want[name] {
					t.Errorf("%s:\n%s\nwant:\n%s", name, got[name], want[name])
				}
			}
		})
	}
}

// What is there stays as it is.
func TestNothingIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ".air-like.toml")
	for name, text := range map[string]string{"go.mod": "module m\n", ".air-like.toml": "# mine\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	did, err := Write(t.Context(), dir)
	if err == nil || len(did) > 0 || !strings.Contains(err.Error(), "stays as it is") {
		t.Errorf("did %q, error %v", did, err)
	}
	if text, _ := os.ReadFile(file); string(text) != "# mine\n" {
		t.Errorf("it has become %q", text)
	}
}
