package initialize

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/config"
)

// lookAir takes over an .air.toml.
func (f *finding) lookAir() {
	for _, name := range []string{".air.toml", filepath.Join(".config", "air.toml")} {
		if !f.has(name) {
			continue
		}
		c, err := config.Load(filepath.Join(f.root, name))
		if err != nil {
			f.say("%s: not taken over: %v", name, err)
			return
		}
		lines, left := c.Lines()
		f.airTasks = c.Tasks
		f.say("%s: taken over", name)
		for _, n := range c.Notices {
			f.say("%s", n)
		}
		for _, what := range left {
			f.say("%s: not taken over: %s", name, what)
		}
		f.air = strings.Join(lines, "\n") + "\n"
		return
	}
}

// most is the number of files to look at: even in a larger project, these show which
// generators it uses.
const most = 20000

var (
	goTool     = regexp.MustCompile(`(?m)^\s*(?:tool\s+)?(github\.com/\S+/cmd/(templ|sqlc))\s*(//.*)?$`)
	goGenerate = regexp.MustCompile(`(?m)^//go:generate\s+(.*)$`)
)

// lookGenerators looks for the input files of generators, and makes tasks for them.
func (f *finding) lookGenerators() {
	templ, sqlc, buf, proto := 0, "", "", 0
	var generates []string
	seen := 0
	_ = filepath.WalkDir(f.root, func(path string, e fs.DirEntry, err error) error { // unreadable files are ignored
		if err != nil {
			return nil
		}
		name := e.Name()
		if e.IsDir() {
			if path != f.root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "node_modules" || name == "vendor" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if seen++; seen > most {
			return filepath.SkipAll
		}
		rel, _ := filepath.Rel(f.root, path) // it cannot fail: path is below root
		switch ext := filepath.Ext(name); {
		case ext == ".templ":
			templ++
		case name == "sqlc.yaml" || name == "sqlc.yml" || name == "sqlc.json":
			sqlc = filepath.ToSlash(rel)
		case name == "buf.gen.yaml":
			buf = filepath.ToSlash(rel)
		case ext == ".proto":
			proto++
		case ext == ".go" && !strings.HasSuffix(name, "_test.go"):
			if cmd := f.generates(path); cmd != "" {
				generates = append(generates, filepath.ToSlash(rel)+": "+cmd)
			}
		}
		return nil
	})
	if templ > 0 || f.templ {
		f.tool("templ", "templ generate", "*.templ files")
	}
	if sqlc != "" {
		f.tool("sqlc", "sqlc generate", sqlc)
		f.inFolder(sqlc)
	}
	switch {
	case buf != "":
		f.tool("buf", "buf generate", buf)
		f.inFolder(buf)
	case proto > 0:
		f.say("*.proto files without buf.gen.yaml: a [[task]] needs your command: use = \"protoc\"")
	}
	if len(generates) > 0 {
		f.say("//go:generate in %s: a [[task]] that is commented out, with the files that have it", count(len(generates)))
		const shown = 10
		f.aside(generates[:min(len(generates), shown)])
	}
	if f.has("tailwind.config.js") || f.has("tailwind.config.ts") {
		if !slices.ContainsFunc(f.tasks, func(t task) bool { return t.use == "tailwind" }) {
			f.say("tailwind.config: a [[task]] needs your command: use = \"tailwind\"")
		}
	}
}

// tool makes a task for a generator, with the module's tool if it is one.
func (f *finding) tool(use, cmd, why string) {
	if slices.ContainsFunc(f.airTasks, func(t config.Task) bool { return strings.Contains(strings.Join(t.Cmd, " "), cmd) }) {
		f.say("%s: left to the task of .air.toml; use = %s would need no more", why, quote(use))
		return
	}
	if strings.Contains(f.air, cmd) {
		f.say("%s: left as a command of build.before; a [[task]] with use = %s would run only when its files change", why, quote(use))
		return
	}
	t := task{use: use}
	for _, m := range goTool.FindAllStringSubmatch(f.read("go.mod"), -1) {
		if m[2] == use {
			t.cmd = "go tool " + cmd
		}
	}
	f.tasks = append(f.tasks, t)
	f.say("%s: [[task]] %s", why, use)
}

// inFolder makes the last task run in the folder of its configuration file.
func (f *finding) inFolder(file string) {
	if len(f.tasks) == 0 { // it was left to build.before
		return
	}
	if dir := filepath.ToSlash(filepath.Dir(file)); dir != "." {
		f.tasks[len(f.tasks)-1].dir = dir
	}
}

// generates returns the first go:generate directive of a Go file.
func (f *finding) generates(path string) string {
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte("//go:generate")) {
		return ""
	}
	if m := goGenerate.FindSubmatch(text); m != nil {
		return strings.TrimSpace(string(m[1]))
	}
	return ""
}

func count(n int) string {
	if n == 1 {
		return "1 file"
	}
	return strconv.Itoa(n) + " files"
}

// aside proposes a task for go generate, commented out, because its input files are
// unknown.
func (f *finding) aside(generates []string) {
	var b strings.Builder
	b.WriteString("go generate runs when these files change; add what its generators read:\n")
	b.WriteString("[[task]]\nuse = \"generate\"\nfiles = [\n")
	for _, g := range generates {
		file, cmd, _ := strings.Cut(g, ": ")
		b.WriteString("  " + quote(file) + ", # " + cmd + "\n")
	}
	b.WriteString("]\n")
	f.asides = append(f.asides, b.String())
}
