//go:build go1.23 && linux && (amd64 || arm64)

package agent

import (
	"runtime"
	"syscall"
	"unsafe"
)

// call returns the function at an address in this program's code.
func call[F any](addr uintptr) F {
	p := new(uintptr)
	*p = addr
	return *(*F)(unsafe.Pointer(&p))
}

// at returns a pointer to the value at an address.
func at[T any](addr uintptr) *T { return *(**T)(unsafe.Pointer(&addr)) }

// worldStop, itab and itabTable are the runtime's types.
type worldStop struct {
	reason           uint8
	startedStopping  int64
	finishedStopping int64
	stoppingCPUTime  int64
}

type itab struct {
	inter uintptr
	typ   uintptr
	hash  uint32
	fun   [1 << 16]uintptr
}

type itabTable struct {
	size    uintptr
	count   uintptr
	entries [1 << 24]*itab
}

// An image is what hotdev sends: a header of words, then the sections.
type image struct {
	words []uintptr
	bad   bool
}

func (m *image) next() uintptr {
	if len(m.words) == 0 {
		m.bad = true
		return 0
	}
	w := m.words[0]
	m.words = m.words[1:]
	return w
}

func (m *image) list(width uintptr) []uintptr {
	n := m.next() * width
	if n > uintptr(len(m.words)) {
		m.bad = true
		return nil
	}
	l := m.words[:n]
	m.words = m.words[n:]
	return l
}

// load loads an image, or leaves everything unchanged.
func (a *agent) load(answer *[8]uintptr, file int, size uintptr) (text []byte) {
	refuse := func(why, what uintptr) {
		answer[0], answer[1], answer[2] = statusRefused, why, what
	}
	began := nanotime()
	if traced() {
		refuse(whyTraced, 0)
		return nil
	}
	if !a.memory() {
		refuse(whyWrite, 0)
		return nil
	}
	if file < 0 || size < 64 || a.base == 0 {
		refuse(whyFile, 0)
		return nil
	}
	header, e := mmap(0, size, syscall.PROT_READ, syscall.MAP_PRIVATE, file, 0)
	if e != 0 {
		refuse(whyFile, 0)
		return nil
	}
	defer syscall.Syscall(syscall.SYS_MUNMAP, header, size, 0)
	m := &image{words: unsafe.Slice(at[uintptr](header), size/8)}
	if m.next() != magic {
		refuse(whyFile, 1)
		return nil
	}
	last, modulesinit, itabsinit, stop, start, table := m.next(), m.next(), m.next(), m.next(), m.next(), m.next()
	unreachable, limit := m.next(), m.next()
	checks, sections := m.list(2), m.list(5)
	module, link := m.next(), m.next()
	itabs, calls, writes, words := m.list(1), m.list(2), m.list(4), m.list(2)
	composed, grown, filled := m.list(6), m.list(1), m.list(1)
	if m.bad {
		refuse(whyFile, 2)
		return nil
	}
	// Check that the image was made for this program. Nothing is called before.
	for i := 0; i < len(checks); i += 2 {
		if w, ok := a.peek(checks[i], 8); !ok || w != checks[i+1] {
			refuse(whyBytes, checks[i])
			return nil
		}
	}
	if where, ok := a.compare(writes); !ok {
		refuse(whyBytes, where)
		return nil
	}
	for i := 0; i < len(sections); i += 5 {
		if !a.mapSection(file, sections[i:]) {
			refuse(whyFile, 3)
			return nil
		}
	}
	tab := *at[*itabTable](table)
	if i, m := tab.made(itabs, 0); m != 0 {
		answer[0], answer[1], answer[2] = statusItab, i, m
		return nil
	}
	if module != 0 {
		end := at[uintptr](last)
		*at[uintptr](*end + link) = module
		*end = module
		call[func()](modulesinit)()
		if len(itabs) > 0 {
			call[func()](itabsinit)()
		}
	}
	for i := 0; i < len(composed); i += 6 {
		if c := composed[i : i+6]; compose(c) != c[5] {
			refuse(whyTwice, c[5])
			return nil
		}
	}
	answer[2] = nanotime() - began
	for i := 0; i < len(calls); i += 2 {
		if text = run(calls[i], calls[i+1]); text != nil {
			answer[0] = statusPanicked
			return text
		}
	}
	stopped := call[func(uint8) worldStop](stop)(1)
	why, what := (*at[*itabTable](table)).refuses(grown, filled, unreachable, limit)
	if why == 0 {
		why, what = a.replace(*at[*itabTable](table), limit, itabs, writes, words)
	}
	call[func(worldStop)](start)(stopped)
	answer[3] = nanotime() - uintptr(stopped.startedStopping) // not including the wait for a running collection
	if why != 0 {
		refuse(why, what)
	}
	return nil
}

