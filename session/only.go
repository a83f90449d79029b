package session

import "github.com/hotdev/hotdev/engine"

// Only is a view of the program with this index alone.
func Only(program int, v engine.View) View { return only{program, v} }

type only struct {
	program int
	view    engine.View
}

func (o only) Show(s State, program int, e engine.Event) {
	if program == o.program {
		o.view.Show(s.Programs[program].State, e)
	}
}
