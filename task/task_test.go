package task

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/internal/story"
	"github.com/hotdev/hotdev/watcher"
)

// TestStories plays each story's events and compares what Step made of them: "tasks"
// has the settings of a task a line, "events" an event a line.
func TestStories(t *testing.T) {
	story.Play(t, 2, func(t *testing.T, files []string) string { return play(t, files[0], files[1]) })
}

// settings reads "name key=value,value…", with patterns below /p.
func settings(line string) (string, Settings) {
	words := strings.Fields(line)
	s := Settings{Command: words[0], Dir: "/p"}
	for _, w := range words[1:] {
		key, value, _ := strings.Cut(w, "=")
		rules := []watcher.Rule{{Dir: "/p", Include: strings.Split(value, ",")}}
		switch key {
		case "command":
			s.Command = value
		case "files":
			s.Files.Rules = rules
		case "outputs":
			s.Outputs.Rules = rules
		case "when":
			s.When = When(value)
		case "before":
			s.Before = strings.Split(value, ",")
		}
	}
	return words[0], s
}

func play(t *testing.T, tasks, script string) string {
	t.Helper()
	var names []string
	known := map[string]Settings{}
	for line := range strings.Lines(tasks) {
		name, s := settings(line)
		names = append(names, name)
		known[name] = s
	}
	s := New(names...)
	for _, name := range names {
		s = s.Know(name, known[name])
	}
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		fmt.Fprintf(&out, "%s\n", line)
		old := s
		var effects []Effect
		s, effects = Step(s, parse(t, line))
		for _, e := range effects {
			switch e := e.(type) {
			case Run:
				text := "run " + e.Name
				if len(e.Cause.Paths) > 0 {
					text += " for " + strings.Join(e.Cause.Paths, " ")
				}
				if len(e.Cause.Chain) > 0 {
					text += ": " + e.Cause.Chain.Words("/p")
				}
				fmt.Fprintf(&out, "    → %s\n", text)
			case Wrote:
				fmt.Fprintf(&out, "    → %s wrote %s\n", e.Name, strings.Join(e.Paths, " "))
			case Notice:
				fmt.Fprintf(&out, "    → notice of %s: %s\n", e.Name, e.Loop.Words("/p"))
			}
		}
		for i, one := range s.Tasks {
			if one.Phase != old.Tasks[i].Phase {
				fmt.Fprintf(&out, "    %s: %s\n", one.Name, one.Phase)
			}
		}
		if a, b := blocked(old), blocked(s); a != b {
			fmt.Fprintf(&out, "    api waits for: %s\n", b)
		}
	}
	return out.String()
}

func blocked(s State) string {
	b := s.Blocked("api")
	words := b.By
	for _, f := range b.Failed {
		words = append(words, f+", which failed")
	}
	return strings.Join(words, ", ")
}

func parse(t *testing.T, line string) Event {
	t.Helper()
	words := strings.Fields(line)
	switch words[0] {
	case "configured":
		name, s := settings(strings.Join(words[1:], " "))
		return Configured{name, s}
	case "changed": // paths below /p; one with ! carries the mark
		c := Changed{}
		for _, p := range words[1:] {
			p, marked := strings.CutSuffix("/p/"+p, "!")
			c.Paths = append(c.Paths, p)
			if marked {
				c.Marked = append(c.Marked, p)
			}
		}
		return c
	case "began":
		return Began{words[1]}
	case "waits": // name, on or off
		return Waits{words[1], words[2] == "on"}
	case "paused":
		return Paused{words[1], words[2] == "on"}
	case "ended": // name, ok | failed | stopped
		return Ended{words[1], words[2] == "ok", words[2] == "stopped"}
	case "retry": // program, path
		return Retry{words[1], []string{"/p/" + words[2]}}
	}
	t.Fatalf("no such event: %s", line)
	return nil
}

// Whatever happens, two tasks never run at once, a loop comes to an end, and who waits
// for nothing that is due or has failed is not blocked.
func TestLoopsEnd(t *testing.T) {
	names := []string{"a", "b", "c"}
	for _, declared := range []bool{true, false} {
		s := New(names...)
		for i, name := range names { // each reads what the one before it writes
			in, out := names[(i+2)%3], name
			set := Settings{
				Files:  watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{in + ".out", "user"}}}},
				Before: []string{"api"},
			}
			if declared {
				set.Outputs = watcher.Set{Rules: []watcher.Rule{{Dir: "/p", Include: []string{out + ".out"}}}}
			}
			s, _ = Step(s, Configured{name, set})
		}
		var queue []string // of runs, whose output is always new
		runs, notices := 0, 0
		do := func(e Event) {
			var fx []Effect
			s, fx = Step(s, e)
			for _, f := range fx {
				switch f := f.(type) {
				case Run:
					queue = append(queue, f.Name)
				case Notice:
					notices++
				}
			}
			if n := len(slices.DeleteFunc(slices.Clone(s.Tasks), func(t Task) bool { return t.Phase != Running })); n > 1 {
				t.Fatalf("%d tasks run at once", n)
			}
		}
		// A New state is due; its first task was begun when it was configured.
		queue = []string{"a"}
		for len(queue) > 0 {
			name := queue[0]
			queue = queue[1:]
			if runs++; runs > 100 {
				t.Fatalf("declared %v: it does not end", declared)
			}
			do(Changed{Paths: []string{"/p/" + name + ".out"}})
			if !slices.Contains(queue, name) {
				do(Ended{Name: name, OK: true})
			}
		}
		if notices == 0 {
			t.Errorf("declared %v: nobody was told of the loop, after %d runs", declared, runs)
		}
		if b := s.Blocked("api"); len(b.By)+len(b.Failed) > 0 {
			t.Errorf("declared %v: api waits for %+v after all", declared, b)
		}
	}
}
