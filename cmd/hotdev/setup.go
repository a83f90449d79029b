package main

import (
	"context"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// overcome shows the obstacle that err is on the whole screen until it is gone.
// If the user leaves before that, it is the error still.
func overcome(ctx context.Context, t terminal.Terminal, o options, p *project.Project, err error) error {
	run := session.New(watcher.New())
	none := run.Add("") // there is no program yet
	search := project.NewSearch(p, err)
	none.World = world.NewSetup(search.Look, none, none.Send)
	none.Send(search.Hindered()) // seen at once, while it is looked again
	screen := tui.New(t.ScreenOptions(o.Dir, p.Screen(), run.Send))
	if err := (loop{session: run, screen: screen, suspend: t.Suspender.Asked(), views: []session.View{screen}}).run(ctx); err != nil {
		return err
	}
	return search.Err()
}
