//go:build go1.23 && linux && (amd64 || arm64)

package agent

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Kinds of profiles.
const (
	ofGoroutines = 1
	ofHeap       = 2
	ofCPU        = 3
	ofBlock      = 4
	ofMutex      = 5
	ofTrace      = 6
)

const (
	hertz = 100 // as runtime/pprof takes it
	// blocked is from how many nanoseconds on each wait is recorded. Of shorter ones a
	// part is, and stands for all of them: a stack for each would slow the program down.
	blocked = 10_000
)

// A profiling is a profile that has begun. One request begins it and another ends it, so
// that the program can be patched in between.
type profiling struct {
	out *output
	// end ends it, and writes it to out. Of a heap profile the rate is a sample for so
	// many bytes on average, of one of the processor a sample for so many in a second.
	end func() (rate uintptr)
}

// begin begins a profile. The file has five words: the functions that begin and end a
// profile of this kind, each with its first word of code, if the program has them, and
// the runtime's variable that is the state of this kind. What is written follows them.
// It takes over the file if it succeeds. Otherwise the text says why it did not.
func (a *agent) begin(answer *[8]uintptr, file int, kind uintptr) []byte {
	var w [5]uintptr
	r, _, _ := syscall.Syscall6(syscall.SYS_PREAD64, uintptr(file), uintptr(unsafe.Pointer(&w)), unsafe.Sizeof(w), 0, 0, 0)
	why := ""
	p := &profiling{out: &output{fd: file}}
	switch {
	case r != unsafe.Sizeof(w):
		why = "the file cannot be read"
	case a.profiling != nil:
		why = "the program is being profiled already"
	case w[0] != 0 && !a.is(w[0], w[1]), w[2] != 0 && !a.is(w[2], w[3]):
		why = "the program's code is not what hotdev knows"
	default:
		why = p.begin(kind, w[0], w[2], w[4])
	}
	if why != "" {
		answer[0] = statusRefused
		return []byte(why)
	}
	a.profiling = p
	return nil
}

// is reports whether there is a word of code at an address.
func (a *agent) is(addr, word uintptr) bool {
	if !a.memory() {
		return false
	}
	w, ok := a.peek(addr, 8)
	return ok && w == word
}

// finish ends the profile and writes it. The second word of the answer is its rate.
func (a *agent) finish(answer *[8]uintptr) []byte {
	p := a.profiling
	if p == nil {
		answer[0] = statusRefused
		return []byte("no profile has begun")
	}
	a.profiling = nil
	answer[1] = p.end()
	syscall.Close(p.out.fd)
	if p.out.err != nil {
		answer[0] = statusRefused
		return []byte("the profile cannot be written: " + p.out.err.Error())
	}
	return nil
}

// begin sets end, or returns why it does not.
func (p *profiling) begin(kind, start, stop, state uintptr) (why string) {
	switch kind {
	case ofGoroutines:
		p.end = p.goroutines
	case ofHeap:
		p.end = p.heap
	case ofCPU, ofTrace:
		switch {
		case start != 0:
			return p.ask(kind, start, stop)
		case kind == ofTrace:
			return p.trace()
		}
		return p.cpu(state)
	case ofBlock:
		p.block(state)
	case ofMutex:
		p.mutex()
	default:
		return "there is no such profile"
	}
	return ""
}

type writer interface{ Write([]byte) (int, error) }

// ask has the program's runtime/pprof or runtime/trace do the work. They know of each
// other: if the program takes such a profile itself, this one is refused, and while this
// one is taken, the program is told so in an error.
func (p *profiling) ask(kind, start, stop uintptr) (why string) {
	if err := call[func(writer) error](start)(p.out); err != nil {
		return "the program takes one itself: " + err.Error()
	}
	p.end = func() uintptr {
		// A profile of the processor is written at its end. If the program has ended it,
		// what might be profiled now is the program's own.
		if kind == ofTrace || !p.out.used {
			call[func()](stop)()
		}
		return 0
	}
	return ""
}

func (p *profiling) trace() (why string) {
	if err := runtime.StartTrace(); err != nil {
		return "the program takes one itself: " + err.Error()
	}
	done := make(chan struct{})
	go func() { // until the trace ends
		defer close(done)
		for b := runtime.ReadTrace(); b != nil; b = runtime.ReadTrace() {
			_, _ = p.out.Write(b) // which remembers errors
		}
	}()
	p.end = func() uintptr {
		runtime.StopTrace()
		<-done
		return 0
	}
	return ""
}

// readProfile blocks until there are samples. The runtime makes it for runtime/pprof.
//
//go:linkname readProfile runtime/pprof.readProfile
func readProfile() (data []uint64, tags []unsafe.Pointer, eof bool)

// cpuProfile begins as the runtime's type does.
type cpuProfile struct {
	lock uintptr
	on   bool
	log  uintptr
}

