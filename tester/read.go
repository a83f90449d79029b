package tester

import (
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/builder"
)

// A Reader makes results of the stream of go test. It is for one run, and for one
// goroutine.
type Reader struct {
	gen     int
	partial bool
	sources Sources
	reading map[string]*reading
}

// Sources are what a Reader asks about the user's files.
type Sources struct {
	// Excerpt is the source around a line, and the number of its first line; nil if
	// there is no such line.
	Excerpt func(file string, line int) (lines []string, first int)
	// Own reports whether a file is the user's own code.
	Own func(file string) bool
	// DirOf is the folder of a package; empty if that is not known.
	DirOf func(pkg string) string
}

// NewReader reads run gen; with partial, only some of the tests of each package run.
func NewReader(gen int, partial bool, s Sources) *Reader {
	return &Reader{gen, partial, s, map[string]*reading{}}
}

// reading is a package whose tests run.
type reading struct {
	result Result
	own    *transcript            // what belongs to no test
	tests  map[string]*transcript // those that run
	failed map[string]bool        // tests that have, by name, and those around them
	last   string                 // the test that printed last
}

// A transcript is what one test printed.
type transcript struct {
	lines []string
	rest  string // of a line that has no end yet
	lost  int    // lines that were not kept
}

// What is kept of a test's output: its beginning, where most assertions are, and its
// end, where it says why it gave up.
const (
	maxBegin = 400
	maxEnd   = 400
)

func (t *transcript) write(text string) {
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok {
			t.rest += text
			return
		}
		t.add(t.rest + line)
		t.rest, text = "", rest
	}
}

func (t *transcript) add(line string) {
	if len(t.lines) == maxBegin+maxEnd {
		t.lines = slices.Delete(t.lines, maxBegin, maxBegin+1)
		t.lost++
	}
	t.lines = append(t.lines, strings.TrimRight(line, "\r"))
}

// all are the lines, with a note of what is not among them.
func (t *transcript) all() []string {
	lines := slices.Clone(t.lines)
	if t.rest != "" {
		lines = append(lines, t.rest)
	}
	if t.lost > 0 {
		lines = slices.Insert(lines, maxBegin, "… "+count(t.lost, "line")+" more …")
	}
	return lines
}

// Read takes the next event. ok is true where there is something to tell: a test
// failed, or the package is done.
func (r *Reader) Read(e builder.TestEvent) (_ Result, ok bool) {
	if e.Package == "" {
		return Result{}, false
	}
	p := r.reading[e.Package]
	if p == nil {
		p = &reading{
			result: Result{Package: e.Package, Outcome: PackageRunning, Gen: r.gen, Partial: r.partial},
			own:    &transcript{}, tests: map[string]*transcript{}, failed: map[string]bool{},
		}
		r.reading[e.Package] = p
	}
	switch {
	case e.Test == "":
		return r.readPackage(p, e)
	case e.Action == "run":
		p.tests[e.Test] = &transcript{}
		if r.partial {
			p.result.Ran = append(p.result.Ran, e.Test)
		}
	case e.Action == "output":
		p.last = e.Test
		p.transcript(e.Test).write(e.Output)
	case e.Action == "pass", e.Action == "skip", e.Action == "bench":
		leaf := !slices.ContainsFunc(p.names(), func(n string) bool { return strings.HasPrefix(n, e.Test+"/") })
		switch {
		case e.Action == "skip":
			p.result.Skipped++
		case leaf && e.Action == "pass":
			p.result.Passed++
		}
		p.benchmark(e.Test)
		p.end(e.Test)
	case e.Action == "fail":
		return r.fail(p, e)
	}
	return Result{}, false
}

func (p *reading) names() (names []string) {
	for n := range p.tests {
		names = append(names, n)
	}
	return names
}

func (p *reading) transcript(test string) *transcript {
	t := p.tests[test]
	if t == nil { // go test does not always say that one begins
		t = &transcript{}
		p.tests[test] = t
	}
	return t
}

// end drops what a test printed that is done. A test with subtests is known until its
// own end, so that it is not counted itself.
func (p *reading) end(test string) {
	if i := strings.LastIndexByte(test, '/'); i >= 0 {
		p.tests[test] = &transcript{} // its parent looks for it
	} else {
		for name := range p.tests {
			if name == test || strings.HasPrefix(name, test+"/") {
				delete(p.tests, name)
			}
		}
	}
}

