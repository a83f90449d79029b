// Package lsp shows in any editor what hotdev finds: it speaks as much of the Language
// Server Protocol as it takes to publish diagnostics.
package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/hotdev/hotdev/control"
)

// Options are what a server is of.
type Options struct {
	Version string
	// Dir is the project's, where the editor does not say.
	Dir string
	// Ask finds the hotdev that is about dir and hands it a request. The error is a
	// control.ErrNone where there is none.
	Ask func(ctx context.Context, dir string, q control.Request) (control.Reply, error)
}

// Serve speaks to an editor until it says exit, in ends, or ctx does.
func Serve(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	w := &writer{out: out}
	reader := bufio.NewReaderSize(in, maxHeader)
	for {
		m, err := read(reader)
		switch {
		case errors.Is(err, io.EOF), ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		switch m.Method {
		case "initialize":
			if dir := folder(m.Params); dir != "" {
				o.Dir = dir
			}
			w.answer(m.ID, map[string]any{
				"capabilities": map[string]any{},
				"serverInfo":   map[string]string{"name": "hotdev", "version": o.Version},
			})
		case "initialized":
			p := publisher{o, w, map[string][]diagnostic{}}
			watching.Go(func() { p.run(ctx) })
		case "shutdown":
			w.answer(m.ID, nil)
		case "exit":
			return nil
		case "": // an answer; nothing was asked
		default:
			if m.ID != nil {
				w.refuse(m.ID, m.Method)
			}
		}
	}
}

// folder is the editor's, as initialize names it.
func folder(params json.RawMessage) string {
	var p struct {
		RootURI          string `json:"rootUri"`
		RootPath         string `json:"rootPath"`
		WorkspaceFolders []struct {
			URI string `json:"uri"`
		} `json:"workspaceFolders"`
	}
	if json.Unmarshal(params, &p) != nil {
		return ""
	}
	if len(p.WorkspaceFolders) > 0 {
		p.RootURI = p.WorkspaceFolders[0].URI
	}
	if u, err := url.Parse(p.RootURI); err == nil && u.Scheme == "file" && filepath.IsAbs(filepath.FromSlash(u.Path)) {
		return filepath.FromSlash(u.Path)
	}
	return p.RootPath
}

// A publisher keeps an editor's diagnostics as hotdev's errors are.
type publisher struct {
	Options
	out   *writer
	shown map[string][]diagnostic // by URI; none are empty
}

const (
	// lookTime is how long an answer may take that comes when the errors change, and
	// restTime is between two looks for a hotdev while there is none.
	lookTime = 10 * time.Minute
	restTime = time.Second
)

func (p *publisher) run(ctx context.Context) {
	token := ""
	for ctx.Err() == nil {
		r, err := p.Ask(ctx, p.Dir, control.Request{Verb: "errors", After: token, Timeout: control.Duration(lookTime)})
		switch {
		case ctx.Err() != nil:
			return
		case err != nil || r.Code == control.Usage || r.Code == control.None:
			token = ""
			p.publish(nil) // nobody knows any more
			select {
			case <-time.After(restTime):
			case <-ctx.Done():
			}
		default:
			token = r.Token
			p.publish(diagnostics(r.Report))
		}
	}
}

// publish tells the editor what is different from what it shows.
func (p *publisher) publish(now map[string][]diagnostic) {
	tell := func(uri string, ds []diagnostic) {
		p.out.notify("textDocument/publishDiagnostics", map[string]any{"uri": uri, "diagnostics": ds})
	}
	for uri := range p.shown {
		if len(now[uri]) == 0 {
			delete(p.shown, uri)
			tell(uri, []diagnostic{})
		}
	}
	for uri, ds := range now {
		if !reflect.DeepEqual(p.shown[uri], ds) {
			p.shown[uri] = ds
			tell(uri, ds)
		}
	}
}
