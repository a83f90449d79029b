//go:build linux && amd64

package live

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// edited compiles edits of the lab's program. changed are the packages that differ.
func (l *lab) edited(t testing.TB, edits ...edit) (next map[string]Package, changed []Package) {
	t.Helper()
	next, touched, changed := l.edit(t, l.base, edits)
	for _, path := range l.order {
		if !touched[path] {
			continue
		}
		p := next[path]
		if said, err := l.compile(&p, next); err != nil {
			t.Fatalf("compile %s: %v\n%s", path, err, said)
		}
		next[path] = p
		changed = append(changed, p)
		for other, imports := range l.imports {
			if slices.Contains(imports, path) {
				touched[other] = true
			}
		}
	}
	return next, changed
}

// answers runs a program, and returns what it says to lines.
func answers(t testing.TB, program string, lines []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, program)
	c.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		return address.ReplaceAllString(out.String(), "0x") + err.Error()
	}
	return address.ReplaceAllString(out.String(), "0x")
}

var address = regexp.MustCompile(`0x[0-9a-f]+`)

// appended are stories that are appended together. A long run appends each of all stories
// by itself.
var appended = [][]string{
	{"initial value of a table", "new init", "type of a method", "field added", "new variables of two packages"},
	{"lines move", "new method for a dynamic assertion", "type of a variable", "method removed", "method that the linker left out, by an interface"},
	{"import that is not in the program"},
	{"methods that the linker left out, by reflection"},
}

// unappended are the stories that only the linker can link, and why.
var unappended = map[string]string{
	"new variable that is large":                      "too large",
	"import that looks up methods by reflection":      "looks up methods by reflection",
	"methods that the linker left out, by reflection": "looks up methods by reflection",
}

// An appended link answers as a full one does, whatever changed.
func TestAppend(t *testing.T) {
	l := theApp(t)
	h, o := Open(Setup{Executable: l.program, Packages: l.packages(), Toolchain: l.tc, Append: true})
	if o != nil {
		t.Fatal(o)
	}
	defer h.Close()
	always := []string{"count", "main x", "shelf x", "store where", "store any bob", "store area", "store total", "store table", "store sum", "store hidden abc", "store made pointer", "store made slice", "store hook x", "store panic x", "gc", "closure a", "method x", "store sorted", "store kind e", "store limit four", "gc", "stacks", "twin x", "store leaf x"}
	named, groups := map[string]story{}, appended
	if os.Getenv("HOTDEV_LONG") != "" {
		groups = nil
	}
	for _, s := range stories {
		named[s.name] = s
		if os.Getenv("HOTDEV_LONG") != "" {
			groups = append(groups, []string{s.name})
		}
	}
	for _, names := range groups {
		t.Run(strings.Join(names, " and "), func(t *testing.T) {
			why, not := unappended[names[0]]
			var edits []edit
			lines := slices.Clone(always)
			for _, name := range names {
				edits = slices.Concat(append([][]edit{edits}, named[name].edits...)...)
				for _, q := range named[name].asks {
					lines = append(lines, q[0])
				}
			}
			next, changed := l.edited(t, edits...)
			a, o := h.Append(changed)
			switch {
			case not && (o == nil || !strings.Contains(o.Reason, why)):
				t.Fatalf("appended, want %q: %v", why, o)
			case not:
				return
			case o != nil:
				t.Fatal(o)
			}
			mine, want := filepath.Join(t.TempDir(), "mine"), filepath.Join(t.TempDir(), "linked")
			if err := a.Write(mine); err != nil {
				t.Fatal(err)
			}
			l.link(t, next, want)
			if got, exp := answers(t, mine, lines), answers(t, want, lines); got != exp {
				t.Errorf("appended:\n%s\nlinked:\n%s", got, exp)
			}
		})
	}

	// The linker decides what may be used by linkname.
	_, changed := l.edited(t, edit{main_, `"time"`, "\"time\"\n\t_ \"unsafe\""}, edit{main_, "func route(", "//go:linkname coroswitch runtime.coroswitch\nfunc coroswitch(*int)\n\nfunc route("}, edit{main_, `"route 1 "`, `func() string { if len(arg) > 99 { coroswitch(nil) }; return "" }()`})
	if _, o := h.Append(changed); o == nil || !strings.Contains(o.Reason, "linkname") {
		t.Errorf("appended what uses runtime.coroswitch: %v", o)
	}

	// If a place is not what it should be, there is no image.
	_, changed = l.edited(t, edit{store, "return n + 1 }", "return n + 2 }"})
	leaf := h.lookup("example.com/app/store.leaf")
	if len(h.uses.of[leaf]) == 0 {
		t.Fatal("nothing is known to use leaf")
	}
	h.uses.of[leaf][0].target++
	if a, o := h.Append(changed); o == nil || a != nil {
		t.Errorf("an image, although a place is another: %v", o)
	}
}
