package builder

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Real builds of broken modules: what the go command says of them, read.
func TestBrokenModules(t *testing.T) {
	eachArchive(t, "broken", func(t *testing.T, file string, a archive) {
		if slices.Contains(a.setting("need"), "cgo") {
			needCgo(t)
		}
		dir := realTemp(t)
		a.write(t, dir)
		req := request(t, dir, a.setting("target")...)
		req.Flags = a.setting("flags")
		req.Env = goEnviron(a.setting("env")...)
		b := New()
		if slices.Contains(a.setting("list"), "first") {
			mustList(t, b, req)
		}
		r, err := b.Build(t.Context(), req, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		if r.OK() || r.Same || r.Artifact != (Artifact{}) {
			t.Errorf("a broken module was built: %+v", r)
		}
		got := render(r.Diagnostics, dir)
		if r.Uncompiled {
			got += "nothing was compiled\n"
		}
		checkGolden(t, file, a, got)
		if left := leftovers(t, filepath.Dir(req.Output)); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// What other versions, systems and linkers print, read from text.
func TestText(t *testing.T) {
	eachArchive(t, "text", func(t *testing.T, file string, a archive) {
		dir := realTemp(t)
		a.write(t, dir)
		// What no editor should have to show.
		raw := strings.NewReplacer("␛", "\x1b", "␇", "\a", "␈", "\b", "␍", "\r", "▒", "\xff")
		log := buildLog{json: !slices.Contains(a.setting("mode"), "plain")}
		for l := range strings.Lines(raw.Replace(strings.ReplaceAll(a.files["output"], "$DIR", dir))) {
			log.line(strings.TrimSuffix(l, "\n"))
		}
		diags := New().diagnose(Request{Dir: dir}, &log, os.ErrInvalid)
		checkGolden(t, file, a, render(diags, dir))
	})
}

// A folder that lost its files is called what it was called when it had some,
// whether it was listed again or not.
func TestFormerPackage(t *testing.T) {
	dir := testModule(t, sample)
	req, b := request(t, dir), New()
	good := mustList(t, b, req)
	file := filepath.Join(dir, "main.go")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	build := func() {
		r, err := b.Build(t.Context(), req, Hooks{})
		if err != nil || len(r.Diagnostics) != 1 || r.Diagnostics[0].Package != good.Main || !r.Uncompiled {
			t.Errorf("%+v, %v", r.Diagnostics, err)
		}
	}
	build()
	g := mustList(t, b, req, file)
	if g.Main != good.Main || len(g.Packages) != len(good.Packages) || len(g.Diagnostics) != 1 || g.Diagnostics[0].Package != good.Main {
		t.Errorf("%s", draw(g, dir))
	}
	build()
}