// benchmark keeps the line of a benchmark's result.
func (p *reading) benchmark(test string) {
	if !strings.HasPrefix(test, "Benchmark") {
		return
	}
	name := ""
	for _, l := range p.transcript(test).all() {
		switch fields := strings.Fields(l); {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Benchmark"):
			name = fields[0]
		case strings.Contains(l, "ns/op"):
			if !strings.HasPrefix(l, "Benchmark") {
				l = name + " " + l
			}
			p.result.Benchmarks = append(p.result.Benchmarks, strings.Join(strings.Fields(l), " "))
		}
	}
}

// fail takes a test that failed.
func (r *Reader) fail(p *reading, e builder.TestEvent) (Result, bool) {
	output := p.transcript(e.Test).all()
	took := time.Duration(e.Elapsed * float64(time.Second))
	f := r.failure(e.Package, e.Test, output, took)
	// A test around one that failed only says that it did.
	if p.failed[e.Test] && f.File == "" && f.Trace == nil {
		p.noteFailed(e.Test)
		p.end(e.Test)
		return Result{}, false
	}
	p.noteFailed(e.Test)
	p.end(e.Test)
	p.add(f)
	return p.result, true
}

// add adds a failure. A panic in a subtest is printed by the test around it: it is
// the subtest's, which said nothing itself.
func (p *reading) add(f Failure) {
	if f.Trace != nil {
		i := slices.IndexFunc(p.result.Failures, func(o Failure) bool {
			return strings.HasPrefix(o.Test, f.Test+"/") && o.Trace == nil && o.File == "" && len(o.Message) == 0
		})
		if i >= 0 {
			f.Test = p.result.Failures[i].Test
			p.result.Failures = slices.Delete(slices.Clone(p.result.Failures), i, i+1)
		}
	}
	p.result.Failures = append(slices.Clip(p.result.Failures), f)
}

// noteFailed has the tests around one know.
func (p *reading) noteFailed(test string) {
	for i, c := range test {
		if c == '/' {
			p.failed[test[:i]] = true
		}
	}
}

// readPackage takes an event of the package itself.
func (r *Reader) readPackage(p *reading, e builder.TestEvent) (Result, bool) {
	took := time.Duration(e.Elapsed * float64(time.Second))
	switch e.Action {
	case "output":
		text := strings.TrimRight(e.Output, "\n")
		switch {
		case strings.HasSuffix(text, "\t(cached)") || strings.Contains(text, "\t(cached)\t"):
			p.result.Cached = true
		case strings.HasPrefix(text, "coverage: "):
			p.result.Coverage = strings.TrimPrefix(text, "coverage: ")
		}
		p.own.write(e.Output)
		return Result{}, false
	case "pass", "skip":
		p.result.Outcome, p.result.Took = PackagePassed, took
		if e.Action == "skip" {
			p.result.Outcome = PackageSkipped
		}
	case "fail":
		p.result.Took = took
		if len(e.Diagnostics) > 0 {
			p.result.Outcome, p.result.Diagnostics = PackageBroken, e.Diagnostics
			break
		}
		p.result.Outcome = PackageFailed
		r.failedOutside(p, e.Package, took)
	default:
		return Result{}, false
	}
	delete(r.reading, e.Package)
	return p.result, true
}

// failedOutside adds what failed outside of any test, if that is why the package did.
func (r *Reader) failedOutside(p *reading, pkg string, took time.Duration) {
	output := slices.DeleteFunc(p.own.all(), bookkeeping)
	f := r.failure(pkg, "", output, took)
	// Tests that were running when the process ended have no end of their own.
	var open []string
	for name, t := range p.tests {
		if len(t.lines) > 0 || t.rest != "" {
			open = append(open, name)
		}
	}
	if f.Trace == nil && len(p.result.Failures) > 0 {
		return
	}
	if f.Trace != nil && slices.ContainsFunc(p.result.Failures, func(o Failure) bool { return o.Trace != nil }) {
		return
	}
	slices.Sort(open)
	if f.Trace == nil && len(open) > 0 && p.last != "" {
		t := p.transcript(p.last)
		f = r.failure(pkg, p.last, append(t.all(), output...), took)
	}
	p.result.Failures = append(slices.Clip(p.result.Failures), f)
}

// bookkeeping are the lines that go test itself prints at the end of a package.
func bookkeeping(line string) bool {
	return line == "FAIL" || line == "PASS" || line == "" || strings.HasPrefix(line, "FAIL\t") || strings.HasPrefix(line, "ok  \t") ||
		strings.HasPrefix(line, "coverage: ")
}
