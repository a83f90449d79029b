// Package client finds a running hotdev, or starts one in the background, sends it a
// request, and prints the answer.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
)

// A Client sends requests to the hotdev of a project.
type Client struct {
	// Dir is any folder of the project; absolute.
	Dir string
	// Program and Pid choose among several; "" and 0 mean any.
	Program string
	Pid     int
}

// Find returns the hotdev to ask. The error is a [control.ErrNone] if none is running,
// and a [project.UsageError] if there are several to choose from.
func (c Client) Find() (control.Place, error) {
	if !control.Supported {
		return control.Place{}, errors.New("hotdev ctl needs a control socket, and there is none on this system yet")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return control.Place{}, err
	}
	places, err := control.Find(builder.Folders(cache), c.Dir)
	if err != nil {
		return control.Place{}, err
	}
	p, err := control.Choose(places, c.Program, c.Pid)
	if err != nil {
		return p, project.Usage(err)
	}
	return p, nil
}

// patience is how long to wait for hotdev beyond the request's own time.
const patience = 10 * time.Second

// Ask finds the hotdev and sends it the request, whose Dir and Program it sets. If
// there is none, or if it does not answer, that is a reply as well.
func (c Client) Ask(ctx context.Context, q control.Request) (control.Reply, error) {
	place, err := c.Find()
	if errors.Is(err, control.ErrNone) {
		return control.Reply{Code: control.None, Text: err.Error() + "; start one with hotdev\n"}, nil
	}
	if err != nil {
		return control.Reply{}, err
	}
	q.Dir, q.Program = c.Dir, c.Program
	wait := time.Duration(q.Timeout)
	if wait == 0 {
		wait = control.DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, wait+patience)
	defer cancel()
	reply, err := place.Ask(ctx, q)
	switch {
	case errors.Is(err, control.ErrNone):
		return control.Reply{Code: control.None, Text: err.Error() + "\n"}, nil
	case errors.Is(err, context.DeadlineExceeded):
		return control.Reply{Code: control.Timeout, Text: fmt.Sprintf("hotdev (pid %d) does not answer; it may be suspended (fg)\n", place.Pid)}, nil
	}
	return reply, err
}

// A Format is a format in which to print an answer.
type Format int

// The formats.
const (
	Text  Format = iota
	JSON         // one line
	Lines        // only file:line:column: message for each error, as editors read it
)

// Print prints an answer, and returns its code as an error.
func Print(stdout, stderr io.Writer, r control.Reply, f Format) error {
	var err error
	switch {
	case f == JSON:
		err = json.NewEncoder(stdout).Encode(r)
	case f == Lines && (r.Code == control.OK || r.Code == control.Broken):
		_, err = fmt.Fprint(stdout, safe.Text(r.Report.Lines()))
	case r.Code == control.Usage, r.Code == control.None:
		_, err = fmt.Fprint(stderr, safe.Text("hotdev: "+r.Text))
	default:
		_, err = fmt.Fprint(stdout, safe.Text(r.Text))
	}
	if err != nil {
		return err
	}
	return ended(r)
}

// ended returns an answer's code as an error; nil if it is 0.
func ended(r control.Reply) error {
	if r.Code == control.OK {
		return nil
	}
	return exit.Code(r.Code)
}
