package live

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Stacks are a profile of the program as its runtime has it.
type Stacks struct {
	// Rate is that of a heap profile: a sample for so many bytes on average.
	Rate   int64
	List   []Stack
	Frames []Frame
}

// A Stack is one with its counts: of goroutines, or of objects and bytes that were
// allocated, and of those that are in use.
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

// Heap and goroutines are what there are profiles of.
const (
	ofGoroutines = 1
	ofHeap       = 2
)

// Goroutines asks the program where its goroutines are. The agent's own is not among
// them.
func Goroutines(c *Conn) (Stacks, error) { return profile(c, ofGoroutines) }

// Heap asks the program what allocated its memory, after a garbage collection.
func Heap(c *Conn) (Stacks, error) { return profile(c, ofHeap) }

// ErrTooMany leaves the conversation as it was.
var ErrTooMany = errors.New("the program has too many stacks to tell of")

func profile(c *Conn, kind uint64) (s Stacks, err error) {
	answer, text, err := c.ask(opProfile, nil, kind, 0)
	if err != nil {
		return s, err
	}
	if answer[0] != statusDone {
		return s, ErrTooMany
	}
	s, err = parseStacks(string(text))
	s.Rate = int64(answer[1])
	return s, err
}

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
		own[len(s.Frames)] = strings.HasSuffix(function, "/hotdevlive.(*agent).serve")
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
