package tester

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/crash"
)

// said is how package testing prints what a test says: a place and a text, indented
// by four blanks for each test around it. Lines that go on are indented deeper.
var said = regexp.MustCompile(`^( *)((?:[A-Za-z]:)?[^\s:][^:]*\.go):(\d+): ?(.*)$`)

// frame lines of package testing itself.
var framing = regexp.MustCompile(`^\s*(=== (RUN|PAUSE|CONT|NAME)\s|--- (FAIL|PASS|SKIP|BENCH): )`)

// How a run with -fuzz names its input: a file, or an entry of the seed corpus.
var (
	newInput  = regexp.MustCompile(`^\s*Failing input written to (\S+)$`)
	seedInput = regexp.MustCompile(`^failure while testing seed corpus entry: \w+/([^#/\s]+)$`)
)

// failure understands what a test printed that failed.
func (r *Reader) failure(pkg, test string, output []string, took time.Duration) Failure {
	f := Failure{Package: pkg, Test: test, Kind: Assertion, Took: took}
	for _, l := range output {
		if !framing.MatchString(l) {
			f.Output = append(f.Output, l)
		}
	}
	r.findTrace(&f)
	all := r.sayings(pkg, f.Output)
	at := slices.IndexFunc(all, func(s Said) bool { return !s.Log })
	if at < 0 && f.Trace == nil {
		at = len(all) - 1 // it logged, and then called FailNow
	}
	switch {
	case f.Trace != nil: // package testing says something too, of a race
		f.More = slices.DeleteFunc(all, func(s Said) bool { return !r.own(s.File) })
	case at >= 0:
		f.File, f.Line, f.Message = all[at].File, all[at].Line, all[at].Text
		f.More = slices.Delete(slices.Clone(all), at, at+1)
	default:
		f.Message = bare(f.Output)
	}
	if strings.HasPrefix(top(test), "Fuzz") {
		r.findInput(&f)
	}
	if f.File != "" && r.sources.Excerpt != nil {
		f.Excerpt, f.First = r.sources.Excerpt(f.File, f.Line)
	}
	return f
}

// bare is the end of an output in which nothing has a place.
func bare(output []string) []string {
	const most = 10
	lines := slices.DeleteFunc(slices.Clone(output), func(l string) bool { return strings.TrimSpace(l) == "" })
	return lines[max(0, len(lines)-most):]
}

// findTrace looks for the report of a panic, of a fatal error, of a data race.
func (r *Reader) findTrace(f *Failure) {
	t, ok := crash.Parse(f.Output)
	if !ok {
		return
	}
	for i := range t.Frames {
		t.Frames[i].Own = r.own(t.Frames[i].File)
	}
	for i := range t.Goroutines {
		g := &t.Goroutines[i]
		for j := range g.Frames {
			g.Frames[j].Own = r.own(g.Frames[j].File)
		}
		if g.Created != nil {
			g.Created.Own = r.own(g.Created.File)
		}
	}
	f.Trace, f.Kind, f.Message = &t, Panicked, []string{string(t.Kind) + ": " + t.Message}
	switch {
	case t.Kind == crash.DataRace:
		f.Kind, f.Message = Raced, []string{string(crash.DataRace)}
	case strings.HasPrefix(t.Message, "test timed out after "):
		f.Kind, f.Message = TimedOut, append([]string{t.Message}, running(f.Output)...)
	}
	if at, ok := r.where(t, f.Test); ok {
		f.File, f.Line = at.File, at.Line
	}
}

// running are the tests that a timeout names.
func running(output []string) (lines []string) {
	at := slices.IndexFunc(output, func(l string) bool { return strings.TrimSpace(l) == "running tests:" })
	if at < 0 {
		return nil
	}
	for _, l := range output[at+1:] {
		if !strings.HasPrefix(l, "\t\t") {
			break
		}
		lines = append(lines, "running: "+strings.TrimSpace(l))
	}
	return lines
}

