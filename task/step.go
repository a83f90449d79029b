package task

import (
	"maps"
	"reflect"
	"slices"
)

// An Event is something that happened.
type Event interface{ event() }

type (
	// Configured: the settings of a task were read, for the first time or again.
	Configured struct {
		Name     string
		Settings Settings
	}
	// Changed: files have new content, appeared or vanished. Marked are those that carry
	// Go's mark of generated code; it is looked for while a command runs.
	Changed struct {
		Paths, Marked []string
	}
	// Began: the user had the task run.
	Began struct{ Name string }
	// Waits: the start of the task waits for something other than tasks (On), or no
	// longer does.
	Waits struct {
		Name string
		On   bool
	}
	// Ended: the command is over, and what it wrote was told as Changed. Stopped: the
	// user ended it.
	Ended struct {
		Name        string
		OK, Stopped bool
	}
	// Paused: the user has paused the task (On), so that it does not run by itself, or
	// has resumed it.
	Paused struct {
		Name string
		On   bool
	}
	// Retry: files were saved of a program that waits for tasks which failed. What is
	// fixed may be what these tasks read without saying so.
	Retry struct {
		Program string
		Paths   []string
	}
)

func (Configured) event() {}
func (Changed) event()    {}
func (Began) event()      {}
func (Waits) event()      {}
func (Ended) event()      {}
func (Paused) event()     {}
func (Retry) event()      {}

// An Effect is something to do.
type Effect interface{ effect() }

type (
	// Run has the task's command run, in place of one that runs already.
	Run struct {
		Name  string
		Cause Cause
	}
	// Wrote says what a task has written for certain.
	Wrote struct {
		Name  string
		Paths []string
	}
	// Notice tells the user that a chain came back, and ends there.
	Notice struct {
		Name string
		Loop Chain
	}
)

func (Run) effect()    {}
func (Wrote) effect()  {}
func (Notice) effect() {}

// few is in how many runs in a row a file may change until one is let through.
const few = 3

// Step is the policy. It is pure and total.
func Step(s State, e Event) (State, []Effect) {
	switch e := e.(type) {
	case Configured:
		i := s.index(e.Name)
		if i < 0 {
			return s, nil
		}
		t := s.Tasks[i]
		again := t.known && e.Settings.When == AtStart && (t.Settings.Command != e.Settings.Command || !reflect.DeepEqual(t.Settings.Files, e.Settings.Files))
		s = s.with(i, func(t *Task) { t.Settings, t.known = e.Settings, true })
		var fx []Effect
		if again {
			s, fx = s.due(i, Cause{})
		}
		return s.next(fx)
	case Changed:
		return s.changed(e)
	case Began:
		return s.with(s.index(e.Name), func(t *Task) {
			if t.Phase != Running {
				t.Phase, t.Cause = Running, Cause{}
			}
		}), nil
	case Waits:
		return s.with(s.index(e.Name), func(t *Task) { t.held = e.On }).next(nil)
	case Paused:
		return s.with(s.index(e.Name), func(t *Task) { t.paused = e.On }).next(nil)
	case Ended:
		return s.with(s.index(e.Name), func(t *Task) {
			switch {
			case e.Stopped:
				t.Phase = Resting
			case e.OK:
				t.Phase = Passed
			default:
				t.Phase = Failed
			}
			t.held = false
			if again := t.again; len(again) > 0 && !e.Stopped {
				t.Phase, t.Cause, t.again = Due, Cause{Paths: again}, nil
			} else {
				t.touched, t.again = nil, nil
			}
		}).next(nil)
	case Retry:
		if s.Busy() {
			return s, nil
		}
		for _, name := range s.Blocked(e.Program).Failed {
			s = s.with(s.index(name), func(t *Task) { t.Phase, t.Cause = Due, Cause{Paths: e.Paths} })
		}
		return s.next(nil)
	}
	return s, nil
}

// changed finds the tasks that are due because of changed files.
func (s State) changed(e Changed) (State, []Effect) {
	var fx []Effect
	written := map[string][]string{} // by task
	all := s.match(e.Paths)
	for _, path := range e.Paths {
		var more []Effect
		marked := slices.Contains(e.Marked, path)
		if i, certain := s.writer(path, marked, all); certain {
			name := s.Tasks[i].Name
			written[name] = append(written[name], path)
		}
		s, more = s.file(path, marked, all)
		fx = append(fx, more...)
	}
	for _, name := range slices.Sorted(maps.Keys(written)) {
		fx = append(fx, Wrote{name, written[name]})
	}
	return s.next(fx)
}

