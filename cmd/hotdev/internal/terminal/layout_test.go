package terminal

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hotdev/hotdev/tui"
)

func TestLayoutIsRemembered(t *testing.T) {
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	if got := recallLayout(); got != (tui.Layout{}) {
		t.Errorf("nothing was remembered, but %v is", got)
	}
	want := tui.Layout{Split: tui.Split{Left: 30, Build: 12}, Pretty: true}
	for range 2 { // it is replaced as well as made
		if err := rememberLayout(want); err != nil {
			t.Fatal(err)
		}
	}
	if got := recallLayout(); got != want {
		t.Errorf("remembered %v, want %v", got, want)
	}
	file, err := layoutFile()
	if err != nil {
		t.Fatal(err)
	}
	if all, err := os.ReadDir(filepath.Dir(file)); err != nil || len(all) != 1 {
		t.Errorf("beside the file there is %v (%v)", all, err)
	}
	if st, err := os.Stat(file); err != nil || runtime.GOOS != "windows" && st.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v (%v)", st.Mode(), err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := recallLayout(); got != (tui.Layout{}) {
		t.Errorf("a broken file gives %v", got)
	}
}
