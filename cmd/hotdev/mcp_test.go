package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/control"
)

// An agent that finds no hotdev has one started, edits, awaits, reads what broke, and
// leaves nothing behind.
func TestMCP(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no control socket")
	}
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/app\n\ngo 1.24\n")
	write("version.go", "package main\n\nvar Version = 1\n")
	write("main.go", "package main\n\nimport (\n\t\"fmt\"\n\t\"net\"\n\t\"os\"\n)\n\nfunc main() {\n\tfmt.Println(\"hello\", Version, os.Args[1:])\n"+
		"\tl, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\tl.Accept()\n}\n")
	t.Cleanup(func() { endBackground(cache, dir) })

	path, err := exec.LookPath("hotdev")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "mcp", "--start", "--", "-x")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+cache, "GOFLAGS=", "GOPROXY=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	agent, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: cmd, TerminateDuration: 10 * time.Minute}, nil)
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	call := func(name string, args map[string]any, want ...string) *mcp.CallToolResult {
		t.Helper()
		r, err := agent.CallTool(t.Context(), &mcp.CallToolParams{Name: name, Arguments: args})
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, stderr.String())
		}
		text := r.Content[0].(*mcp.TextContent).Text
		for _, w := range want {
			if !strings.Contains(text, w) || r.IsError {
				t.Errorf("%s: no %q in %q", name, w, text)
			}
		}
		return r
	}
	patient := map[string]any{"timeout_seconds": 600, "listening": true}
	call("await_ready", patient, "generation 1 runs", "listening on 127.0.0.1:")
	write("version.go", "package main\n\nvar Version = nothing\n")
	r := call("await_ready", patient, "build broken (1 error), generation 1 runs", "version.go:3:15: undefined: nothing", "var Version = nothing")
	data := r.StructuredContent.(map[string]any)
	program := data["programs"].([]any)[0].(map[string]any)
	if d := program["diagnostics"].([]any)[0].(map[string]any); data["outcome"] != "broken" || d["line"] != 3.0 || d["file"] != filepath.Join(dir, "version.go") {
		t.Errorf("%v", data)
	}
	write("version.go", "package main\n\nvar Version = 2\n")
	call("await_ready", patient, "generation 3 runs")
	call("logs", map[string]any{"grep": "^hello"}, "hello 1 [-x]\nhello 2 [-x]\n")
	call("explain", nil, "app, generation 3: restarted in", "version.go saved")
	call("explain", map[string]any{"file": "version.go"}, "version.go is of package example.com/app")
	if got, err := agent.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "hotdev://errors"}); err != nil || got.Contents[0].Text != "no errors\n" {
		t.Errorf("%+v %v", got, err)
	}
	if err := agent.Close(); err != nil {
		t.Errorf("%v\n%s", err, stderr.String())
	}
	if places, err := control.Find(builder.Folders(cache), dir); err == nil {
		t.Errorf("left in the background: %+v", places)
	}
}
