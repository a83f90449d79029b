//go:build linux && (amd64 || arm64)

// Package agent is what live code needs inside the program that it changes. It
// takes images that are linked for this very process, maps them, and redirects
// the functions that they replace.
//
// It enters a build by an overlay: nothing of it is in the user's repository,
// and it is not part of what hotdev build makes. Without the variable that names
// its socket it does nothing at all; with it, one goroutine waits in a system
// call. It has no way to reach the network and opens no file but this process's
// own.
package agent

import (
	"runtime"
	"syscall"
	"unsafe"
)

// Variable names the descriptor of the agent's socket in the environment.
const Variable = "HOTDEV_LIVE"

// What is asked of the agent. A request is four words: the operation, the size
// of the file that comes with it, and two more; an answer is eight.
const (
	opReserve = 1 // reserve memory between two addresses
	opLoad    = 2 // load an image
	opFrames  = 3 // which goroutines are inside ranges of code
)

// How it went, in an answer's first word. The second says more.
const (
	statusDone     = 0
	statusRefused  = 1 // the second word says why; nothing was changed
	statusItab     = 2 // the program has made an itab of the image's itself; nothing was changed
	statusPanicked = 3 // an initialiser panicked; its text follows; nothing was changed
)

// Why an image is refused.
const (
	whyFile   = 1 // it cannot be read or mapped
	whyBytes  = 2 // the third word is an address where other bytes are than there should be
	whyTraced = 3 // a debugger is attached
	whyType   = 4 // an assertion to a type that grows has failed before
	whyMemory = 5 // no memory can be reserved
	whyWrite  = 6 // the code cannot be written
)

const magic = 0x31304556494c4448 // "HDLIVE01"

// reserved is the size of the address space for patches. Nothing of it is used
// until an image is mapped there.
const reserved = 1 << 28

func init() {
	text, ok := syscall.Getenv(Variable)
	if !ok {
		return
	}
	_ = syscall.Unsetenv(Variable) // it is not the children's
	fd := 0
	for _, c := range text {
		if c < '0' || c > '9' || fd > 1<<20 {
			return
		}
		fd = fd*10 + int(c-'0')
	}
	if text == "" {
		return
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, false); err != nil {
		return
	}
	a := &agent{fd: fd, mem: -1}
	go a.serve() // lives as long as hotdev, or the program
}

type agent struct {
	fd   int // of the socket
	mem  int // /proc/self/mem, once it is open
	base uintptr
}

// serve answers requests until hotdev is gone.
func (a *agent) serve() {
	defer syscall.Close(a.fd)
	for {
		var request [4]uintptr
		b := unsafe.Slice((*byte)(unsafe.Pointer(&request)), unsafe.Sizeof(request))
		oob := make([]byte, syscall.CmsgSpace(4))
		file := -1
		for n := 0; n < len(b); {
			m, o, _, _, err := syscall.Recvmsg(a.fd, b[n:], oob, syscall.MSG_CMSG_CLOEXEC)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || m <= 0 {
				return
			}
			if f := descriptor(oob[:o]); f >= 0 {
				file = f
			}
			n += m
		}
		var answer [8]uintptr
		var text []byte
		switch request[0] {
		case opReserve:
			a.reserve(&answer, request[2], request[3])
		case opLoad:
			text = a.load(&answer, file, request[1])
		case opFrames:
			text = a.frames(&answer, file, request[1])
		default:
			answer[0] = statusRefused
		}
		if file >= 0 {
			syscall.Close(file)
		}
		answer[7] = uintptr(len(text))
		if !a.send(unsafe.Slice((*byte)(unsafe.Pointer(&answer)), unsafe.Sizeof(answer))) || !a.send(text) {
			return
		}
	}
}

func (a *agent) send(b []byte) bool {
	for len(b) > 0 {
		n, err := syscall.Write(a.fd, b)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return false
		}
		b = b[n:]
	}
	return true
}

