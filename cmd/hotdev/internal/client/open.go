package client

import (
	"context"
	"fmt"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/internal/safe"
)

// Open opens the place of an error, numbered from 1, in the user's editor. The editor
// runs in this terminal, not in that of hotdev.
func (c Client) Open(ctx context.Context, t terminal.Terminal, number int) error {
	reply, err := c.Ask(ctx, control.Request{Verb: "errors"})
	if err != nil {
		return err
	}
	if reply.Code != control.OK && reply.Code != control.Broken {
		fmt.Fprint(t.Stderr, safe.Text("hotdev: "+reply.Text))
		return ended(reply)
	}
	at, ok := reply.Report.Place(number)
	if !ok {
		return fmt.Errorf("there is no error %d with a place to open", number)
	}
	return t.Edit(c.Dir, editor(c.Dir), at.File, at.Line, at.Column)
}

// editor returns the editor that the configuration names, or "".
func editor(dir string) string {
	file, _, ok := config.Find(dir)
	if !ok {
		return ""
	}
	cfg, err := config.Load(file)
	if err != nil { // hotdev itself reports it
		return ""
	}
	return cfg.Screen.Editor
}
