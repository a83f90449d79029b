package proxy

import (
	"maps"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/tester"
)

// troubles are what went wrong beside the program. It is a value.
type troubles struct {
	tasks   failedTasks
	tests   *problem // nil if none failed
	version int      // counts changes
}

// failedTasks are the complaints of the tasks whose last run failed, by name.
type failedTasks map[string][]problemItem

// with is f with what came of the last run of a task; no items: it passed.
func (f failedTasks) with(name string, items []problemItem) failedTasks {
	next := maps.Clone(f)
	if len(items) == 0 {
		delete(next, name)
		return next
	}
	if next == nil {
		next = failedTasks{}
	}
	next[name] = items
	return next
}

// taskItems are the complaints of a task's last run.
func taskItems(s engine.State, dir string) (items []problemItem) {
	for _, g := range s.Troubles() {
		for _, t := range g.Troubles {
			items = append(items, diagnosed(t, dir))
		}
	}
	return items
}

// problem is that the tasks of these names failed.
func (f failedTasks) problem(names []string) *problem {
	p := &problem{Title: strings.Join(names, ", ") + " failed"}
	for _, name := range names {
		for _, item := range f[name] {
			p.add(item)
		}
	}
	return p
}

// testProblem is what the last tests found; nil if that was nothing.
func testProblem(s tester.State, dir string) *problem {
	broken, failures := s.Broken(), s.Failures()
	if len(broken)+len(failures) == 0 {
		return nil
	}
	var title []string
	if n := len(failures); n > 0 {
		title = append(title, words.Count(n, "test")+" failed")
	}
	if len(broken) > 0 {
		title = append(title, "tests do not build")
	}
	p := &problem{Title: strings.Join(title, ", ")}
	for _, d := range broken {
		p.add(diagnosed(engine.Trouble{Diagnostic: d}, dir))
	}
	for _, f := range failures {
		item := problemItem{At: place(dir, f.File, f.Line, 0), File: f.File, Line: f.Line, Text: f.Brief(), Source: f.Excerpt, First: f.First}
		if len(f.Message) > 1 {
			item.More = f.Message[1:]
		}
		p.add(item)
	}
	return p
}