func descriptor(oob []byte) int {
	ms, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return -1
	}
	for i := range ms {
		if fds, err := syscall.ParseUnixRights(&ms[i]); err == nil && len(fds) > 0 {
			return fds[0]
		}
	}
	return -1
}

// reserve finds address space that the program's code reaches. What is there
// already, such as the C library's heap, is not touched.
func (a *agent) reserve(answer *[8]uintptr, from, to uintptr) {
	const mapFixedNoreplace = 0x100000
	for at := from; a.base == 0 && at+reserved <= to; at += reserved / 4 {
		p, e := mmap(at, reserved, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE|mapFixedNoreplace, -1, 0)
		if e == 0 && p == at {
			a.base = at
		} else if e == 0 { // a kernel that does not know the flag
			syscall.RawSyscall(syscall.SYS_MUNMAP, p, reserved, 0)
		}
	}
	if a.base == 0 {
		answer[0], answer[1] = statusRefused, whyMemory
		return
	}
	answer[1], answer[2] = a.base, reserved
}

func mmap(addr, n uintptr, prot, flags, fd int, off uintptr) (uintptr, syscall.Errno) {
	p, _, e := syscall.Syscall6(syscall.SYS_MMAP, addr, n, uintptr(prot), uintptr(flags), uintptr(fd), off)
	return p, e
}

// call makes a function of an address in this program's code.
func call[F any](addr uintptr) F {
	p := new(uintptr)
	*p = addr
	return *(*F)(unsafe.Pointer(&p))
}

// at is what is at an address.
func at[T any](addr uintptr) *T { return *(**T)(unsafe.Pointer(&addr)) }

// worldStop, itab and itabTable are the runtime's.
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

