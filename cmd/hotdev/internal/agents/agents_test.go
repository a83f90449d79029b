package agents

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Only agents that are used are told; what is there stays, byte for byte; a second
// time changes nothing.
func TestInit(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "CLAUDE.md", "Be kind.\n")
	write(t, dir, ".cursor/mcp.json", "{\n\t\"mcpServers\": {\n\t\t\"other\": {\"command\": \"x\"}\n\t},\n\t\"z\": 1\n}\n")
	write(t, dir, ".vscode/settings.json", "{}")
	write(t, dir, ".codex/config.toml", "model = \"m\"")
	write(t, dir, "AGENTS.md", "# Rules\n\nTest all.\n\n\n")
	did, err := Init(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(did, "\n"), `Claude Code: .mcp.json was created
Cursor: .cursor/mcp.json now has hotdev
VS Code: .vscode/mcp.json was created
Codex: .codex/config.toml now has hotdev
AGENTS.md now has a section on hotdev`; got != want {
		t.Errorf("it did\n%s\nwant\n%s", got, want)
	}
	for name, want := range map[string]string{
		".mcp.json":          "{\n  \"mcpServers\": {\n    \"hotdev\": { \"command\": \"hotdev\", \"args\": [\"mcp\", \"--start\"] }\n  }\n}\n",
		".cursor/mcp.json":   "{\n\t\"mcpServers\": {\n    \"hotdev\": { \"command\": \"hotdev\", \"args\": [\"mcp\", \"--start\"] },\n\t\t\"other\": {\"command\": \"x\"}\n\t},\n\t\"z\": 1\n}\n",
		".vscode/mcp.json":   "{\n  \"servers\": {\n    \"hotdev\": { \"type\": \"stdio\", \"command\": \"hotdev\", \"args\": [\"mcp\", \"--start\"] }\n  }\n}\n",
		".codex/config.toml": "model = \"m\"\n\n[mcp_servers.hotdev]\ncommand = \"hotdev\"\nargs = [\"mcp\", \"--start\"]\n",
		"AGENTS.md":          "# Rules\n\nTest all.\n\n" + section,
		"CLAUDE.md":          "Be kind.\n",
	} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
		}
	}
	for _, name := range []string{".gemini/settings.json", "opencode.json"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err == nil {
			t.Errorf("%s was created", name)
		}
	}
	before := read(t, dir, ".cursor/mcp.json") + read(t, dir, "AGENTS.md") + read(t, dir, ".codex/config.toml")
	if did, err = Init(dir); err != nil || strings.Contains(strings.Join(did, "\n"), "now") {
		t.Error(did, err)
	}
	if after := read(t, dir, ".cursor/mcp.json") + read(t, dir, "AGENTS.md") + read(t, dir, ".codex/config.toml"); after != before {
		t.Errorf("the second time changed it to %s", after)
	}
}

// What cannot be read is left alone, and what to write by hand is said; the others
// are told all the same.
func TestInitLeavesWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	const commented = "{\n  // mine\n  \"servers\": {}\n}\n"
	write(t, dir, ".vscode/mcp.json", commented)
	write(t, dir, ".mcp.json", `{"mcpServers": []}`)
	did, err := Init(dir)
	if err == nil || !strings.Contains(err.Error(), `VS Code: .vscode/mcp.json: it is not plain JSON`) || !strings.Contains(err.Error(), `add this to "servers" yourself: { "type": "stdio", "command": "hotdev"`) ||
		!strings.Contains(err.Error(), `Claude Code: .mcp.json: "mcpServers" is no object`) {
		t.Error(err)
	}
	if len(did) != 1 || did[0] != "AGENTS.md was created" {
		t.Error(did)
	}
	if got := read(t, dir, ".vscode/mcp.json"); got != commented {
		t.Error(got)
	}
}

// Whatever the file is, it stays what it was but for the entry, or is left alone.
func FuzzEntry(f *testing.F) {
	for _, text := range []string{"", "{}", `{"a":{"b":{}},"b":1}`, `{"a":{ }}`, `{"x":{"a":{"b":1}},"a":{"c":2}}`, `{"a":"{","b":{}}`, "[]", "null", `{"a":null}`, "{\n}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := withEntry([]byte(text), "a", "b", `{"new":true}`)
		if err != nil {
			return
		}
		var was, is map[string]any
		if err := json.Unmarshal(got, &is); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		_ = json.Unmarshal([]byte(text), &was)
		servers, ok := is["a"].(map[string]any)
		if !ok || servers["b"] == nil && !strings.Contains(text, `"b"`) {
			t.Fatalf("%q became %q", text, got)
		}
		delete(servers, "b")
		if len(servers) == 0 {
			delete(is, "a")
		}
		if old, ok := was["a"].(map[string]any); ok {
			delete(old, "b")
			if len(old) == 0 {
				delete(was, "a")
			}
		}
		a, _ := json.Marshal(was)
		b, _ := json.Marshal(is)
		if was == nil {
			a = []byte("{}")
		}
		if string(a) != string(b) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// The entry for a TOML file is one.
func TestTable(t *testing.T) {
	for _, c := range clients() {
		if !strings.HasSuffix(c.file, ".toml") {
			continue
		}
		text, err := withTable(nil, c.key+".hotdev", c.entry)
		var got map[string]map[string]struct {
			Command string
			Args    []string
		}
		if err == nil {
			err = toml.Unmarshal(text, &got)
		}
		if e := got[c.key]["hotdev"]; err != nil || e.Command != "hotdev" || len(e.Args) != 2 {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}
