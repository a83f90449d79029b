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

// An Agent asks on behalf of a coding agent. It may start a hotdev where none runs,
// and then ends it, too.
type Agent struct {
	dir   string
	start []string

	mu      sync.Mutex // guards what follows
	started control.Place
	own     bool // started is one that was started here
}

// NewAgent asks the hotdev of dir. If none runs, it starts one with the arguments
// start, unless these are nil.
func NewAgent(dir string, start []string) *Agent { return &Agent{dir: dir, start: start} }

// Close ends the hotdev that was started here, if any: nobody else has asked for it.
func (a *Agent) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.own {
		_ = stop(a.started) // it may have ended by itself
	}
}

// Ask finds a hotdev, or starts one, and hands it the request. An error is one that
// the agent should read.
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

// sentence is what an error has to say; of an exit code that is nothing.
func sentence(err error) string {
	if code := exit.Code(0); errors.As(err, &code) {
		return ""
	}
	return err.Error()
}