// A typ is a reflect.Type.
type typ struct{ tab, data uintptr }

// compose makes package reflect make a type, and returns its descriptor: that of the
// image, if reflection knows it and has not made one before.
func compose(c []uintptr) uintptr {
	fn, tab := c[0], c[2]
	switch c[1] {
	case 0:
		return call[func(uintptr) uintptr](fn)(c[3])
	case 1:
		return call[func(typ) typ](fn)(typ{tab, c[3]}).data
	case 2:
		return call[func(typ, typ) typ](fn)(typ{tab, c[3]}, typ{tab, c[4]}).data
	case 3:
		return call[func(uintptr, typ) typ](fn)(c[4], typ{tab, c[3]}).data
	}
	return 0
}

// replace compares, and then writes. It checks only those itabs that the program made
// itself, which are above limit: a large program has thousands of others. The world is
// stopped, so nothing here may allocate or grow the stack.
//
//go:noinline
func (a *agent) replace(tab *itabTable, limit uintptr, itabs, writes, words []uintptr) (why, what uintptr) {
	if where, ok := a.compare(writes); !ok {
		return whyBytes, where
	}
	for i := range itabs {
		if _, m := tab.made(itabs[i:i+1], limit); m != 0 && m != itabs[i] {
			return whyBytes, m
		}
	}
	for i := 0; i < len(writes); i += 4 {
		if !a.poke(writes[i], writes[i+1], writes[i+3]) {
			// Undo the writes. Either the first write fails, or none does.
			for ; i >= 0; i -= 4 {
				a.poke(writes[i], writes[i+1], writes[i+2])
			}
			return whyWrite, 0
		}
	}
	for i := uintptr(0); i < tab.size && len(words) > 0; i++ {
		m := tab.entries[i]
		if uintptr(unsafe.Pointer(m)) < limit || m.fun[0] == 0 {
			continue
		}
		for k := range m.methods() {
			for j := 0; j < len(words); j += 2 {
				if m.fun[k] == words[j] {
					a.poke(uintptr(unsafe.Pointer(&m.fun[k])), 8, words[j+1])
				}
			}
		}
	}
	return 0, 0
}

// methods returns the number of an itab's methods.
func (m *itab) methods() uintptr {
	const methods = 64 // offset of len(Methods) in an interface type
	return *at[uintptr](m.inter + methods)
}

// refuses looks for failed assertions to types that get methods, and for itabs above
// limit, which the program made itself, that lack such methods. The world is stopped.
//
//go:noinline
func (t *itabTable) refuses(grown, filled []uintptr, unreachable, limit uintptr) (why, what uintptr) {
	for i := uintptr(0); i < t.size && len(filled) > 0; i++ {
		m := t.entries[i]
		if uintptr(unsafe.Pointer(m)) < limit {
			continue
		}
		if m.fun[0] == 0 {
			if contains(grown, m.typ) {
				return whyType, m.typ
			}
			continue
		}
		if !contains(filled, m.typ) {
			continue
		}
		for k := range m.methods() {
			if m.fun[k] == unreachable {
				return whyHole, m.typ
			}
		}
	}
	return 0, 0
}

func contains(list []uintptr, x uintptr) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// made finds the first of itabs for which the program has made its own, at or above the
// address from.
func (t *itabTable) made(itabs []uintptr, from uintptr) (i, own uintptr) {
	for n, addr := range itabs {
		x := at[itab](addr)
		for k := uintptr(0); k < t.size; k++ {
			if m := t.entries[k]; m != nil && uintptr(unsafe.Pointer(m)) >= from && m != x && m.inter == x.inter && m.typ == x.typ {
				return uintptr(n), uintptr(unsafe.Pointer(m))
			}
		}
	}
	return 0, 0
}

