package builder

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A buildLog collects the output of a go build by package, in the order in which the
// packages first print something.
type buildLog struct {
	json     bool
	progress func(string)
	sections []*section
	raw      []string
}

type section struct {
	pkg   string
	lines []string
	open  bool // the last line is incomplete
}

// line takes one line of go build's output, from stdout or stderr.
func (l *buildLog) line(text string) {
	if l.json && strings.HasPrefix(text, `{"ImportPath":`) {
		var e struct{ ImportPath, Action, Output string }
		if json.Unmarshal([]byte(text), &e) == nil {
			l.event(e.ImportPath, e.Output)
			return
		}
	}
	if !l.json && gocmd.IsPackage(text) {
		l.begun(text)
		return
	}
	l.raw = append(l.raw, text)
	l.add("", text+"\n")
}

func (l *buildLog) event(pkg, output string) {
	if output == pkg+"\n" {
		l.begun(pkg)
		return
	}
	if output != "" {
		l.raw = append(l.raw, strings.TrimSuffix(output, "\n"))
		l.add(pkg, output)
	}
}

func (l *buildLog) begun(pkg string) {
	if l.progress != nil {
		l.progress(pkg)
	}
}

// add appends output, which may be several lines or a part of one.
func (l *buildLog) add(pkg, output string) {
	i := slices.IndexFunc(l.sections, func(s *section) bool { return s.pkg == pkg })
	if i < 0 {
		i = len(l.sections)
		l.sections = append(l.sections, &section{pkg: pkg})
	}
	s := l.sections[i]
	for part := range strings.Lines(output) {
		text, whole := strings.CutSuffix(part, "\n")
		text = strings.TrimSuffix(text, "\r")
		if s.open {
			s.lines[len(s.lines)-1] += text
		} else {
			s.lines = append(s.lines, text)
		}
		s.open = !whole
	}
}

// rejected reports whether the go command did not know the flag.
func (l *buildLog) rejected(flag string) bool {
	return slices.Contains(l.raw, "flag provided but not defined: -"+flag)
}

// compiled reports whether a compiler or the linker printed anything. The go command
// prints a package's name above such output, but not above errors that it finds while
// loading.
func (l *buildLog) compiled() bool {
	return slices.ContainsFunc(l.raw, func(line string) bool { return strings.HasPrefix(line, "# ") })
}

// readActions reads the times of a build, and the build IDs of the archives that it was
// made from, from the go command's action graph. Its format is undocumented: entries
// that are not understood are left out.
func readActions(path string) (compiled []Compile, link time.Duration, ids map[string]string) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, 0, nil
	}
	type action struct {
		Mode, Package, BuildID string
		CmdReal                time.Duration
		TimeDone               time.Time
	}
	var actions []action
	if json.Unmarshal(data, &actions) != nil {
		return nil, 0, nil
	}
	slices.SortStableFunc(actions, func(a, b action) int { return a.TimeDone.Compare(b.TimeDone) })
	ids = make(map[string]string, len(actions))
	for _, a := range actions {
		pkg, _, _ := strings.Cut(a.Package, " ")
		switch a.Mode {
		case "build":
			if _, twice := ids[pkg]; twice {
				a.BuildID = "" // it is unknown which of the two is right
			}
			ids[pkg] = a.BuildID
			if a.CmdReal > 0 {
				compiled = append(compiled, Compile{Package: pkg, Took: a.CmdReal})
			}
		case "link":
			link += max(0, a.CmdReal)
		}
	}
	return compiled, link, ids
}
