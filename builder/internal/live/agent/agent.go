//go:build go1.23 && linux && (amd64 || arm64)

// Package agent is the part of live code inside the program that it changes. It
// receives images that are linked for this process, maps them, and redirects the
// functions that they replace.
//
// An overlay adds it to a build: it is not in the user's repository, and not in the
// binaries of hotdev build. Without the variable that names its socket it does nothing;
// with it, one goroutine waits in a system call. It does not use the network, and opens
// only files of this process in /proc.
package agent

import (
	"syscall"
	"unsafe"
)

// Variable is the environment variable that has the descriptor of the agent's socket.
const Variable = "HOTDEV_LIVE"

// The operations of the agent. A request is four words: the operation, the size of the
// file that comes with it, and two arguments; an answer is eight words.
const (
	opReserve = 1 // reserve memory between two addresses
	opLoad    = 2 // load an image
	opFrames  = 3 // which goroutines are inside ranges of code
	opBegin   = 4 // begin a profile, to be written to the file that comes with it
	opEnd     = 5 // end and write the profile
)

// Results, the first word of an answer. The second word has details.
const (
	statusDone     = 0
	statusRefused  = 1 // the second word is the reason; nothing was changed
	statusItab     = 2 // the program has an itab that it made itself for one of the image's; nothing was changed
	statusPanicked = 3 // an initialiser panicked; its text follows; nothing was changed
)

// Reasons for refusing an image.
const (
	whyFile   = 1 // it cannot be read or mapped
	whyBytes  = 2 // the third word is an address where the bytes differ from the expected ones
	whyTraced = 3 // a debugger is attached
	whyType   = 4 // an assertion to a type that grows has failed before
	whyMemory = 5 // an assertion to a type that gets methods has failed before
	whyWrite  = 6 // the code cannot be written
	whyTwice  = 7 // reflection has a type of its own for one of the image's
	whyHole   = 8 // the program has made an itab of a type that gets methods, without one of these
)

const magic = 0x33304556494c4448 // "HDLIVE03"

// reserved is the size of the address space for patches, in bytes. It takes no memory
// until an image is mapped there.
const reserved = 1 << 28

func init() {
	text, ok := syscall.Getenv(Variable)
	if !ok {
		return
	}
	_ = syscall.Unsetenv(Variable) // not for child processes
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
	go a.serve() // runs as long as hotdev, or the program
}

type agent struct {
	fd   int // of the socket
	mem  int // /proc/self/mem, once it is open
	base uintptr
	// profiling is the profile that has begun; nil if none has.
	profiling *profiling
}

// serve answers requests until hotdev is gone.
func (a *agent) serve() {
	defer syscall.Close(a.fd)
	defer a.finish(new([8]uintptr)) // a profile would never end otherwise
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
		case opBegin:
			if text = a.begin(&answer, file, request[2]); answer[0] == statusDone {
				file = -1 // it stays open
			}
		case opEnd:
			text = a.finish(&answer)
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
		// A program that is notified of all signals is not to get SIGPIPE for hotdev's end.
		n, err := syscall.SendmsgN(a.fd, b, nil, nil, syscall.MSG_NOSIGNAL)
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

// reserve finds address space within the reach of the program's code. It does not touch
// what is mapped there already, such as the C library's heap.
func (a *agent) reserve(answer *[8]uintptr, from, to uintptr) {
	const mapFixedNoreplace = 0x100000
	for at := from; a.base == 0 && at+reserved <= to; at += reserved / 4 {
		p, e := mmap(at, reserved, syscall.PROT_NONE, syscall.MAP_PRIVATE|syscall.MAP_ANON|syscall.MAP_NORESERVE|mapFixedNoreplace, -1, 0)
		if e == 0 && p == at {
			a.base = at
		} else if e == 0 { // the kernel does not know the flag
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

func nanotime() uintptr {
	var t syscall.Timespec
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&t)), 0)
	return uintptr(t.Nano())
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
