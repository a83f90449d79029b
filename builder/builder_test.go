package builder

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder/internal/source"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// files is a txtar archive: a comment, then "-- name --" sections.
type archive struct {
	comment string
	names   []string
	files   map[string]string
}

var sectionLine = regexp.MustCompile(`(?m)^-- (.+) --\n`)

func parseArchive(text string) archive {
	a := archive{files: make(map[string]string)}
	marks := sectionLine.FindAllStringSubmatchIndex(text, -1)
	a.comment = text
	for i, m := range marks {
		if i == 0 {
			a.comment = text[:m[0]]
		}
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		name := text[m[2]:m[3]]
		a.names = append(a.names, name)
		a.files[name] = text[m[1]:end]
	}
	return a
}

// write makes the archive's files below dir. A module without a go.mod gets one.
func (a archive) write(t testing.TB, dir string) {
	t.Helper()
	for _, n := range a.names {
		if n == "want" {
			continue
		}
		writeFile(t, filepath.Join(dir, filepath.FromSlash(n)), a.files[n])
	}
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// testModule writes a module into a new folder.
func testModule(t testing.TB, text string) string {
	t.Helper()
	dir := realTemp(t)
	parseArchive(strings.TrimLeft(text, "\n")).write(t, dir)
	return dir
}

// realTemp is a temporary folder without symbolic links in its path.
func realTemp(t testing.TB) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// goEnviron is the environment of all tests' go commands: the machine's, cut off
// from the network and from the settings of whoever runs the tests. The build
// cache is the machine's too; a test that needs a compile makes its source new.
func goEnviron(more ...string) []string {
	env := append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOENV=off", "GOSUMDB=off", "CGO_CFLAGS=-g -O0")
	return append(env, more...)
}

// request builds the package in dir into a folder of its own.
func request(t testing.TB, dir string, target ...string) Request {
	t.Helper()
	if len(target) == 0 {
		target = []string{"."}
	}
	return Request{Dir: dir, Target: target, Env: goEnviron(), Output: filepath.Join(realTemp(t), "app")}
}

// fresh is a line of Go that no cache has seen.
func fresh() string { return fmt.Sprintf("const fresh = %d\n", time.Now().UnixNano()) }

func needCgo(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("no gcc")
	}
}

// mustBuild builds and fails the test on diagnostics.
func mustBuild(t testing.TB, b *Builder, req Request) Result {
	t.Helper()
	r, err := b.Build(t.Context(), req, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if !r.OK() {
		t.Fatalf("build failed:\n%s", render(r.Diagnostics, req.Dir))
	}
	return r
}

func mustList(t testing.TB, b *Builder, req Request, paths ...string) source.Graph {
	t.Helper()
	g, same, err := b.List(t.Context(), req, paths)
	if err != nil {
		t.Fatal(err)
	}
	if same {
		t.Fatalf("List(%v): same, want a new graph", paths)
	}
	return g
}

// render draws diagnostics for a golden file.
func render(list []Diagnostic, dir string) string {
	var b strings.Builder
	for _, d := range list {
		place := ""
		if d.File != "" {
			rel, err := filepath.Rel(dir, d.File)
			if err != nil {
				rel = d.File
			}
			place = fmt.Sprintf("%s:%d:%d: ", filepath.ToSlash(rel), d.Line, d.Column)
		}
		fmt.Fprintf(&b, "[%s] %s%s\n", d.Package, place, d.Message)
		for _, m := range d.More {
			fmt.Fprintf(&b, "  + %s\n", m)
		}
		for i, l := range d.Excerpt {
			mark := " "
			if d.First+i == d.Line {
				mark = ">"
			}
			fmt.Fprintf(&b, "  %s %d | %s\n", mark, d.First+i, l)
		}
	}
	return strings.ReplaceAll(b.String(), dir, "$DIR")
}

// checkGolden compares got with an archive's "want" section, in which … stands
// for anything within a line.
func checkGolden(t *testing.T, file string, a archive, got string) {
	t.Helper()
	want := a.files["want"]
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "…", ".*")
	if want != "" && regexp.MustCompile(`^`+pattern+`$`).MatchString(got) {
		return
	}
	if *update {
		text, _ := os.ReadFile(file)
		body, _, _ := strings.Cut(string(text), "-- want --\n")
		writeFile(t, file, body+"-- want --\n"+got)
		return
	}
	t.Errorf("got:\n%s\nwant:\n%s", got, want)
}

// eachArchive runs a test for every archive in a folder of testdata.
func eachArchive(t *testing.T, folder string, test func(t *testing.T, file string, a archive)) {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			test(t, file, parseArchive(string(text)))
		})
	}
}

// setting finds "name: value" in an archive's comment.
func (a archive) setting(name string) []string {
	for l := range strings.Lines(a.comment) {
		if v, ok := strings.CutPrefix(l, name+":"); ok {
			return strings.Fields(v)
		}
	}
	return nil
}

// leftovers are the entries of a folder beside the wanted ones.
func leftovers(t testing.TB, dir string, wanted ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
next:
	for _, e := range entries {
		for _, w := range wanted {
			if e.Name() == w {
				continue next
			}
		}
		out = append(out, e.Name())
	}
	return out
}
