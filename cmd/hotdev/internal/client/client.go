// Package client is the caller of a hotdev that runs: it finds the one that is meant,
// or starts one in the background, asks it, and prints its answer.
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

// A Client asks the hotdev of a project.
type Client struct {
	// Dir is any folder of the project; absolute.
	Dir string
	// Program and Pid choose among several; empty and 0 are any.
	Program string
	Pid     int
}

// Find returns the hotdev that is meant. The error is a [control.ErrNone] if none
// runs, and a [project.UsageError] if there are several to choose from.
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

// patience is what a hotdev is given beyond the request's own time.
const patience = 10 * time.Second

// Ask finds the hotdev that is meant and hands it the request, whose Dir and Program
// are set here. That there is none, or that it does not answer, is a reply as well.
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

// A Format is how an answer is printed.
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

// ended is an answer's code as an error; nil if all is well.
func ended(r control.Reply) error {
	if r.Code == control.OK {
		return nil
	}
	return exit.Code(r.Code)
}
