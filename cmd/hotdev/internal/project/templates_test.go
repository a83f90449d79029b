package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/engine"
)

// Texts are read from files where templ can do that, the program can find them, and live
// code does not bring them.
func TestTemplates(t *testing.T) {
	cfg := config.Config{Tasks: []config.Task{{Use: "sqlc", Dir: "/no"}, {Use: "templ", Dir: "/p"}}}
	plain := engine.Settings{}
	live, trimmed, goflags, own := plain, plain, plain, plain
	live.Build.Live = true
	trimmed.Build.Flags = []string{"-trimpath"}
	goflags.Build.Env = []string{"GOFLAGS=-trimpath"}
	own.Run.Env = []string{"TEMPL_DEV_MODE=true"}
	for _, c := range []struct {
		gomod    string
		cfg      config.Config
		settings engine.Settings
		want     string
	}{
		{"require github.com/a-h/templ v0.3.1001\n", cfg, plain, "/p"},
		{"require (\n\tgithub.com/a-h/templ v0.3.1100 // indirect\n)\n", cfg, plain, "/p"},
		{"require github.com/a-h/templ v0.3.977\n", cfg, plain, ""},
		{"require github.com/a-h/templ v0.2.1200\n", cfg, plain, ""},
		{"", cfg, plain, ""},
		{"require github.com/a-h/templ v0.3.1001\n", config.Config{}, plain, ""},
		{"require github.com/a-h/templ v0.3.1001\n", cfg, live, ""},
		{"require github.com/a-h/templ v0.3.1001\n", cfg, trimmed, ""},
		{"require github.com/a-h/templ v0.3.1001\n", cfg, goflags, ""},
		{"require github.com/a-h/templ v0.3.1001\n", cfg, own, ""},
	} {
		p := &Project{root: t.TempDir()}
		if err := os.WriteFile(filepath.Join(p.root, "go.mod"), []byte("module m\n\n"+c.gomod), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := p.templatesOf(c.cfg, c.settings); got != c.want {
			t.Errorf("%q, %+v: %q, want %q", c.gomod, c.settings.Build, got, c.want)
		}
	}
}

// The templates are those of the program and of the settings in force.
func TestTemplatesInForce(t *testing.T) {
	cfg := config.Config{Tasks: []config.Task{{Use: "templ", Dir: "/p"}}}
	p := &Project{root: t.TempDir(), config: cfg}
	if err := os.WriteFile(filepath.Join(p.root, "go.mod"), []byte("module m\n\nrequire github.com/a-h/templ v0.3.1001\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := p.Templates(); got != "/p" {
		t.Errorf("%q", got)
	}
	p.last.Build.Flags = []string{"-trimpath"}
	if got := p.Templates(); got != "" {
		t.Errorf("with -trimpath: %q", got)
	}
	p.last.Build.Flags, p.task = nil, "templ"
	if got := p.Templates(); got != "" {
		t.Errorf("of the task itself: %q", got)
	}
}
