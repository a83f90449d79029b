package loop

import (
	"context"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/terminal"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/world"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tui"
	"github.com/hotdev/hotdev/watcher"
)

// prepare finds the programs. If an obstacle prevents it, the whole screen shows the
// obstacle until it is gone. If the user quits before that, prepare returns the
// obstacle as its error.
func prepare(ctx context.Context, t terminal.Terminal, o project.Options, b *builder.Builder) ([]*project.Project, *builder.Folder, error) {
	var pick project.Pick
	if t.Screen {
		pick = func(ctx context.Context, p *project.Project, names []string) (int, error) {
			return tui.Pick(ctx, t.ScreenOptions(o.Dir, p.Screen(), nil), "Which program? hotdev --all runs all of them", names)
		}
	}
	for {
		programs, folder, err := project.Prepare(ctx, o, b, pick)
		if !t.Screen || project.Obstacle(err) == nil {
			return programs, folder, err
		}
		if err := overcome(ctx, t, o.Dir, programs[0], err); err != nil {
			return programs, nil, err
		}
	}
}

// overcome shows the obstacle err until it is gone.
func overcome(ctx context.Context, t terminal.Terminal, dir string, p *project.Project, err error) error {
	run := session.New(watcher.New())
	none := run.Add("") // there is no program yet
	search := project.NewSearch(p, err)
	none.World = world.NewSetup(search.Look, none, none.Send)
	none.Send(search.Hindered()) // show it at once, while searching again
	screen := tui.New(t.ScreenOptions(dir, p.Screen(), run.Send))
	if err := (loop{session: run, screen: screen, suspend: t.Suspender.Asked(), views: []session.View{screen}}).run(ctx); err != nil {
		return err
	}
	return search.Err()
}