// load takes an image in, or leaves everything as it was.
func (a *agent) load(answer *[8]uintptr, file int, size uintptr) (text []byte) {
	refuse := func(why, what uintptr) {
		answer[0], answer[1], answer[2] = statusRefused, why, what
	}
	began := nanotime()
	if traced() {
		refuse(whyTraced, 0)
		return nil
	}
	if a.mem < 0 {
		fd, err := syscall.Open("/proc/self/mem", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
		if err != nil {
			refuse(whyWrite, 0)
			return nil
		}
		a.mem = fd
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
	checks, sections := m.list(2), m.list(5)
	module, link := m.next(), m.next()
	itabs, calls, writes, words, grown := m.list(1), m.list(2), m.list(4), m.list(2), m.list(1)
	if m.bad {
		refuse(whyFile, 2)
		return nil
	}
	// Is this the program that the image was made for? Nothing is called before.
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
	if i, m := tab.made(itabs); m != 0 {
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
	answer[2] = nanotime() - began
	for i := 0; i < len(calls); i += 2 {
		if text = run(calls[i], calls[i+1]); text != nil {
			answer[0] = statusPanicked
			return text
		}
	}
	before := nanotime()
	stopped := call[func(uint8) worldStop](stop)(1)
	why, what := a.replace(*at[*itabTable](table), itabs, writes, words, grown)
	call[func(worldStop)](start)(stopped)
	answer[3] = nanotime() - before
	if why != 0 {
		refuse(why, what)
	}
	return nil
}

// replace compares, and then writes. The world is stopped: nothing here
// allocates or grows a stack.
//
//go:noinline
func (a *agent) replace(tab *itabTable, itabs, writes, words, grown []uintptr) (why, what uintptr) {
	if where, ok := a.compare(writes); !ok {
		return whyBytes, where
	}
	for i := range itabs {
		if _, m := tab.made(itabs[i : i+1]); m != 0 && m != itabs[i] {
			return whyBytes, m
		}
	}
	for i := uintptr(0); i < tab.size && len(grown) > 0; i++ {
		m := tab.entries[i]
		if m == nil || m.fun[0] != 0 {
			continue
		}
		for _, t := range grown {
			if m.typ == t {
				return whyType, t
			}
		}
	}
	for i := 0; i < len(writes); i += 4 {
		if !a.poke(writes[i], writes[i+1], writes[i+3]) {
			// Take back what was written: the first write fails, or none.
			for ; i >= 0; i -= 4 {
				a.poke(writes[i], writes[i+1], writes[i+2])
			}
			return whyWrite, 0
		}
	}
	for i := uintptr(0); i < tab.size && len(words) > 0; i++ {
		m := tab.entries[i]
		if m == nil || m.fun[0] == 0 {
			continue
		}
		const methods = 64 // of an interface type: len(Methods)
		for k := range *at[uintptr](m.inter + methods) {
			for j := 0; j < len(words); j += 2 {
				if m.fun[k] == words[j] {
					a.poke(uintptr(unsafe.Pointer(&m.fun[k])), 8, words[j+1])
				}
			}
		}
	}
	return 0, 0
}

// made finds the first of itabs that the program has one of its own for.
func (t *itabTable) made(itabs []uintptr) (i, own uintptr) {
	for n, addr := range itabs {
		x := at[itab](addr)
		for k := uintptr(0); k < t.size; k++ {
			if m := t.entries[k]; m != nil && m != x && m.inter == x.inter && m.typ == x.typ {
				return uintptr(n), uintptr(unsafe.Pointer(m))
			}
		}
	}
	return 0, 0
}

// mapSection maps a section of an image: its address, its size, its place and
// size in the file, its protection.
func (a *agent) mapSection(file int, s []uintptr) bool {
	const page = 4096
	addr, size, off, stored, prot := s[0], s[1], s[2], s[3], int(s[4])
	if addr < a.base || size > reserved || addr+size > a.base+reserved || stored == 0 || prot&syscall.PROT_WRITE != 0 && prot&syscall.PROT_EXEC != 0 {
		return false
	}
	p, e := mmap(addr, (stored+page-1)&^(page-1), prot, syscall.MAP_PRIVATE|syscall.MAP_FIXED, file, off)
	return e == 0 && p == addr
}

// run calls what an image has to initialise.
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

// compare reports whether memory is what it should be before it is overwritten.
func (a *agent) compare(writes []uintptr) (where uintptr, ok bool) {
	for i := 0; i < len(writes); i += 4 {
		if w, ok := a.peek(writes[i], writes[i+1]); !ok || w != writes[i+2] {
			return writes[i], false
		}
	}
	return 0, true
}

// peek reads up to eight bytes, wherever they are.
func (a *agent) peek(addr, n uintptr) (w uintptr, ok bool) {
	r, _, e := syscall.RawSyscall6(syscall.SYS_PREAD64, uintptr(a.mem), uintptr(unsafe.Pointer(&w)), n, addr, 0, 0)
	return w, e == 0 && r == n
}

// poke writes up to eight bytes, read-only or not: code is never mapped writable.
func (a *agent) poke(addr, n, w uintptr) bool {
	r, _, e := syscall.RawSyscall6(syscall.SYS_PWRITE64, uintptr(a.mem), uintptr(unsafe.Pointer(&w)), n, addr, 0, 0)
	return e == 0 && r == n
}

// traced reports whether a debugger is attached.
func traced() bool {
	fd, err := syscall.Open("/proc/self/status", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer syscall.Close(fd)
	var buf [4096]byte
	n, _ := syscall.Read(fd, buf[:])
	const mark = "\nTracerPid:\t"
	for i := 0; i+len(mark) < n; i++ {
		if string(buf[i:i+len(mark)]) == mark {
			return buf[i+len(mark)] != '0'
		}
	}
	return false
}

// frames looks for goroutines that are inside ranges of code, given as two words
// each. The answer's text is a word for each range, the number of goroutines in
// it; and if there are any, the stacks of all, as they are printed.
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
				if pc-1 >= ranges[2*k] && pc-1 < ranges[2*k+1] {
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

func nanotime() uintptr {
	var t syscall.Timespec
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&t)), 0)
	return uintptr(t.Nano())
}
