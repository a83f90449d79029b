package config

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/nearest"
)

// Words are how far a program or a process may have to come before what is after
// it starts.
func Words() []string { return []string{"started", "ready", "done", "succeeded"} }

// SplitAfter gives the name and the word of what something is after.
func SplitAfter(after string) (name, word string) {
	name, word, _ = strings.Cut(after, ":")
	return name, word
}

// A member is a program, a process or a task, with what it waits for and the place where
// the file says so.
type member struct {
	name  string
	at    []string // of its table
	after []string
	path  []string // of after
	task  bool
	last  bool // it runs when all else has ended
}

func (d *document) members(c Config) []member {
	var all []member
	if len(c.Programs) == 0 {
		all = append(all, member{after: c.Run.After, path: []string{"run", "after"}})
	}
	for i, p := range c.Programs {
		at := []string{"program", strconv.Itoa(i)}
		all = append(all, member{name: p.Name, at: at, after: p.Run.After, path: slices.Concat(at, []string{"run", "after"})})
	}
	for i, p := range c.Processes {
		at := []string{"process", strconv.Itoa(i)}
		all = append(all, member{name: p.Name, at: at, after: p.After, path: slices.Concat(at, []string{"after"})})
	}
	for i, t := range c.Tasks {
		at := []string{"task", strconv.Itoa(i)}
		all = append(all, member{name: t.Name, at: at, after: t.After, path: slices.Concat(at, []string{"after"}), task: true, last: t.On == "quit"})
	}
	return all
}

// commandsAt returns the places of the commands of processes and tasks.
func (d *document) commandsAt(c Config) map[string]Place {
	if len(c.Processes)+len(c.Tasks) == 0 {
		return nil
	}
	places := map[string]Place{}
	for _, m := range d.members(c) {
		if len(m.at) > 0 && m.at[0] != "program" {
			places[m.name] = d.at(append(slices.Clip(m.at), "cmd"))
		}
	}
	return places
}

// checkMembers checks what programs and processes say of each other: that no two
// have one name, and what they are after.
func (d *document) checkMembers(c Config) {
	all := d.members(c)
	lines := map[string]int{}
	var names []string
	for _, m := range all {
		if m.name == "" {
			continue
		}
		at := append(slices.Clip(m.at), "name")
		if line := lines[m.name]; line > 0 {
			d.wrong(at, "%q is also the name of what line %d is about: give it another", m.name, line)
			continue
		}
		lines[m.name], _ = d.position(d.place(at).key)
		names = append(names, m.name)
	}
	edges := map[string][]string{}
	d.checkBefore(c, all, names, edges)
	for _, m := range all {
		for i, after := range m.after {
			at := append(slices.Clip(m.path), strconv.Itoa(i))
			if _, set := d.places[id(at)]; !set {
				continue // it is inherited, and was blamed there
			}
			if d.checkAfter(at, after, m.name, names) {
				name, word := SplitAfter(after)
				if word == "ready" && slices.ContainsFunc(all, func(o member) bool { return o.task && o.name == name }) {
					d.wrong(at, "%q: a task is never ready: want %q, or %q", after, name+":succeeded", name+":done")
					continue
				}
				if slices.ContainsFunc(all, func(o member) bool { return o.last && o.name == name }) {
					d.wrong(at, "%q: it runs when all else has ended (on = \"quit\")", after)
					continue
				}
				edges[m.name] = append(edges[m.name], name)
				if back := way(edges, name, m.name, nil); m.name != "" && back != nil {
					d.wrong(at, "comes back to where it began: %s", strings.Join(append([]string{m.name}, back...), " after "))
				}
			}
		}
	}
}

// checkBefore checks what tasks are before. Who waits for a task comes after it.
func (d *document) checkBefore(c Config, all []member, names []string, edges map[string][]string) {
	for i, t := range c.Tasks {
		at := []string{"task", strconv.Itoa(i), "before"}
		if t.BeforeAll {
			for _, m := range all {
				if strings.HasPrefix(id(m.at), "program") {
					edges[m.name] = append(edges[m.name], t.Name)
				}
			}
			continue
		}
		for j, name := range t.Before {
			at := append(slices.Clip(at), strconv.Itoa(j))
			switch near := nearest.Of(name, names); {
			case name == t.Name:
				d.wrong(at, "%q: nothing comes before itself", name)
			case slices.ContainsFunc(all, func(o member) bool { return o.last && o.name == name }):
				d.wrong(at, "%q: it runs when all else has ended (on = \"quit\")", name)
			case slices.Contains(names, name):
				edges[name] = append(edges[name], t.Name)
				if back := way(edges, t.Name, name, nil); back != nil {
					d.wrong(at, "comes back to where it began: %s", strings.Join(append([]string{name}, back...), " after "))
				}
			case near != "":
				d.wrong(at, "no program, process or task is called %q: did you mean %q?", name, near)
			case len(c.Programs) == 0:
				d.wrong(at, "no process or task is called %q; the program itself has no name here: leave before out, and it waits", name)
			default:
				d.wrong(at, "no program, process or task is called %q: there are %s", name, strings.Join(names, ", "))
			}
		}
	}
}

// checkAfter reports whether what own is after is well.
func (d *document) checkAfter(at []string, after, own string, names []string) bool {
	name, word := SplitAfter(after)
	switch {
	case word == "":
		d.wrong(at, "%q: say how far it is to come, as in %q", after, strings.TrimSuffix(name, ":")+":ready")
	case name == own && own != "":
		d.wrong(at, "%q: nothing comes after itself", after)
	case !slices.Contains(names, name):
		near := nearest.Of(name, names)
		switch {
		case near != "":
			d.wrong(at, "no program or process is called %q: did you mean %q?", name, near+":"+word)
		case len(names) == 0:
			d.wrong(at, "no program or process is called %q: there is neither [[program]] nor [[process]]", name)
		default:
			d.wrong(at, "no program or process is called %q: there are %s", name, strings.Join(names, ", "))
		}
	case !slices.Contains(Words(), word):
		d.choice(at, "word", word, nearest.Of(word, Words()), Words())
	default:
		return true
	}
	return false
}

// way is one from one name to another; nil if there is none.
func way(edges map[string][]string, from, to string, seen []string) []string {
	if from == to {
		return []string{to}
	}
	if slices.Contains(seen, from) {
		return nil
	}
	for _, next := range edges[from] {
		if rest := way(edges, next, to, append(seen, from)); rest != nil {
			return append([]string{from}, rest...)
		}
	}
	return nil
}
