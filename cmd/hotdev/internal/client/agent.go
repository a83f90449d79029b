package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
)

// An Agent sends the requests of a coding agent. It may start a hotdev if none is
// running, and then also ends it.
type Agent struct {
	dir   string
	start []string

	mu      sync.Mutex // guards the fields below
	started control.Place
	own     bool // this Agent started the hotdev at place
}

// NewAgent returns an Agent for the hotdev of dir. If none is running, it starts one
// with the arguments start, unless these are nil.
func NewAgent(dir string, start []string) *Agent { return &Agent{dir: dir, start: start} }

// Close ends the hotdev that this Agent has started, if any: no other client has asked
// for it.
func (a *Agent) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.own {
		_ = stop(a.started) // it may have ended by itself
	}
}

// Ask finds a hotdev, or starts one, and passes it the request. The error is meant for
// the coding agent to read.
func (a *Agent) Ask(ctx context.Context, q control.Request) (control.Reply, error) {
	q.Dir = a.dir
	if q.File != "" && !filepath.IsAbs(q.File) {
		q.File = filepath.Join(a.dir, q.File)
	}
	place, err := Client{Dir: a.dir, Program: q.Program}.Find()
	if errors.Is(err, control.ErrNone) && a.start != nil && q.Verb != "stop" {
		place, err = a.startOne(ctx)
	}
	switch {
	case errors.Is(err, control.ErrNone):
		return control.Reply{}, errors.New("no hotdev runs in this project; start one in a shell with: hotdev --wait-ready")
	case err != nil:
		return control.Reply{}, err
	}
	reply, err := place.Ask(ctx, q)
	reply.Text = safe.Text(reply.Text)
	return reply, err
}

func (a *Agent) startOne(ctx context.Context) (control.Place, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var said bytes.Buffer
	place, fresh, err := background(ctx, &said, a.dir, a.start)
	if err != nil {
		return place, fmt.Errorf("hotdev could not start: %s", strings.TrimPrefix(strings.TrimSpace(said.String()+"\n"+sentence(err)), "hotdev: "))
	}
	a.started, a.own = place, fresh || a.own && a.started.Pid == place.Pid
	return place, nil
}

// sentence returns an error's message, and "" for an exit code.
func sentence(err error) string {
	if code := exit.Code(0); errors.As(err, &code) {
		return ""
	}
	return err.Error()
}
