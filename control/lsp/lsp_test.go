package lsp

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/control"
)

// An editor that speaks to a server.
type editor struct {
	t     *testing.T
	in    *bufio.Reader
	out   io.WriteCloser
	ended chan error
}

func start(t *testing.T, o Options) editor {
	t.Helper()
	clientIn, serverOut := io.Pipe()
	serverIn, clientOut := io.Pipe()
	e := editor{t, bufio.NewReaderSize(clientIn, maxHeader), clientOut, make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		err := Serve(ctx, o, serverIn, serverOut)
		serverOut.Close()
		e.ended <- err
	}()
	t.Cleanup(func() {
		clientIn.Close() // nothing may wait to be read
		cancel()
		clientOut.Close()
	})
	return e
}

func (e editor) say(text string) {
	e.t.Helper()
	if _, err := fmt.Fprintf(e.out, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		e.t.Fatal(err)
	}
}

// hears gives the next message as it is.
func (e editor) hears() (m struct {
	ID     json.RawMessage
	Method string
	Params struct {
		URI         string
		Diagnostics []diagnostic
	}
	Result json.RawMessage
	Error  struct{ Code int }
}) {
	e.t.Helper()
	size := 0
	if _, err := fmt.Fscanf(e.in, "Content-Length: %d\r\n\r\n", &size); err != nil {
		e.t.Fatal(err)
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(e.in, body); err != nil {
		e.t.Fatal(err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		e.t.Fatalf("%s: %v", body, err)
	}
	return m
}

// Diagnostics come, stay as long as they are the same, and go; also when hotdev does.
func TestPublish(t *testing.T) {
	answers := make(chan control.Reply)
	o := Options{Version: "1", Dir: "/elsewhere", Ask: func(ctx context.Context, dir string, q control.Request) (control.Reply, error) {
		if dir != "/p" {
			t.Errorf("asked in %s", dir)
		}
		select {
		case r := <-answers:
			if r.Code == control.None {
				return r, control.ErrNone
			}
			return r, nil
		case <-ctx.Done():
			return control.Reply{}, ctx.Err()
		}
	}}
	e := start(t, o)
	e.say(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"rootUri":"file:///p","capabilities":{}}}`)
	if m := e.hears(); string(m.ID) != "1" || !strings.Contains(string(m.Result), `"capabilities":{}`) {
		t.Errorf("%+v", m)
	}
	e.say(`{"jsonrpc":"2.0","method":"initialized","params":{}}`)
	e.say(`{"jsonrpc":"2.0","id":"a","method":"textDocument/hover","params":{}}`)
	if m := e.hears(); string(m.ID) != `"a"` || m.Error.Code != -32601 {
		t.Errorf("%+v", m)
	}
	e.say(`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}}`)

	broken := control.Reply{Code: control.Broken, Report: control.Report{Dir: "/p", Programs: []control.Program{{Diagnostics: []control.Diagnostic{
		{File: "/p/a b.go", Line: 3, Column: 10, Message: "undefined: x", Excerpt: []string{"\t𝒳 := ünd(1)"}, First: 3},
	}}}}}
	answers <- broken
	m := e.hears()
	want := []diagnostic{{Range: span{position{2, 7}, position{2, 10}}, Severity: 1, Source: "hotdev", Message: "undefined: x"}}
	if m.Method != "textDocument/publishDiagnostics" || m.Params.URI != "file:///p/a%20b.go" || !reflect.DeepEqual(m.Params.Diagnostics, want) {
		t.Errorf("%+v", m)
	}
	answers <- broken // nothing new
	answers <- control.Reply{Report: control.Report{Dir: "/p"}}
	if m := e.hears(); m.Params.URI != "file:///p/a%20b.go" || m.Params.Diagnostics == nil || len(m.Params.Diagnostics) != 0 {
		t.Errorf("%+v", m)
	}
	answers <- broken
	e.hears()
	answers <- control.Reply{Code: control.None}
	if m := e.hears(); len(m.Params.Diagnostics) != 0 {
		t.Errorf("%+v", m)
	}
	e.say(`{"jsonrpc":"2.0","id":2,"method":"shutdown"}`)
	if m := e.hears(); string(m.Result) != "null" {
		t.Errorf("%+v", m)
	}
	e.say(`{"jsonrpc":"2.0","method":"exit"}`)
	if err := <-e.ended; err != nil {
		t.Error(err)
	}
}

// Where things are, as an editor counts.
func TestPlace(t *testing.T) {
	for _, c := range []struct {
		excerpt             []string
		first, line, column int
		want                span
	}{
		{[]string{"a", "\tfoo(x)"}, 4, 5, 2, span{position{4, 1}, position{4, 4}}},
		{[]string{"x + é€😀y"}, 1, 1, 5, span{position{0, 4}, position{0, 5}}}, // é is a letter, € none
		{[]string{"x + é€😀y"}, 1, 1, 7, span{position{0, 5}, position{0, 6}}},
		{[]string{"x + é€😀y"}, 1, 1, 14, span{position{0, 8}, position{0, 9}}},
		{[]string{"\t\tpanic(1)"}, 7, 7, 0, span{position{6, 2}, position{6, 10}}},
		{[]string{"short"}, 1, 1, 99, span{position{0, 5}, position{0, 5}}},
		{nil, 0, 3, 4, span{position{2, 3}, position{2, 4}}},
		{nil, 0, 3, 0, span{position{2, 0}, position{2, 1}}},
		{nil, 0, 0, 0, span{position{0, 0}, position{0, 1}}},
	} {
		if got := place(c.excerpt, c.first, c.line, c.column); got != c.want {
			t.Errorf("%q %d:%d is at %+v, want %+v", c.excerpt, c.line, c.column, got, c.want)
		}
	}
}

// Crashes stand where they were, mistakes of the configuration in its file, and what
// has no place in go.mod.
func TestDiagnostics(t *testing.T) {
	got := diagnostics(control.Report{Dir: "/p", Programs: []control.Program{{
		Diagnostics: []control.Diagnostic{{Message: "go: no module", More: []string{"try x"}, Suggest: []string{"y"}}},
		Crashes: []control.Crash{{Kind: "panic", Message: "boom", Count: 2, File: "/p/m.go", Line: 8, Excerpt: []string{"\tpanic(1)"}, First: 8,
			Frames: []control.Frame{{Func: "main.f", File: "/p/m.go", Line: 8}, {Func: "main.main", File: "/p/m.go", Line: 3}}}},
		Config: ".air-like.toml:2:1: unknown key\nelsewhere\n",
	}}})
	if d := got["file:///p/go.mod"]; len(d) != 2 || d[0].Message != "go: no module\ntry x\ndid you mean y?" || d[1].Message != "elsewhere" {
		t.Errorf("%+v", d)
	}
	if d := got["file:///p/m.go"]; len(d) != 1 || d[0].Message != "panic: boom (2 times)" || len(d[0].Related) != 2 || d[0].Related[1].Location.Range.Start.Line != 2 {
		t.Errorf("%+v", d)
	}
	if d := got["file:///p/.air-like.toml"]; len(d) != 1 || d[0].Message != "unknown key" || d[0].Range.Start != (position{1, 0}) {
		t.Errorf("%+v", d)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("Content-Length: 2\r\n\r\n{}"))
	f.Add([]byte("content-length:17\r\nX: y\r\n\r\n{\"method\":\"exit\"}"))
	f.Add([]byte("Content-Length: 99999999999\r\n\r\n"))
	f.Add([]byte("Content-Length: 5\r\n\r\n{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		in := bufio.NewReaderSize(bytes.NewReader(text), maxHeader)
		for {
			m, err := read(in)
			if err != nil {
				return
			}
			// What was taken can be said again.
			body, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			again, err := read(bufio.NewReaderSize(strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)), maxHeader))
			if err != nil || again.Method != m.Method {
				t.Fatalf("%+v became %+v: %v", m, again, err)
			}
		}
	})
}
