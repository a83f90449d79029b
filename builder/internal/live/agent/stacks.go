//go:build go1.23 && linux && (amd64 || arm64)

package agent

import (
	"runtime"
	"syscall"
)

// An output writes to a file, which it does not close.
type output struct {
	fd   int
	used bool
	err  error // the first error; after it, nothing is written
}

func (o *output) Write(b []byte) (int, error) {
	o.used = true
	for done := 0; done < len(b) && o.err == nil; {
		n, err := syscall.Write(o.fd, b[done:])
		if err != nil && err != syscall.EINTR {
			o.err = err
		}
		done += max(n, 0)
	}
	return len(b), nil // for its writer, it never fails
}

type frame struct {
	function, file string
	line           int
}

// stacks are stacks with their counts, as a text. Each is a line: four counts, and the
// numbers of its frames, the innermost first. After an empty line follow the frames,
// each a line, too: its line, its function, its file.
type stacks struct {
	lines  []byte
	table  []byte // of the frames
	frames map[frame]int
}

func newStacks() *stacks { return &stacks{frames: map[frame]int{}} }

func (s *stacks) write(to *output) {
	_, _ = to.Write(append(append(s.lines, '\n'), s.table...)) // which remembers errors
}

func (s *stacks) add(stack []uintptr, counts ...int64) {
	s.counts(counts...)
	for frames, more := runtime.CallersFrames(stack), len(stack) > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function != "" && f.Function != "runtime.goexit" {
			s.frame(frame{f.Function, f.File, f.Line})
		}
	}
	s.lines = append(s.lines, '\n')
}

func (s *stacks) counts(counts ...int64) {
	for i, n := range counts {
		if i > 0 {
			s.lines = append(s.lines, ' ')
		}
		s.lines = number(s.lines, n)
	}
}

// frame appends a frame's number to the last line.
func (s *stacks) frame(f frame) {
	n, ok := s.frames[f]
	if !ok {
		n = len(s.frames)
		s.frames[f] = n
		s.table = append(number(s.table, int64(f.line)), ' ')
		s.table = append(append(s.table, f.function...), '\t')
		s.table = append(append(s.table, f.file...), '\n')
	}
	s.lines = number(append(s.lines, ' '), int64(n))
}

// number appends a number in digits.
func number(to []byte, n int64) []byte {
	if n < 0 {
		to, n = append(to, '-'), -n
	}
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return append(to, digits[i:]...)
		}
	}
}