func (r *Reader) own(file string) bool { return r.sources.Own != nil && r.sources.Own(file) }

// where is the frame of the user's own code that a report is about: in the first
// goroutine, or else in one that runs the test.
func (r *Reader) where(t crash.Trace, test string) (at crash.Frame, ok bool) {
	for _, f := range t.Frames {
		if f.Own {
			return f, true
		}
	}
	var other *crash.Frame
	for _, g := range t.Goroutines {
		for i, f := range g.Frames {
			if !f.Own {
				continue
			}
			if slices.ContainsFunc(g.Frames[i:], func(f crash.Frame) bool {
				return strings.HasSuffix(f.Func, "."+top(test)) || strings.Contains(f.Func, "."+top(test)+".func")
			}) {
				return f, true
			}
			if other == nil {
				other = &g.Frames[i]
			}
			break
		}
	}
	if other != nil {
		return *other, true
	}
	return crash.Frame{}, false
}

// sayings are what the test said at a place, in order.
func (r *Reader) sayings(pkg string, output []string) (all []Said) {
	indent := 0
	for _, l := range output {
		if m := said.FindStringSubmatch(l); m != nil && len(m[1]) > 0 && len(m[1])%4 == 0 && (len(all) == 0 || len(m[1]) <= indent+3) {
			line, _ := strconv.Atoi(m[3])
			s := Said{File: r.absolute(pkg, m[2]), Line: line, Log: r.logs(r.absolute(pkg, m[2]), line)}
			if m[4] != "" {
				s.Text = []string{clean(m[4])}
			}
			indent = len(m[1])
			all = append(all, s)
			continue
		}
		if len(all) == 0 {
			continue
		}
		last := &all[len(all)-1]
		deeper, ok := strings.CutPrefix(l, strings.Repeat(" ", indent+4))
		switch {
		case ok:
			last.Text = append(last.Text, clean(deeper))
		case strings.TrimSpace(l) == "" && len(last.Text) > 0:
			last.Text = append(last.Text, "")
		default: // something else that was printed
			indent = -4
		}
	}
	for i := range all {
		all[i].Text = tidy(all[i].Text)
	}
	return all
}

// absolute is a file that package testing named: with -fullpath it is whole, except
// where a test prints such lines itself.
func (r *Reader) absolute(pkg, file string) string {
	if filepath.IsAbs(file) || r.sources.DirOf == nil {
		return file
	}
	if dir := r.sources.DirOf(pkg); dir != "" {
		return filepath.Join(dir, file)
	}
	return file
}

var logging = regexp.MustCompile(`\.Logf?\(`)

// logs reports whether the line of the source only logs.
func (r *Reader) logs(file string, line int) bool {
	if r.sources.Excerpt == nil {
		return false
	}
	lines, first := r.sources.Excerpt(file, line)
	at := line - first
	return at >= 0 && at < len(lines) && logging.MatchString(lines[at])
}

// findInput finds the file of the input that a fuzz test failed with.
func (r *Reader) findInput(f *Failure) {
	dir := ""
	if r.sources.DirOf != nil {
		dir = r.sources.DirOf(f.Package)
	}
	for _, l := range f.Output {
		if m := newInput.FindStringSubmatch(l); m != nil {
			f.Input = m[1]
			if !filepath.IsAbs(f.Input) {
				f.Input = filepath.Join(dir, f.Input)
			}
			f.Kind = Fuzzed
			return
		}
		if m := seedInput.FindStringSubmatch(l); m != nil {
			f.Input = filepath.Join(dir, "testdata", "fuzz", top(f.Test), m[1])
			return
		}
	}
	name, input, ok := strings.Cut(f.Test, "/")
	if ok && dir != "" && !strings.Contains(input, "#") {
		f.Input = filepath.Join(dir, "testdata", "fuzz", name, input)
	}
}
