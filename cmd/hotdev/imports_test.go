package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is this one; the packages below it are named without it.
const module = "github.com/hotdev/hotdev/"

// mayImport says which of the project's own packages a package may import, and
// which third-party modules are its guests: each has one host, except what is
// said here.
var mayImport = map[string][]string{
	"cmd/hotdev":                     {"cmd/hotdev/internal/agents", "cmd/hotdev/internal/client", "cmd/hotdev/internal/doctor", "cmd/hotdev/internal/exit", "cmd/hotdev/internal/foreign", "cmd/hotdev/internal/initialize", "cmd/hotdev/internal/loop", "cmd/hotdev/internal/once", "cmd/hotdev/internal/project", "cmd/hotdev/internal/terminal", "config", "control", "control/lsp", "control/mcp", "internal/safe", "runner", "github.com/spf13/cobra", "github.com/spf13/pflag"},
	"cmd/hotdev/internal/loop":       {"cmd/hotdev/internal/exit", "cmd/hotdev/internal/lines", "cmd/hotdev/internal/project", "cmd/hotdev/internal/terminal", "cmd/hotdev/internal/world", "builder", "control", "engine", "profiler", "proxy", "runner", "session", "tui", "watcher", "tester"},
	"cmd/hotdev/internal/once":       {"cmd/hotdev/internal/exit", "cmd/hotdev/internal/lines", "cmd/hotdev/internal/project", "cmd/hotdev/internal/terminal", "builder", "engine", "internal/safe", "internal/words"},
	"cmd/hotdev/internal/client":     {"cmd/hotdev/internal/exit", "cmd/hotdev/internal/project", "cmd/hotdev/internal/terminal", "builder", "config", "control", "internal/safe", "runner"},
	"cmd/hotdev/internal/exit":       {},
	"cmd/hotdev/internal/foreign":    {"internal/nearest"},
	"cmd/hotdev/internal/agents":     {"internal/atomicfile"},
	"cmd/hotdev/internal/doctor":     {"builder", "config", "runner", "watcher"},
	"cmd/hotdev/internal/initialize": {"builder", "config", "internal/argv", "internal/atomicfile", "golang.org/x/mod"},
	"cmd/hotdev/internal/terminal":   {"config", "engine", "internal/argv", "internal/atomicfile", "runner", "tui"},
	"cmd/hotdev/internal/project":    {"builder", "config", "engine", "internal/argv", "internal/nearest", "internal/wire", "runner", "task", "tester", "watcher"},
	"cmd/hotdev/internal/templ":      {"internal/atomicfile"},
	"cmd/hotdev/internal/lines":      {"engine", "internal/qr", "internal/safe", "internal/words", "runner", "session", "tester"},
	"cmd/hotdev/internal/world":      {"cmd/hotdev/internal/templ", "builder", "debugger", "engine", "internal/wire", "runner", "tester", "watcher"},

	"config":      {"internal/argv", "internal/nearest", "github.com/pelletier/go-toml/v2", "github.com/bmatcuk/doublestar/v4"}, // validates patterns
	"watcher":     {"github.com/fsnotify/fsnotify", "github.com/bmatcuk/doublestar/v4"},                                         // matches them
	"runner":      {"golang.org/x/sys", "github.com/creack/pty", "github.com/shirou/gopsutil/v4"},
	"profiler":    {"internal/atomicfile", "github.com/google/pprof"},
	"debugger":    {"github.com/google/go-dap"},
	"session":     {"engine", "task", "tester", "watcher"},
	"task":        {"watcher"},
	"tester":      {"builder", "internal/crash", "watcher"},
	"control":     {"engine", "internal/atomicfile", "internal/words", "profiler", "runner", "session", "tester", "golang.org/x/sys"},
	"control/lsp": {"control"},
	"control/mcp": {"control", "github.com/modelcontextprotocol/go-sdk"},
	"engine":      {"builder", "internal/crash", "runner", "task", "watcher"},

	"tui":                {"builder", "engine", "internal/argv", "internal/crash", "internal/nearest", "internal/qr", "internal/words", "profiler", "runner", "session", "tui/internal/cells", "tui/internal/pager", "tui/internal/sheet", "tui/internal/vt", "charm.land", "github.com/charmbracelet", "task", "tester"},
	"tui/internal/cells": {"internal/safe", "charm.land", "github.com/charmbracelet"},
	"tui/internal/pager": {"engine", "internal/words", "runner", "tui/internal/cells", "charm.land", "github.com/charmbracelet"},
	"tui/internal/vt":    {"internal/safe", "charm.land", "github.com/charmbracelet"},
	"tui/internal/sheet": {"builder", "engine", "internal/crash", "internal/words", "tui/internal/cells", "tester"},

	"builder":                     {"builder/complaint", "builder/internal/compiler", "builder/internal/disk", "builder/internal/fast", "builder/internal/gocmd", "builder/internal/goobj", "builder/internal/gotest", "builder/internal/importpath", "builder/internal/live", "builder/internal/plugin", "builder/internal/source", "internal/argv", "internal/atomicfile", "golang.org/x/mod"},
	"builder/complaint":           {"builder/internal/disk", "builder/internal/importpath", "internal/nearest", "internal/safe"},
	"builder/internal/disk":       {},
	"builder/internal/importpath": {},
	"builder/internal/gocmd":      {"internal/argv"},
	"builder/internal/goobj":      {},
	"builder/internal/gotest":     {"builder/complaint", "builder/internal/gocmd"},
	"builder/internal/source":     {"builder/complaint", "builder/internal/disk"},
	"builder/internal/compiler":   {"builder/internal/gocmd", "builder/internal/goobj", "builder/internal/source", "internal/argv", "github.com/shirou/gopsutil/v4"},
	"builder/internal/fast":       {"builder/complaint", "builder/internal/compiler", "builder/internal/gocmd", "builder/internal/source"}, // the roads
	"builder/internal/plugin":     {"builder/complaint", "builder/internal/compiler", "builder/internal/gocmd", "builder/internal/importpath", "builder/internal/source", "internal/argv"},
	"builder/internal/live":       {"builder/internal/goobj", "golang.org/x/sys"}, // never import each other
	"builder/internal/live/agent": {},                                             // is compiled in other modules
	"builder/barehost":            {},                                             // is compiled in other modules

	"internal/words":          {"builder", "engine", "internal/crash", "runner", "task", "tester"},
	"internal/qr":             {"rsc.io/qr"},
	"internal/termtest":       {"charm.land", "github.com/charmbracelet", "github.com/hinshun/vt10x"},
	"examples/hello":          {"examples/hello/greeting"},
	"examples/hello/greeting": {},
	"examples/live":           {"examples/live/board"},
	"examples/live/board":     {},
	"bench/latency":           {},
	"bench/test":              {},
	"bench/fast":              {"bench/internal/module", "bench/internal/usage", "builder", "internal/mutate", "internal/procfs"},
	"bench/reload":            {},
	"bench/replay":            {"bench/internal/module", "bench/internal/usage", "builder"},
	"bench/programs":          {"builder"},
	"bench/screen":            {"bench/internal/terminal"},
	"bench/film":              {"bench/internal/terminal", "github.com/hinshun/vt10x"},
	"bench/internal/module":   {},
	"bench/internal/usage":    {},
	"bench/internal/terminal": {"internal/procfs", "github.com/creack/pty", "github.com/hinshun/vt10x"},
	"bench/torture":           {"internal/editors", "internal/patience", "internal/procfs", "golang.org/x/sys", "github.com/creack/pty"},
	"internal/editors":        {},
	"internal/mutate":         {},
	"internal/wire":           {},
	"internal/patience":       {},
	"internal/story":          {"github.com/rogpeppe/go-internal"},
	"internal/procfs":         {},
	"internal/nearest":        {},
	"internal/argv":           {},
	"internal/crash":          {},
	"internal/safe":           {},
	"internal/atomicfile":     {},
	"bench/live":              {"bench/internal/module", "builder", "internal/mutate", "internal/procfs"},
	"reload":                  {"internal/wire"},
	"reload/socket":           {},
	"examples/greet":          {},
	"examples/arena":          {"examples/arena/rules", "reload"},
	"examples/arena/rules":    {"reload"},

	"proxy":                 {"engine", "internal/atomicfile", "internal/crash", "internal/safe", "internal/words", "proxy/internal/inject", "runner", "session", "tester"},
	"proxy/internal/inject": {},
	"bench/web":             {"internal/procfs"},
	"examples/web":          {},
}