// mapSection maps a section of an image: its address, its size, its place and size in
// the file, its protection.
func (a *agent) mapSection(file int, s []uintptr) bool {
	const page = 4096
	addr, size, off, stored, prot := s[0], s[1], s[2], s[3], int(s[4])
	if addr < a.base || size > reserved || addr+size > a.base+reserved || stored == 0 || prot&syscall.PROT_WRITE != 0 && prot&syscall.PROT_EXEC != 0 {
		return false
	}
	p, e := mmap(addr, (stored+page-1)&^(page-1), prot, syscall.MAP_PRIVATE|syscall.MAP_FIXED, file, off)
	return e == 0 && p == addr
}

// run calls an initialiser of an image. If it panics, text says so.
func run(f, arg uintptr) (text []byte) {
	defer func() {
		if e := recover(); e != nil {
			text = []byte("panic while new variables were initialised: ")
			switch e := e.(type) {
			case error:
				text = append(text, e.Error()...)
			case string:
				text = append(text, e...)
			default:
				text = append(text, "a value that is no error"...)
			}
		}
	}()
	call[func(uintptr)](f)(arg)
	return nil
}

// compare reports whether memory has the expected content before it is overwritten; if
// not, where is the first address that differs.
func (a *agent) compare(writes []uintptr) (where uintptr, ok bool) {
	for i := 0; i < len(writes); i += 4 {
		if w, ok := a.peek(writes[i], writes[i+1]); !ok || w != writes[i+2] {
			return writes[i], false
		}
	}
	return 0, true
}

// memory opens this process's memory, if it is not open yet.
func (a *agent) memory() (ok bool) {
	if a.mem < 0 {
		if fd, err := syscall.Open("/proc/self/mem", syscall.O_RDWR|syscall.O_CLOEXEC, 0); err == nil {
			a.mem = fd
		}
	}
	return a.mem >= 0
}

// peek reads up to eight bytes at any address.
func (a *agent) peek(addr, n uintptr) (w uintptr, ok bool) {
	r, _, e := syscall.RawSyscall6(syscall.SYS_PREAD64, uintptr(a.mem), uintptr(unsafe.Pointer(&w)), n, addr, 0, 0)
	return w, e == 0 && r == n
}

// poke writes up to eight bytes, even where the memory is read-only: code is never
// mapped writable.
func (a *agent) poke(addr, n, w uintptr) bool {
	r, _, e := syscall.RawSyscall6(syscall.SYS_PWRITE64, uintptr(a.mem), uintptr(unsafe.Pointer(&w)), n, addr, 0, 0)
	return e == 0 && r == n
}

// frames finds goroutines that are inside ranges of code, each given as two words. The
// answer's text is a word for each range, the number of goroutines in it; if there are
// any, the printed stacks of all goroutines follow.
func (a *agent) frames(answer *[8]uintptr, file int, size uintptr) []byte {
	if file < 0 || size < 8 {
		answer[0] = statusRefused
		return nil
	}
	p, e := mmap(0, size, syscall.PROT_READ, syscall.MAP_PRIVATE, file, 0)
	if e != 0 {
		answer[0] = statusRefused
		return nil
	}
	defer syscall.Syscall(syscall.SYS_MUNMAP, p, size, 0)
	ranges := unsafe.Slice(at[uintptr](p), size/8)
	counts := make([]uintptr, len(ranges)/2)
	records := make([]runtime.StackRecord, runtime.NumGoroutine()+16)
	n, ok := runtime.GoroutineProfile(records)
	for !ok {
		records = make([]runtime.StackRecord, 2*n)
		n, ok = runtime.GoroutineProfile(records)
	}
	found := false
	for i := range records[:n] {
		for k := range counts {
			for _, pc := range records[i].Stack() {
				// A goroutine at the entry itself has not begun.
				if pc-1 > ranges[2*k] && pc-1 < ranges[2*k+1] {
					counts[k]++
					found = true
					break
				}
			}
		}
	}
	var text []byte
	if len(counts) > 0 {
		text = append(text, unsafe.Slice((*byte)(unsafe.Pointer(&counts[0])), 8*len(counts))...)
	}
	if found {
		buf := make([]byte, 1<<20)
		text = append(text, buf[:runtime.Stack(buf, true)]...)
	}
	answer[1] = uintptr(len(counts))
	return text
}
