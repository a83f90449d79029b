package live

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A ProfileKind is a kind of profile that the program's agent takes.
type ProfileKind uint64

// The kinds. Those of block and mutex, of the processor and of the execution trace
// observe the program from [Host.Begin] to [Profiling.End], the others look at its end.
const (
	Goroutines ProfileKind = 1 + iota
	Heap                   // after a garbage collection
	CPU
	Block
	Mutex
	Trace
)

// A Profile has stacks, or is a file.
type Profile struct {
	Stacks
	// File is in the format of go tool pprof or go tool trace; nil if there are stacks.
	File []byte
}

// Stacks are a profile of the program as its runtime has it.
type Stacks struct {
	// Rate is a sample of a heap for so many bytes on average, or so many samples of the
	// processor in a second.
	Rate   int64
	List   []Stack
	Frames []Frame
}

// A Stack is one with its counts: of goroutines, or of samples of the processor; of
// waits and the nanoseconds that they took; or of objects and bytes that were allocated,
// and of those that are in use.
type Stack struct {
	Counts [4]int64
	// Frames are places in [Stacks.Frames], the innermost first.
	Frames []int
}

// A Frame is a call.
type Frame struct {
	Function, File string
	Line           int
}

// A Refusal is why the program gives no profile. It leaves the conversation as it was.
type Refusal string

func (r Refusal) Error() string { return string(r) }

// A Profiling is a profile that has begun.
type Profiling struct {
	c    *Conn
	file *os.File // which the program writes to
	// written: the program writes a file of go tool pprof or go tool trace.
	written bool
}

// profilers are the functions with which a program that has them takes a profile itself.
// The agent uses them, so that the two do not get into each other's way.
var profilers = map[ProfileKind][2]string{
	CPU:   {"runtime/pprof.StartCPUProfile", "runtime/pprof.StopCPUProfile"},
	Trace: {"runtime/trace.Start", "runtime/trace.Stop"},
}

// beginning is the size of what a file begins with.
const beginning = 5 * 8

// Begin begins a profile of the program, which goes on until [Profiling.End] or the end
// of the connection. There is one at a time.
func (h *Host) Begin(c *Conn, kind ProfileKind) (*Profiling, error) {
	p := &Profiling{c: c, written: kind == Trace}
	var words [5]uint64
	if names, ok := profilers[kind]; ok && h.at(names[0]) != 0 && h.at(names[1]) != 0 {
		for i, name := range names {
			b := h.mem(h.at(name), 8)
			if b == nil {
				return nil, Refusal("the program's code is not what hotdev knows")
			}
			words[2*i], words[2*i+1] = h.at(name), le.Uint64(b)
		}
		p.written = true
	}
	switch {
	case kind == CPU && !p.written && h.at(profilers[CPU][0]) != 0:
		// Begun by the runtime alone, the profile would not keep the program from beginning
		// one, and two would read from one buffer.
		return nil, Refusal("the program takes one itself that it never ends: it has " + profilers[CPU][0] + ", but not " + profilers[CPU][1])
	case kind == CPU && h.tc.profiler:
		words[4] = h.at("runtime.cpuprof")
	case kind == Block && h.tc.blockRate:
		words[4] = h.at("runtime.blockprofilerate")
	}
	content := make([]byte, 0, beginning)
	for _, w := range words {
		content = le.AppendUint64(content, w)
	}
	var err error
	if p.file, err = memoryFile(content); err != nil {
		return nil, Refusal(err.Error())
	}
	answer, text, err := c.askWith(opBegin, p.file, beginning, uint64(kind), 0)
	if err == nil && answer[0] != statusDone {
		err = Refusal(text)
	}
	if err != nil {
		_ = p.file.Close()
		return nil, err
	}
	return p, nil
}

// End ends the profile and returns it. What hotdev's own code in the program does is not
// among the stacks, but is in a file.
func (p *Profiling) End() (all Profile, err error) {
	defer p.file.Close()
	answer, text, err := p.c.askWith(opEnd, nil, 0, 0, 0)
	if err != nil {
		return all, err
	}
	if answer[0] != statusDone {
		return all, Refusal(text)
	}
	st, err := p.file.Stat()
	if err != nil {
		return all, Refusal(err.Error())
	}
	b := make([]byte, max(0, st.Size()-beginning))
	if _, err := p.file.ReadAt(b, beginning); err != nil && len(b) > 0 {
		return all, Refusal(err.Error())
	}
	if p.written {
		all.File = b
		return all, nil
	}
	if all.Stacks, err = parseStacks(string(b)); err != nil {
		return all, Refusal(err.Error())
	}
	all.Rate = int64(answer[1])
	return all, nil
}

// Abandon is called instead of End when the program does not answer any more: with the
// connection, the profile ends.
func (p *Profiling) Abandon() { _ = p.file.Close() }

// parseStacks reads the agent's text.
func parseStacks(text string) (s Stacks, err error) {
	lines, table, ok := strings.Cut("\n"+text, "\n\n")
	if !ok {
		return s, errors.New("the agent: stacks without frames")
	}
	own := map[int]bool{}
	for l := range strings.Lines(table) {
		line, rest, ok := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		n, err := strconv.Atoi(line)
		function, file, named := strings.Cut(rest, "\t")
		if !ok || err != nil || !named {
			return s, fmt.Errorf("the agent: no frame: %q", l)
		}
		own[len(s.Frames)] = OfAgent(function)
		s.Frames = append(s.Frames, Frame{function, file, n})
	}
	for l := range strings.Lines(strings.TrimPrefix(lines, "\n")) {
		words := strings.Fields(l)
		if len(words) < 4 {
			return s, fmt.Errorf("the agent: no stack: %q", l)
		}
		var stack Stack
		skip := false
		for i, w := range words {
			n, err := strconv.ParseInt(w, 10, 64)
			switch {
			case err != nil:
				return s, fmt.Errorf("the agent: no stack: %q", l)
			case i < 4:
				stack.Counts[i] = n
			case n < 0 || n >= int64(len(s.Frames)):
				return s, fmt.Errorf("the agent: no such frame: %q", l)
			default:
				stack.Frames = append(stack.Frames, int(n))
				skip = skip || own[int(n)]
			}
		}
		if !skip {
			s.List = append(s.List, stack)
		}
	}
	return s, nil
}
