package builder

import (
	"errors"
	"fmt"

	"github.com/hotdev/hotdev/builder/internal/live"
)

// Stacks are a profile of a running program as its runtime has it.
type Stacks = live.Stacks

// Stacks are those of the program: of "goroutines", or of what allocated its "heap".
// Nothing in the program's source is needed for them.
func (l *Live) Stacks(kind string) (Stacks, error) {
	ask := map[string]func(*live.Conn) (Stacks, error){"goroutines": live.Goroutines, "heap": live.Heap}[kind]
	if ask == nil {
		return Stacks{}, fmt.Errorf("no stacks of kind %s", kind)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead != "" {
		return Stacks{}, errors.New(l.dead)
	}
	s, err := ask(l.conn)
	if err != nil && !errors.Is(err, live.ErrTooMany) {
		l.dead = err.Error()
	}
	return s, err
}
