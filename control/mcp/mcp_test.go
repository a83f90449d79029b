package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/hotdev/hotdev/control"
)

// connect gives a client that speaks to a server by lines, as over stdio, and what
// the hotdev behind it was asked.
func connect(t *testing.T, answer func(control.Request) (control.Reply, error)) (*sdk.ClientSession, *[]control.Request) {
	t.Helper()
	var asked []control.Request
	o := Options{Version: "1", Ask: func(_ context.Context, q control.Request) (control.Reply, error) {
		asked = append(asked, q)
		return answer(q)
	}}
	clientIn, serverOut := io.Pipe()
	serverIn, clientOut := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- Serve(t.Context(), o, serverIn, serverOut) }()
	client := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &sdk.IOTransport{Reader: clientIn, Writer: clientOut}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = session.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return session, &asked
}

// call gives a tool's text and data.
func call(t *testing.T, s *sdk.ClientSession, name string, args map[string]any) (text string, data map[string]any, failed bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, c := range r.Content {
		text += c.(*sdk.TextContent).Text
	}
	data, _ = r.StructuredContent.(map[string]any)
	return text, data, r.IsError
}

// Each tool is the request that it says.
func TestTools(t *testing.T) {
	s, asked := connect(t, func(q control.Request) (control.Reply, error) {
		return control.Reply{Text: q.Verb + " answered\n", Report: control.Report{Programs: []control.Program{{Name: "app", Gen: 3}}}}, nil
	})
	list, err := s.ListTools(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Tools) == 0 || list.Tools[0].Name != "await_ready" {
		t.Errorf("the first of the tools is %+v", list.Tools)
	}
	size := 0
	for _, tool := range list.Tools {
		text, err := json.Marshal(tool)
		if err != nil {
			t.Fatal(err)
		}
		size += len(text)
	}
	if size > 8000 { // all of it stands in an agent's context, always
		t.Errorf("the tools' descriptions take %d bytes", size)
	}
	const second = 1_000_000_000
	for _, c := range []struct {
		tool string
		args map[string]any
		want control.Request
	}{
		{"await_ready", map[string]any{"generation": 3, "timeout_seconds": 90}, control.Request{Verb: "await", Gen: 3, Ready: true, Lenient: true, Timeout: 90 * second}},
		{"await_ready", map[string]any{"listening": true}, control.Request{Verb: "await", Ready: true}},
		{"status", map[string]any{"program": "app"}, control.Request{Verb: "status", Program: "app"}},
		{"errors", nil, control.Request{Verb: "errors"}},
		{"logs", map[string]any{"grep": "x", "tail": 5, "since_generation": 2}, control.Request{Verb: "logs", Grep: "x", Tail: 5, Since: 2}},
		{"explain", map[string]any{"generation": 4}, control.Request{Verb: "explain", Gen: 4}},
		{"explain", map[string]any{"file": "a.go"}, control.Request{Verb: "explain", File: "a.go"}},
		{"reload", map[string]any{"timeout_seconds": 1}, control.Request{Verb: "reload", Timeout: second}},
		{"restart", nil, control.Request{Verb: "restart"}},
		{"build", nil, control.Request{Verb: "build"}},
		{"pause", map[string]any{"off": true}, control.Request{Verb: "pause", Off: true}},
		{"test", map[string]any{"packages": []string{"ex.com/a/..."}, "run": "TestX", "only_failed": true}, control.Request{Verb: "test", Packages: []string{"ex.com/a/..."}, Pattern: "TestX", Only: true}},
		{"stop", nil, control.Request{Verb: "stop"}},
	} {
		*asked = nil
		text, data, failed := call(t, s, c.tool, c.args)
		if len(*asked) != 1 || !reflect.DeepEqual((*asked)[0], c.want) || failed || text != c.want.Verb+" answered\n" {
			t.Errorf("%s asked %+v, want %+v: %q", c.tool, *asked, c.want, text)
		}
		if wants := c.tool != "logs" && c.tool != "explain"; (data["outcome"] == "ok") != wants {
			t.Errorf("%s: %v", c.tool, data)
		}
	}
	if _, _, failed := call(t, s, "logs", map[string]any{"nonsense": 1}); !failed {
		t.Error("an argument that there is not was taken")
	}
	for _, tool := range []string{"stop", "test"} { // they are not about one of the programs
		if _, _, failed := call(t, s, tool, map[string]any{"program": "app"}); !failed {
			t.Errorf("%s took a program", tool)
		}
	}
}

// A broken build is an answer, with its errors as data; that nobody could be asked is
// a failure, which the agent reads.
func TestOutcomes(t *testing.T) {
	reply, fault := control.Reply{}, error(nil)
	s, _ := connect(t, func(control.Request) (control.Reply, error) { return reply, fault })

	reply = control.Reply{Code: control.Broken, Text: "a.go:3:7: undefined: x\n", Report: control.Report{Programs: []control.Program{{
		Name: "app", Build: "broken", Diagnostics: []control.Diagnostic{{File: "/p/a.go", Line: 3, Column: 7, Message: "undefined: x", Excerpt: []string{"var y = x"}, First: 3}},
	}}}}
	text, data, failed := call(t, s, "await_ready", nil)
	if failed || data["outcome"] != "broken" || !strings.Contains(text, "undefined") {
		t.Errorf("%q %v", text, data)
	}
	program := data["programs"].([]any)[0].(map[string]any)
	if d := program["diagnostics"].([]any)[0].(map[string]any); d["line"] != 3.0 || d["excerpt"].([]any)[0] != "var y = x" {
		t.Errorf("%v", d)
	}
	reply = control.Reply{Code: control.Timeout, Text: "not settled within 1m0s\n"}
	if text, _, failed := call(t, s, "await_ready", nil); !failed || text != reply.Text {
		t.Errorf("%q", text)
	}
	reply, fault = control.Reply{}, errors.New("no hotdev runs here")
	if text, _, failed := call(t, s, "status", nil); !failed || text != "no hotdev runs here" {
		t.Errorf("%q", text)
	}
}

func TestResources(t *testing.T) {
	s, _ := connect(t, func(q control.Request) (control.Reply, error) { return control.Reply{Text: q.Verb + "\n"}, nil })
	list, err := s.ListResources(t.Context(), nil)
	if err != nil || len(list.Resources) != 2 {
		t.Fatal(list, err)
	}
	for _, r := range list.Resources {
		got, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: r.URI})
		if err != nil || got.Contents[0].Text != r.Name+"\n" || "hotdev://"+r.Name != r.URI {
			t.Errorf("%+v: %+v %v", r, got, err)
		}
	}
}
