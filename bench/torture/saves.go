package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/editors"
)

// A project is a program on disk whose packages each have a version; the program prints
// them all, and where each is: one that only moved is another program.
type project struct {
	a        *arena
	dir      string
	packages map[string]*pkg // by folder
	next     int
	git      bool // git can switch a folder between branches
	branch   int
	saves    int
}

type pkg struct {
	id      string // the program's name for it, wherever its folder is
	version int
	broken  bool
}

const bigFiles = 300

// newProject writes a program with a few packages, and a big one that git switches
// if that is wanted.
func newProject(a *arena, dir string, big bool) (*project, error) {
	p := &project{a: a, dir: dir, packages: map[string]*pkg{}}
	files := map[string]string{
		"go.mod":         "module example.com/t\n\ngo 1.24\n",
		".air-like.toml": onlyRestarts,
		"reg/reg.go": `package reg

import (
	"fmt"
	"runtime"
	"strings"
)

var All = map[string]string{}

// Add is called by a package's initialization.
func Add(id string, version int) int {
	pc, _, _, _ := runtime.Caller(1)
	name := strings.TrimPrefix(runtime.FuncForPC(pc).Name(), "example.com/t/")
	All[id] = fmt.Sprintf("%d@%s", version, strings.TrimSuffix(name, ".init"))
	return version
}
`,
		"main.go": `package main

import (
	"fmt"
	"os"
	"slices"
	"maps"
	"time"

	"example.com/t/reg"
)

func main() {
	line := "now"
	for _, id := range slices.Sorted(maps.Keys(reg.All)) {
		line += fmt.Sprintf(" %s=%s", id, reg.All[id])
	}
	fmt.Println(line)
	if len(os.Args) > 1 {
		return
	}
	time.Sleep(time.Hour)
}
`,
		"other/main.go": "package main\n\nfunc main() {}\n",
	}
	for name, text := range files {
		if err := p.write(name, text); err != nil {
			return nil, err
		}
	}
	for _, dir := range []string{"a", "a/b", "a/b/c", "d"} {
		if err := p.add(dir); err != nil {
			return nil, err
		}
	}
	if big {
		if err := p.addBig(); err != nil {
			return nil, err
		}
	}
	return p, p.imports()
}

func (p *project) write(name, text string) error {
	file := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// addBig creates the folder that git switches, if git is installed.
func (p *project) addBig() error {
	if _, err := exec.LookPath("git"); err != nil {
		return nil
	}
	p.git = true
	sum := "package big\n\nimport \"example.com/t/reg\"\n\nvar _ = reg.Add(\"big\", 0"
	for i := range bigFiles {
		sum += fmt.Sprintf("+C%d", i)
	}
	if err := p.write("big/sum.go", sum+")\n"); err != nil {
		return err
	}
	if err := p.write(".gitignore", "/*\n!/big\n!/.gitignore\n"); err != nil {
		return err
	}
	commands := [][]string{{"init", "-q"}}
	for branch := range 2 {
		for i := range bigFiles {
			if err := p.write(fmt.Sprintf("big/f%d.go", i), fmt.Sprintf("package big\n\nconst C%d = %d\n", i, branch+1)); err != nil {
				return err
			}
		}
		for _, c := range append(commands, []string{"checkout", "-q", "-b", fmt.Sprintf("b%d", branch)}, []string{"add", "big", ".gitignore"},
			[]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-q", "-m", "x"}) {
			if err := p.runGit(c...); err != nil {
				return err
			}
		}
		commands = nil
	}
	p.branch = 1
	return nil
}

func (p *project) runGit(args ...string) error {
	cmd := exec.Command("git", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, text)
	}
	return nil
}

func (p *project) checkout() error {
	p.branch = 1 - p.branch
	return p.runGit("checkout", "-q", fmt.Sprintf("b%d", p.branch))
}

func (p *project) source(dir string) string {
	k := p.packages[dir]
	text := fmt.Sprintf("package %s\n\nimport \"example.com/t/reg\"\n\nvar _ = reg.Add(%q, %d)\n", k.id, k.id, k.version)
	if k.broken {
		text += "oops\n"
	}
	return text
}

func (p *project) file(dir string) string {
	return filepath.Join(p.dir, filepath.FromSlash(dir), "x.go")
}

// add creates a package; imports must be called afterwards.
func (p *project) add(dir string) error {
	p.next++
	p.packages[dir] = &pkg{id: fmt.Sprintf("p%d", p.next), version: 1}
	return p.write(dir+"/x.go", p.source(dir))
}

// save writes a package's next version in one of the ways that editors have.
func (p *project) save(dir, how string, broken bool) error {
	k := p.packages[dir]
	k.version++
	k.broken = broken
	p.saves++
	return editors.Save(how, p.file(dir), []byte(p.source(dir)))
}

// imports makes the program import all existing packages.
func (p *project) imports() error {
	text := "package main\n\nimport (\n"
	for _, dir := range p.dirs() {
		text += fmt.Sprintf("\t_ %q\n", "example.com/t/"+dir)
	}
	if p.git {
		text += "\t_ \"example.com/t/big\"\n"
	}
	p.saves++
	return p.write("imports.go", text+")\n")
}

func (p *project) dirs() []string { return slices.Sorted(maps.Keys(p.packages)) }

