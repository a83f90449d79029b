//go:build go1.23 && linux && (amd64 || arm64)

package agent

import "runtime"

// Kinds of profiles.
const (
	ofGoroutines = 1
	ofHeap       = 2
)

// maxText is the longest text of an answer.
const maxText = 1 << 22

// profile gives stacks with their counts, as the runtime has them. Each is a line: the
// counts, and the numbers of its frames, the innermost first. After an empty line
// follow the frames, each a line, too: its line, its function, its file.
func profile(answer *[8]uintptr, kind uintptr) []byte {
	s := stacks{frames: map[frame]int{}}
	switch kind {
	case ofGoroutines:
		records := make([]runtime.StackRecord, runtime.NumGoroutine()+16)
		n, ok := runtime.GoroutineProfile(records)
		for !ok {
			records = make([]runtime.StackRecord, 2*n)
			n, ok = runtime.GoroutineProfile(records)
		}
		counts := map[[32]uintptr]int64{}
		for i := range records[:n] {
			counts[records[i].Stack0]++
		}
		for stack, n := range counts {
			r := runtime.StackRecord{Stack0: stack}
			s.add(r.Stack(), n, 0, 0, 0)
		}
	case ofHeap:
		runtime.GC() // what is in use is known after a collection
		n, _ := runtime.MemProfile(nil, true)
		records := make([]runtime.MemProfileRecord, n+64)
		n, ok := runtime.MemProfile(records, true)
		for !ok {
			records = make([]runtime.MemProfileRecord, 2*n)
			n, ok = runtime.MemProfile(records, true)
		}
		for i := range records[:n] {
			r := &records[i]
			s.add(r.Stack(), r.AllocObjects, r.AllocBytes, r.InUseObjects(), r.InUseBytes())
		}
		answer[1] = uintptr(runtime.MemProfileRate)
	default:
		answer[0] = statusRefused
		return nil
	}
	text := append(append(s.lines, '\n'), s.table...)
	if len(text) > maxText {
		answer[0] = statusRefused
		return nil
	}
	return text
}

type frame struct {
	function, file string
	line           int
}

type stacks struct {
	lines  []byte
	table  []byte // of the frames
	frames map[frame]int
}

func (s *stacks) add(stack []uintptr, counts ...int64) {
	for i, n := range counts {
		if i > 0 {
			s.lines = append(s.lines, ' ')
		}
		s.lines = number(s.lines, n)
	}
	for frames, more := runtime.CallersFrames(stack), len(stack) > 0; more; {
		var f runtime.Frame
		f, more = frames.Next()
		if f.Function == "" {
			continue
		}
		known := frame{f.Function, f.File, f.Line}
		n, ok := s.frames[known]
		if !ok {
			n = len(s.frames)
			s.frames[known] = n
			s.table = append(number(s.table, int64(f.Line)), ' ')
			s.table = append(append(s.table, f.Function...), '\t')
			s.table = append(append(s.table, f.File...), '\n')
		}
		s.lines = number(append(s.lines, ' '), int64(n))
	}
	s.lines = append(s.lines, '\n')
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
