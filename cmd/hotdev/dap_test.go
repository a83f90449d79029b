package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// An editor is a client of the Debug Adapter Protocol that knows no more of it than
// stories need.
type editor struct {
	conn net.Conn
	r    *textproto.Reader
	seq  int
	seen []map[string]any // events that nobody has asked for
}

// debugging is the script command of the editor:
//
//	debug attach FILE LINE ...   attach at the address that hotdev has told of, with
//	                             breakpoints in these lines
//	debug stopped LINE           wait until the program has stopped, there
//	debug continue               have it go on
//	debug leave                  detach
func debugging(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: debug attach|stopped|continue|leave")
	}
	h := ts.Value("hot").(*hot)
	switch {
	case args[0] == "attach" && len(args) > 1:
		addr, _ := h.last("debuggable")["addr"].(string)
		conn, err := net.Dial("tcp", addr)
		ts.Check(err)
		ts.Defer(func() { conn.Close() })
		h.editor = &editor{conn: conn, r: textproto.NewReader(bufio.NewReader(conn))}
		file, err := filepath.EvalSymlinks(ts.MkAbs(args[1]))
		ts.Check(err)
		points := []map[string]int{}
		for _, l := range args[2:] {
			n, err := strconv.Atoi(l)
			ts.Check(err)
			points = append(points, map[string]int{"line": n})
		}
		h.editor.ask(ts, "initialize", map[string]any{"clientName": "a story", "pathFormat": "path", "linesStartAt1": true, "columnsStartAt1": true})
		h.editor.ask(ts, "attach", map[string]any{"mode": "remote"})
		h.editor.ask(ts, "setBreakpoints", map[string]any{"source": map[string]any{"path": file}, "breakpoints": points})
		h.editor.ask(ts, "configurationDone", nil)
	case args[0] == "stopped" && len(args) == 2:
		body, _ := h.editor.event(ts, "stopped")["body"].(map[string]any)
		stack := h.editor.ask(ts, "stackTrace", map[string]any{"threadId": body["threadId"], "levels": 1})
		if text := fmt.Sprint(stack["body"]); !strings.Contains(text, "line:"+args[1]+" ") {
			ts.Fatalf("stopped elsewhere: %s", text)
		}
	case args[0] == "continue":
		h.editor.ask(ts, "continue", map[string]any{"threadId": 1})
	case args[0] == "leave":
		h.editor.ask(ts, "disconnect", nil)
	default:
		ts.Fatalf("debug %s?", strings.Join(args, " "))
	}
}

// ask sends a request and returns its answer.
func (e *editor) ask(ts *testscript.TestScript, command string, arguments any) map[string]any {
	e.seq++
	text, err := json.Marshal(map[string]any{"seq": e.seq, "type": "request", "command": command, "arguments": arguments})
	ts.Check(err)
	_, err = fmt.Fprintf(e.conn, "Content-Length: %d\r\n\r\n%s", len(text), text)
	ts.Check(err)
	for {
		m := e.read(ts, "an answer to "+command)
		if m["type"] != "response" || m["request_seq"] != float64(e.seq) {
			e.seen = append(e.seen, m)
			continue
		}
		if m["success"] != true {
			ts.Fatalf("%s: %v", command, m)
		}
		return m
	}
}

// event waits for the next event of this name.
func (e *editor) event(ts *testscript.TestScript, name string) map[string]any {
	for {
		var m map[string]any
		if len(e.seen) > 0 {
			m, e.seen = e.seen[0], e.seen[1:]
		} else {
			m = e.read(ts, name)
		}
		if m["event"] == name {
			return m
		}
	}
}

func (e *editor) read(ts *testscript.TestScript, what string) map[string]any {
	_ = e.conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	header, err := e.r.ReadMIMEHeader()
	if err != nil {
		ts.Fatalf("waiting for %s: %v", what, err)
	}
	n, err := strconv.Atoi(header.Get("Content-Length"))
	ts.Check(err)
	text := make([]byte, n)
	_, err = io.ReadFull(e.r.R, text)
	ts.Check(err)
	var m map[string]any
	ts.Check(json.Unmarshal(text, &m))
	return m
}

// hasDelve reports whether there is a Delve that can debug what this Go builds.
func hasDelve() bool {
	_, err := exec.LookPath("dlv")
	return err == nil
}