// cpu takes a profile of the processor in a program without runtime/pprof.
func (p *profiling) cpu(state uintptr) (why string) {
	if state == 0 {
		return "the state of the runtime's profiler is not known"
	}
	if own := at[cpuProfile](state); own.on || own.log != 0 {
		return "the program takes one itself"
	}
	samples := map[string]int64{} // by stack, the bytes of its addresses
	lost := int64(0)
	runtime.SetCPUProfileRate(hertz)
	done := make(chan struct{})
	go func() { // until the profile ends
		defer close(done)
		for first := true; ; {
			data, _, eof := readProfile()
			for len(data) > 2 && data[0] > 2 && data[0] <= uint64(len(data)) {
				// A record is its length, a time, a count and a stack.
				n, count, stack := data[0], int64(data[2]), data[3:data[0]]
				switch {
				case first: // the rate
				case count == 0 && len(stack) == 1:
					lost += int64(stack[0])
				case len(stack) > 0:
					samples[string(unsafe.Slice((*byte)(unsafe.Pointer(&stack[0])), 8*len(stack)))] += count
				}
				data, first = data[n:], false
			}
			if eof {
				return
			}
		}
	}()
	p.end = func() uintptr {
		runtime.SetCPUProfileRate(0)
		<-done
		s := newStacks()
		for key, n := range samples {
			stack := make([]uintptr, len(key)/8)
			copy(unsafe.Slice((*byte)(unsafe.Pointer(&stack[0])), len(key)), key)
			s.add(stack, n, 0, 0, 0)
		}
		if lost > 0 {
			s.counts(lost, 0, 0, 0)
			s.frame(frame{function: "runtime/pprof.lostProfileEvent"}) // as runtime/pprof calls it
			s.lines = append(s.lines, '\n')
		}
		s.write(p.out)
		return hertz
	}
	return ""
}

// block records where goroutines wait. rate is the address of the runtime's rate, which
// it does not tell: without it, the program's own rate is lost.
func (p *profiling) block(rate uintptr) {
	own, ours := uint64(0), uint64(0)
	if rate != 0 {
		own = *at[uint64](rate)
	}
	before := contentions(runtime.BlockProfile)
	runtime.SetBlockProfileRate(blocked)
	if rate != 0 {
		ours = *at[uint64](rate)
	}
	p.end = func() uintptr {
		if rate == 0 {
			runtime.SetBlockProfileRate(0)
		} else if *at[uint64](rate) == ours { // the program has not set another
			*at[uint64](rate) = own
		}
		p.since(before, runtime.BlockProfile)
		return 0
	}
}

// mutex records which locks others wait for.
func (p *profiling) mutex() {
	before := contentions(runtime.MutexProfile)
	own := runtime.SetMutexProfileFraction(1)
	p.end = func() uintptr {
		if runtime.SetMutexProfileFraction(-1) == 1 { // the program has not set another
			runtime.SetMutexProfileFraction(own)
		}
		p.since(before, runtime.MutexProfile)
		return 0
	}
}

// records returns what the runtime copies to as many records as there are, or else only
// counts.
func records[T any](read func(to []T) (n int, ok bool)) []T {
	n, _ := read(nil)
	for {
		all := make([]T, n+n/4+64) // there may be more by then
		var ok bool
		if n, ok = read(all); ok {
			return all[:n]
		}
	}
}

// A contention is how often, and for how many cycles, something waited.
type contention struct{ count, cycles int64 }

func contentions(read func([]runtime.BlockProfileRecord) (int, bool)) map[[32]uintptr]contention {
	records := records(read)
	all := map[[32]uintptr]contention{}
	for i := range records {
		r := &records[i]
		c := all[r.Stack0]
		all[r.Stack0] = contention{c.count + r.Count, c.cycles + r.Cycles}
	}
	return all
}

// cyclesPerSecond is made by the runtime for runtime/pprof, too.
//
//go:linkname cyclesPerSecond runtime/pprof.runtime_cyclesPerSecond
func cyclesPerSecond() int64

// since writes what has come since before, with times in nanoseconds.
func (p *profiling) since(before map[[32]uintptr]contention, read func([]runtime.BlockProfileRecord) (int, bool)) {
	s := newStacks()
	second := float64(cyclesPerSecond())
	for stack, c := range contentions(read) {
		was := before[stack]
		if c.count <= was.count {
			continue
		}
		r := runtime.StackRecord{Stack0: stack}
		s.add(r.Stack(), c.count-was.count, int64(float64(c.cycles-was.cycles)/second*1e9), 0, 0)
	}
	s.write(p.out)
}

func (p *profiling) goroutines() uintptr {
	s := newStacks()
	records := records(runtime.GoroutineProfile)
	counts := map[[32]uintptr]int64{}
	for i := range records {
		counts[records[i].Stack0]++
	}
	for stack, n := range counts {
		r := runtime.StackRecord{Stack0: stack}
		s.add(r.Stack(), n, 0, 0, 0)
	}
	s.write(p.out)
	return 0
}

func (p *profiling) heap() (rate uintptr) {
	s := newStacks()
	runtime.GC() // what is in use is known after a collection
	records := records(func(to []runtime.MemProfileRecord) (int, bool) { return runtime.MemProfile(to, true) })
	for i := range records {
		r := &records[i]
		s.add(r.Stack(), r.AllocObjects, r.AllocBytes, r.InUseObjects(), r.InUseBytes())
	}
	s.write(p.out)
	return uintptr(runtime.MemProfileRate)
}
