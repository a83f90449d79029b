package builder

import (
	"context"
	"strconv"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A queue limits how many builds run side by side.
type queue struct {
	places chan struct{} // a token for each further build that may begin
	all    chan struct{} // one token, for the build that wants all places
}

func newQueue(places int) queue {
	q := queue{places: make(chan struct{}, places), all: make(chan struct{}, 1)}
	q.leave(places)
	give(q.all)
	return q
}

// enter waits for a place, or for all of them, and returns how many places the caller
// must give back with leave.
func (q queue) enter(ctx context.Context, alone bool) (places int, err error) {
	want := 1
	if alone { // otherwise two builds that each have some would wait for each other
		if err := take(ctx, q.all); err != nil {
			return 0, err
		}
		defer give(q.all)
		want = cap(q.places)
	}
	for places < want {
		if err := take(ctx, q.places); err != nil {
			q.leave(places)
			return 0, err
		}
		places++
	}
	return places, nil
}

func (q queue) leave(places int) {
	for range places {
		give(q.places)
	}
}

// A turn is the right to build a program, beside other programs or alone.
type turn struct {
	queue   queue
	program *program
	places  int
}

// own waits for the program's turn and for a place in the queue. With alone it waits
// until no other program is built, because others must not read what a Before command
// is writing. The caller must call done when it has built.
func (b *Builder) own(ctx context.Context, p *program, alone bool) (*turn, error) {
	if err := take(ctx, p.turn); err != nil {
		return nil, err
	}
	places, err := b.queue.enter(ctx, alone)
	if err != nil {
		give(p.turn)
		return nil, err
	}
	return &turn{queue: b.queue, program: p, places: places}, nil
}

// share lets other programs build beside the caller from now on.
func (t *turn) share() {
	t.queue.leave(t.places - 1)
	t.places = 1
}

// done ends the turn.
func (t *turn) done() {
	t.queue.leave(t.places)
	give(t.program.turn)
}

// A goBuild is the right to run go build. Two at a time would compile the packages that
// they share twice, each with as many compilers as there are processors.
type goBuild struct {
	b       *Builder
	workers int
	first   bool // other builds wait for this one
}

// goBuild waits until no other go build compiles packages that may be shared, and takes
// all workers that are free then. The caller must call done when it has built.
func (b *Builder) goBuild(ctx context.Context) (*goBuild, error) {
	if err := take(ctx, b.compiling); err != nil {
		return nil, err
	}
	n, err := b.workers.Take(ctx, b.workers.Count())
	if err != nil {
		give(b.compiling)
		return nil, err
	}
	return &goBuild{b: b, workers: n, first: true}, nil
}

// flags are the go command's, in addition to the user's.
func (g *goBuild) flags(given gocmd.Flags) []string {
	if _, ok := given.Value("p"); ok || g.workers == g.b.workers.Count() {
		return nil
	}
	return []string{"-p=" + strconv.Itoa(g.workers)}
}

// linking lets the next go build begin: this one has only its main package left to
// compile and link.
func (g *goBuild) linking() {
	if g.first {
		g.first = false
		g.b.workers.Give(g.workers - 1)
		g.workers = 1
		give(g.b.compiling)
	}
}

func (g *goBuild) done() {
	g.linking()
	g.b.workers.Give(g.workers)
	g.workers = 0
}

// again gives back the remaining workers and waits for another go build, as goBuild does.
// After an error there is nothing to give back.
func (g *goBuild) again(ctx context.Context) error {
	g.done()
	next, err := g.b.goBuild(ctx)
	if err == nil {
		*g = *next
	}
	return err
}
