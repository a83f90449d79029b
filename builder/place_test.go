package builder

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

func mustPlace(t testing.TB, root, project string) *Folder {
	t.Helper()
	f, err := Place(root, project)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestPlace(t *testing.T) {
	root := realTemp(t)
	a := mustPlace(t, root, "/src/my app")
	b := mustPlace(t, root, "/src/my app")
	c := mustPlace(t, root, "/elsewhere/my app")
	if a.Dir == b.Dir || a.Dir == c.Dir || filepath.Dir(a.Dir) != filepath.Dir(b.Dir) || filepath.Dir(a.Dir) == filepath.Dir(c.Dir) {
		t.Errorf("%s, %s, %s", a.Dir, b.Dir, c.Dir)
	}
	if rel, _ := filepath.Rel(root, a.Dir); !strings.HasPrefix(filepath.ToSlash(rel), "hotdev/my_app-") {
		t.Errorf("%s", a.Dir)
	}
	for _, dir := range []string{a.Dir, filepath.Dir(a.Dir), filepath.Join(root, "hotdev")} {
		if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", dir, st, err)
		}
	}
	writeFile(t, filepath.Join(a.Dir, "app"), "a")
	writeFile(t, filepath.Join(b.Dir, "app"), "b")
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error("twice:", err)
	}
	if !disk.Regular(filepath.Join(b.Dir, "app")) || disk.IsDir(a.Dir) {
		t.Error("Close removes its own folder, and no other")
	}
	again := mustPlace(t, root, "/src/my app")
	if left := leftovers(t, again.Dir); len(left) > 0 {
		t.Errorf("a new folder holds %v", left)
	}
	for _, f := range []*Folder{again, b, c} {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if left := leftovers(t, filepath.Join(root, "hotdev")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// What a killed hotdev leaves is its folder and a file that nobody locks.
func TestPlaceSweeps(t *testing.T) {
	root := realTemp(t)
	alive := mustPlace(t, root, "/src/app")
	writeFile(t, filepath.Join(alive.Dir, "app"), "x")
	dead := mustPlace(t, root, "/src/gone")
	writeFile(t, filepath.Join(dead.Dir, ".app.hotdev-1-1.work", "x"), "x")
	_ = dead.lock.Close() // as the kernel does
	mustPlace(t, root, "/src/third")
	if disk.IsDir(filepath.Dir(dead.Dir)) {
		t.Error("a dead hotdev's folder stays")
	}
	if !disk.Regular(filepath.Join(alive.Dir, "app")) {
		t.Error("a live hotdev's folder was swept")
	}
}

// Many at once: none gets another's folder, none is swept by another.
func TestPlaceTogether(t *testing.T) {
	root := realTemp(t)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for range 20 {
				f, err := Place(root, "/src/app")
				if err != nil {
					t.Error(err)
					return
				}
				mine := []byte(fmt.Sprint(n))
				name := filepath.Join(f.Dir, "app")
				if err := os.WriteFile(name, mine, 0o600); err != nil {
					t.Error(err)
				}
				if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, mine) {
					t.Errorf("%q, %v", got, err)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if left := leftovers(t, filepath.Join(root, "hotdev")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPlaceFails(t *testing.T) {
	file := filepath.Join(realTemp(t), "file")
	writeFile(t, file, "")
	if _, err := Place(file, "/src/app"); err == nil || !strings.HasPrefix(err.Error(), "cache folder: ") || !strings.Contains(err.Error(), file) {
		t.Error(err)
	}
}

// Temporary files beside an output of the user's: those of dead processes go.
func TestSweepTemps(t *testing.T) {
	ended := exec.Command("go", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	dead := fmt.Sprintf(".app.hotdev-%d-7", ended.Process.Pid)
	keep := []string{
		"app", "other", ".app.hotdev-x-1", ".app.hotdev-",
		fmt.Sprintf(".app.hotdev-%d-1", os.Getppid()),
		fmt.Sprintf(".app2.hotdev-%d-1", ended.Process.Pid),
	}
	dir := testModule(t, hello)
	req := request(t, dir)
	folder := filepath.Dir(req.Output)
	for _, n := range append(keep, dead, filepath.Join(dead+".work", "x")) {
		writeFile(t, filepath.Join(folder, n), "x")
	}
	b := New()
	b.Discard(mustBuild(t, b, req).Artifact)
	if left := leftovers(t, folder, keep...); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, k := range keep {
		if !disk.Regular(filepath.Join(folder, k)) {
			t.Errorf("%s was swept", k)
		}
	}
}