// file finds the tasks that are due because of one changed file.
func (s State) file(path string, marked bool, all []match) (State, []Effect) {
	writer, certain := s.writer(path, marked, all)
	if writer < 0 {
		s = s.forget(path)
	}
	var fx []Effect
	for i := range s.Tasks {
		t := s.Tasks[i] // as it is by now
		if !all[i].triggers(path) {
			continue
		}
		var more []Effect
		switch {
		case writer < 0:
			s, more = s.due(i, Cause{Paths: []string{path}})
		case certain && writer == i:
			// It is no reason to run.
		case writer == i || t.Phase == Running && !certain:
			s, more = s.perhapsOwn(i, path)
		default:
			w := s.Tasks[writer]
			s, more = s.follow(i, append(slices.Clip(w.Cause.Chain), Link{w.Name, path, t.Name}), certain)
		}
		fx = append(fx, more...)
	}
	if writer >= 0 && !all[writer].triggers(path) {
		s = s.learn(writer, path)
	}
	return s, fx
}

// writer is the task that may have written a file, and whether that is certain; -1 if
// none can have.
func (s State) writer(path string, marked bool, all []match) (i int, certain bool) {
	writer := -1
	for i, t := range s.Tasks {
		if !t.writes() {
			continue
		}
		if marked || t.wrote[path] || all[i].outputs[path] {
			return i, true
		}
		if writer < 0 || all[writer].triggers(path) {
			writer = i // rather one that does not read it
		}
	}
	return writer, false
}

// perhapsOwn: a file that the running task reads changed, by a save or by the task.
func (s State) perhapsOwn(i int, path string) (State, []Effect) {
	t := s.Tasks[i]
	if t.current[path] { // it was counted, and what follows takes this change in
		return s, nil
	}
	n := t.touched[path] + 1
	if n > few {
		return s.learn(i, path), []Effect{Notice{t.Name, Chain{{t.Name, path, t.Name}}}}
	}
	s = s.with(i, func(t *Task) {
		t.touched, t.current = maps.Clone(t.touched), maps.Clone(t.current)
		if t.touched == nil {
			t.touched = map[string]int{}
		}
		if t.current == nil {
			t.current = map[string]bool{}
		}
		t.touched[path], t.current[path] = n, true
		if n == few {
			t.again = append(slices.Clip(t.again), path)
		}
	})
	if n == few {
		return s, nil
	}
	return s.due(i, Cause{Paths: []string{path}})
}

// follow has a task run for what another one wrote, unless that leads back to where it
// has been.
func (s State) follow(i int, chain Chain, certain bool) (State, []Effect) {
	name := s.Tasks[i].Name
	allowed := 0
	if !certain {
		allowed = 1
	}
	if chain.runs(name) > allowed {
		return s, []Effect{Notice{name, chain}}
	}
	return s.due(i, Cause{Paths: []string{chain[len(chain)-1].File}, Chain: chain})
}

// due has a task run as soon as it is its turn. One that runs begins again.
func (s State) due(i int, c Cause) (State, []Effect) {
	t := s.Tasks[i]
	if t.Phase == Due {
		c.Paths = append(slices.Clip(t.Cause.Paths), slices.DeleteFunc(c.Paths, func(p string) bool { return slices.Contains(t.Cause.Paths, p) })...)
		if len(t.Cause.Chain) == 0 {
			c.Chain = nil // a save leads to it, too
		}
	}
	if t.Phase == Running {
		s = s.with(i, func(t *Task) { t.Cause, t.current = c, nil })
		return s, []Effect{Run{t.Name, c}}
	}
	return s.with(i, func(t *Task) { t.Phase, t.Cause = Due, c }), nil
}

// next begins the first task that is due, if it is time for one. fx goes first.
func (s State) next(fx []Effect) (State, []Effect) {
	for i := range s.Tasks {
		if s.Busy() {
			break
		}
		t := s.Tasks[i]
		if !t.known {
			break // its settings come, and it is the first to run
		}
		b := s.Blocked(t.Name)
		if t.Phase != Due || t.paused || len(b.By)+len(b.Failed) > 0 {
			continue
		}
		s = s.with(i, func(t *Task) { t.Phase, t.current = Running, nil })
		fx = append(fx, Run{t.Name, t.Cause})
	}
	return s, fx
}

// learn notes that a task writes a file.
func (s State) learn(i int, path string) State {
	return s.with(i, func(t *Task) {
		t.wrote = maps.Clone(t.wrote)
		if t.wrote == nil {
			t.wrote = map[string]bool{}
		}
		t.wrote[path] = true
	})
}

// forget unlearns that tasks write a file, since somebody else has changed it.
func (s State) forget(path string) State {
	for i, t := range s.Tasks {
		if t.wrote[path] {
			s = s.with(i, func(t *Task) {
				t.wrote = maps.Clone(t.wrote)
				delete(t.wrote, path)
			})
		}
	}
	return s
}
