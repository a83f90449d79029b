// Package agents knows the files in which coding agents look for tools, and adds
// hotdev's entry to them without changing the rest.
package agents

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// A client is a coding agent and its configuration file.
type client struct {
	name string
	// signs are files or folders whose presence shows that a project is used with the
	// agent.
	signs []string
	// file is the configuration, key the object in it that contains the servers.
	file, key string
	// entry is hotdev's, as a value in that object.
	entry string
}

func clients() []client {
	const plain = `{ "command": "hotdev", "args": ["mcp", "--start"] }`
	return []client{
		{"Claude Code", []string{".mcp.json", ".claude", "CLAUDE.md"}, ".mcp.json", "mcpServers", plain},
		{"Cursor", []string{".cursor"}, ".cursor/mcp.json", "mcpServers", plain},
		{"VS Code", []string{".vscode"}, ".vscode/mcp.json", "servers", `{ "type": "stdio", "command": "hotdev", "args": ["mcp", "--start"] }`},
		{"Gemini CLI", []string{".gemini", "GEMINI.md"}, ".gemini/settings.json", "mcpServers", plain},
		{"opencode", []string{"opencode.json"}, "opencode.json", "mcp", `{ "type": "local", "command": ["hotdev", "mcp", "--start"], "enabled": true }`},
		{"Codex", []string{".codex"}, ".codex/config.toml", "mcp_servers", "command = \"hotdev\"\nargs = [\"mcp\", \"--start\"]\n"},
	}
}

// Init writes hotdev's entry for the agents whose files it finds in dir, and a section
// into AGENTS.md. It returns a line about each file. Existing entries are left
// unchanged. It returns an error only after it has tried all files.
func Init(dir string) (did []string, err error) {
	var failed []error
	for _, c := range clients() {
		if !c.isUsed(dir) {
			continue
		}
		what, err := c.write(dir)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s: %s: %w; add this to %q yourself: %s", c.name, c.file, err, c.key, strings.ReplaceAll(strings.TrimSpace(c.entry), "\n", ", ")))
			continue
		}
		did = append(did, fmt.Sprintf("%s: %s %s", c.name, c.file, what))
	}
	what, err := writeSection(filepath.Join(dir, "AGENTS.md"))
	if err != nil {
		failed = append(failed, fmt.Errorf("AGENTS.md: %w", err))
	} else {
		did = append(did, "AGENTS.md "+what)
	}
	return did, errors.Join(failed...)
}

func (c client) isUsed(dir string) bool {
	for _, s := range c.signs {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(s))); err == nil {
			return true
		}
	}
	return false
}

// write adds the entry to the client's file.
func (c client) write(dir string) (what string, err error) {
	file := filepath.Join(dir, filepath.FromSlash(c.file))
	old, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return "", err
	}
	var text []byte
	if strings.HasSuffix(c.file, ".toml") {
		text, err = withTable(old, c.key+".hotdev", c.entry)
	} else {
		text, err = withEntry(old, c.key, "hotdev", c.entry)
	}
	switch {
	case err != nil:
		return "", err
	case bytes.Equal(text, old):
		return "has hotdev already", nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	if err := replace(file, text); err != nil {
		return "", err
	}
	if missing {
		return "was created", nil
	}
	return "now has hotdev", nil
}

// withEntry returns a JSON object with an entry added to the object at key. The rest
// stays the same, byte for byte; so does an entry of that name.
func withEntry(text []byte, key, name, entry string) ([]byte, error) {
	whole := fmt.Sprintf("%q: %s", name, entry)
	if len(bytes.TrimSpace(text)) == 0 {
		return fmt.Appendf(nil, "{\n  %q: {\n    %s\n  }\n}\n", key, whole), nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("it is not plain JSON (%w)", err)
	}
	servers, there := all[key]
	if !there {
		return insert(text, fmt.Sprintf("\n  %q: {\n    %s\n  }", key, whole), 0, len(all) == 0, "\n")
	}
	var inside map[string]json.RawMessage
	if err := json.Unmarshal(servers, &inside); err != nil || inside == nil {
		return nil, fmt.Errorf("%q is no object", key)
	}
	if _, there := inside[name]; there {
		return text, nil
	}
	at, err := opening(text, key)
	if err != nil {
		return nil, err
	}
	return insert(text, "\n    "+whole, at, len(inside) == 0, "\n  ")
}

// insert adds a member after the brace that opens an object at or after from. If the
// object is empty, end goes before its closing brace.
func insert(text []byte, member string, from int, empty bool, end string) ([]byte, error) {
	at := bytes.IndexByte(text[from:], '{')
	if at < 0 {
		return nil, errors.New("there is no object in it")
	}
	at += from + 1
	rest := text[at:]
	if empty {
		member += end
		rest = bytes.TrimLeft(rest, " \t\r\n")
	} else {
		member += ","
	}
	return append(append(append([]byte(nil), text[:at]...), member...), rest...), nil
}

// opening returns the position of the value of a key of the outermost object.
func opening(text []byte, key string) (int, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	depth := 0
	isKey := false // the next string in the outermost object is a key
	for {
		token, err := d.Token()
		if err == io.EOF {
			return 0, fmt.Errorf("there is no %q", key)
		}
		if err != nil {
			return 0, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
			isKey = depth == 1
			continue
		case json.Delim('}'), json.Delim(']'):
			depth--
			isKey = depth == 1
			continue
		}
		if depth != 1 {
			continue
		}
		if isKey && token == key {
			return int(d.InputOffset()), nil
		}
		isKey = !isKey
	}
}

// withTable returns a TOML file with a table appended, unless it has the table already.
func withTable(text []byte, name, body string) ([]byte, error) {
	head := "[" + name + "]"
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), head) {
			return text, nil
		}
	}
	out := append([]byte(nil), text...)
	if len(out) > 0 {
		if !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, '\n')
		}
		out = append(out, '\n')
	}
	return append(out, head+"\n"+body...), nil
}

// section is what agents without tools should know.
const section = `## Running the program

hotdev builds and runs this program, and rebuilds and restarts it at every save. Do not build or run it yourself.

- Start it with ` + "`hotdev --wait-ready`" + ` if ` + "`hotdev ctl status`" + ` exits with 3; end it with ` + "`hotdev ctl stop`" + `.
- After editing, run ` + "`hotdev ctl await`" + ` once: it exits with 0 when what was saved runs, with 1 and the errors when not.
- ` + "`hotdev ctl logs --grep REGEXP --tail N`" + ` shows what the program printed, ` + "`hotdev ctl explain`" + ` why the last save did what it did.
`

// writeSection appends the section to AGENTS.md, unless the file mentions hotdev.
func writeSection(file string) (what string, err error) {
	old, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return "", err
	case bytes.Contains(old, []byte("hotdev")):
		return "mentions hotdev already", nil
	}
	text := append([]byte(nil), old...)
	if len(text) > 0 {
		text = append(bytes.TrimRight(text, "\n"), "\n\n"...)
	}
	if err := replace(file, append(text, section...)); err != nil {
		return "", err
	}
	if missing {
		return "was created", nil
	}
	return "now has a section on hotdev", nil
}

// replace writes a file completely, or leaves it unchanged.
func replace(file string, text []byte) error {
	mode := fs.FileMode(0o644)
	if st, err := os.Stat(file); err == nil {
		mode = st.Mode().Perm()
	}
	if real, err := filepath.EvalSymlinks(file); err == nil {
		file = real // keep the link, and write its target
	}
	return atomicfile.Write(file, text, mode)
}
