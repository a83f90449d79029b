package main

import (
	"context"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui"
)

// overcome shows the obstacle that err is on the whole screen until it is gone.
// If the user leaves before that, it is the error still.
func overcome(ctx context.Context, t terminal.Terminal, o options, p *project.Project, err error) error {
	const program = "" // there is none yet
	run := session.New(program)
	send := func(e engine.Event) { run.Send(program, e) }
	search := project.NewSearch(p, err)
	w := world.NewSetup(search.Look, send)
	send(search.Hindered()) // seen at once, while it is looked again
	screen := tui.New(t.ScreenOptions(o.Dir, p.Screen(), send))
	if err := (loop{session: run, program: program, world: w, screen: screen, suspend: t.Suspender.Asked(), views: []session.View{session.Only(screen)}}).run(ctx); err != nil {
		return err
	}
	return search.Err()
}