// The arrows between packages are those of the design, and os/exec stays where
// processes are known.
func TestImports(t *testing.T) {
	for _, goos := range []string{"linux", "darwin", "windows"} {
		cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
		cmd.Env = append(cmd.Environ(), "GOOS="+goos, "CGO_ENABLED=0")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for d := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p struct {
				ImportPath string
				Imports    []string
			}
			if err := d.Decode(&p); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			name := strings.TrimPrefix(p.ImportPath, module)
			allowed, known := mayImport[name]
			if !known {
				t.Errorf("%s: a new package; is it needed, and what may it import?", name)
			}
			for _, imp := range p.Imports {
				if imp == "os/exec" && !slices.Contains([]string{"builder", "builder/internal/gocmd", "runner"}, name) && !strings.HasPrefix(name, "bench/") {
					t.Errorf("%s imports os/exec; only builder and runner know processes", name)
				}
				own, isOwn := strings.CutPrefix(imp, module)
				first, _, _ := strings.Cut(imp, "/")
				switch {
				case isOwn && !slices.Contains(allowed, own):
					t.Errorf("%s may not import %s", name, own)
				case !isOwn && strings.Contains(first, ".") && !slices.ContainsFunc(allowed, func(a string) bool {
					return imp == a || strings.HasPrefix(imp, a+"/")
				}):
					t.Errorf("%s may not import %s", name, imp)
				}
			}
		}
	}
}