// any returns a random package's folder.
func (p *project) any() string {
	dirs := p.dirs()
	return dirs[p.a.rng.IntN(len(dirs))]
}

// line returns what the program prints if it was built from what is on disk.
func (p *project) line() string {
	all := map[string]string{}
	for dir, k := range p.packages {
		all[k.id] = fmt.Sprintf("%d@%s", k.version, dir)
	}
	if p.git {
		all["big"] = fmt.Sprintf("%d@big", bigFiles*(p.branch+1))
	}
	line := "now"
	for _, id := range slices.Sorted(maps.Keys(all)) {
		line += fmt.Sprintf(" %s=%s", id, all[id])
	}
	return line
}

// repair makes everything compile.
func (p *project) repair() error {
	for _, dir := range p.dirs() {
		if p.packages[dir].broken {
			if err := p.save(dir, "plain", false); err != nil {
				return err
			}
		}
	}
	return nil
}

// noise changes files that must not cause anything.
func (p *project) noise() error {
	dir := p.any()
	file := p.file(dir)
	switch p.a.rng.IntN(6) {
	case 0:
		return os.Chmod(file, 0o644)
	case 1:
		now := time.Now()
		return os.Chtimes(file, now, now)
	case 2:
		return p.write(dir+"/x_test.go", fmt.Sprintf("package %s\n// %d\n", p.packages[dir].id, p.a.rng.Int()))
	case 3:
		return p.write(dir+"/.x.go.swp", "vim")
	case 4:
		return p.write("other/main.go", fmt.Sprintf("package main\n\nfunc main() { println(%d) }\n", p.a.rng.Int()))
	default:
		return p.write("node_modules/m/index.js", fmt.Sprint(p.a.rng.Int()))
	}
}

// step does one thing that a developer does.
func (p *project) step() error {
	rng := p.a.rng
	switch n := rng.IntN(100); {
	case n < 78:
		return p.save(p.any(), editors.Ways[rng.IntN(len(editors.Ways))], rng.IntN(10) == 0)
	case n < 81: // a new folder, perhaps deep in another
		dir := fmt.Sprintf("n%d", p.next)
		if rng.IntN(2) == 0 {
			dir = p.any() + "/" + dir
		}
		if len(p.packages) > 12 {
			return nil
		}
		if rng.IntN(2) == 0 { // imported before it exists
			p.packages[dir] = &pkg{id: fmt.Sprintf("p%d", p.next+1), version: 1}
			if err := p.imports(); err != nil {
				return err
			}
			time.Sleep(p.a.within(50 * time.Millisecond))
		}
		if err := p.add(dir); err != nil {
			return err
		}
		return p.imports()
	case n < 84: // a folder moves with everything below it
		from := p.any()
		to := fmt.Sprintf("m%d", p.next)
		p.next++
		if err := os.Rename(filepath.Join(p.dir, from), filepath.Join(p.dir, to)); err != nil {
			return err
		}
		for _, dir := range p.dirs() {
			if rest, ok := strings.CutPrefix(dir+"/", from+"/"); ok {
				k := p.packages[dir]
				delete(p.packages, dir)
				p.packages[strings.TrimSuffix(to+"/"+rest, "/")] = k
			}
		}
		return p.imports()
	case n < 87: // a folder is removed with everything below it
		if len(p.packages) < 5 {
			return nil
		}
		gone := p.any()
		for _, dir := range p.dirs() {
			if strings.HasPrefix(dir+"/", gone+"/") {
				delete(p.packages, dir)
			}
		}
		if len(p.packages) == 0 {
			if err := p.add("a"); err != nil {
				return err
			}
		}
		if rngFirst := rng.IntN(2) == 0; rngFirst {
			if err := p.imports(); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(filepath.Join(p.dir, gone)); err != nil {
			return err
		}
		return p.imports()
	case n < 89 && p.git:
		return p.checkout()
	default:
		return p.noise()
	}
}

// saves checks that at every quiet moment the running program was built from what is on
// disk, and that it was never restarted without need.
func saves(ctx context.Context, a *arena) error {
	dir := filepath.Join(a.dir, "project")
	p, err := newProject(a, dir, true)
	if err != nil {
		return err
	}
	l, err := a.start(ctx, dir, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says(p.line()); err != nil {
		return err
	}
	quiet, steps := 0, a.either(10_000, 60)
	began := time.Now()
	for p.saves < steps && !a.over() {
		for range 1 + a.rng.IntN(40) {
			if err := p.step(); err != nil {
				return err
			}
			if a.rng.IntN(12) == 0 {
				time.Sleep(a.within(600 * time.Millisecond))
			} else {
				time.Sleep(a.within(20 * time.Millisecond))
			}
		}
		if err := p.repair(); err != nil {
			return err
		}
		if err := l.says(p.line()); err != nil {
			return fmt.Errorf("a save was lost after %d: %w", p.saves, err)
		}
		quiet++
	}
	took := time.Since(began)
	a.count("saves, quiet moments", "%d, %d in %v", p.saves, quiet, took.Round(time.Second))
	a.count("builds, starts", "%d, %d", l.seen("built"), l.seen("started"))
	a.count("lost saves", "0")
	needless := l.repeats()
	a.count("needless restarts", "%d", needless)
	if needless > 0 {
		return fmt.Errorf("%d restarts of the same program", needless)
	}
	if err := l.quit(); err != nil {
		return err
	}
	return a.nothingLeft(l)
}
