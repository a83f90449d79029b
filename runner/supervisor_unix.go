//go:build unix

package runner

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A supervisor is recognised by its first two arguments. The first is what ps
// shows; the second is one that no user types. Neither is in the environment, so
// no child inherits them.
const (
	supervisorName = "supervisor"
	supervisorMark = "of-hotdev-0d7f3b5c94e1"
)

// A supervisor's descriptors. What follows is the program's output: one
// terminal, or a pipe each for stdout and stderr; then its input, if that is a pipe;
// then its sockets, and those that listen.
const (
	controlFd = 3 + iota
	reportFd
	outputFd
)

// inheritedFd is the first descriptor that the program gets besides its input and
// output: its listeners, where systemd puts them, then its sockets.
const inheritedFd = 3

// supervisorVariable names its supervisor to a program and to all that it starts, so
// that a process which outlives the supervisor is recognised as a leftover.
const supervisorVariable = "HOTDEV_SUPERVISOR"

// anothers are the variables that this hotdev has from another one, if it runs under
// one: they name what that one gave to it.
var anothers = []string{supervisorVariable, "HOTDEV_CONTROL", "HOTDEV_LIVE", listenPid, listenFds, listenNames}

// A task is a Spec as it travels to the supervisor: its first line of input.
// Strings are bytes, because JSON would fix what is not UTF-8.
type task struct {
	Args    [][]byte // Args[0] is the path
	Env     [][]byte
	Dir     []byte
	TTY     bool
	Input   bool // from a pipe
	Sockets int
	Signal  syscall.Signal
	Timeout time.Duration

	Listeners int
	// Activate has the program find its own process ID in LISTEN_PID.
	Activate bool
}

// A report is a line of the supervisor's answer: Pid or Err at first, and Exit
// once nothing of the tree is left.
type report struct {
	Pid  int    `json:",omitempty"`
	Err  string `json:",omitempty"`
	Exit *Exit  `json:",omitempty"`
}

// Main turns this process into a supervisor, and never returns, if [Start]
// started it as one; else it does nothing. It is to be the first call of main,
// and of TestMain in a package whose tests use Start.
func Main() {
	if len(os.Args) > 2 && os.Args[0] == supervisorName && os.Args[1] == activatorMark {
		activate(os.Args[2:])
	}
	if len(os.Args) < 2 || os.Args[0] != supervisorName || os.Args[1] != supervisorMark {
		// At once, because a build may be killed before any program was started:
		// where init reaps late, or not at all (containers), the orphans' zombies
		// would keep their group alive.
		adopt()
		return
	}
	// The program is to die with the thread that starts it, see procAttr.
	runtime.LockOSThread()
	closeOnExec()
	surviveSignals()
	becomeReaper()

	control := bufio.NewReader(os.NewFile(controlFd, "control"))
	reports := json.NewEncoder(os.NewFile(reportFd, "report"))
	line, err := control.ReadBytes('\n')
	if err != nil {
		os.Exit(1) // hotdev is gone already
	}
	var t task
	if err := json.Unmarshal(line, &t); err != nil {
		reports.Encode(report{Err: fmt.Sprintf("task: %v", err)})
		os.Exit(1)
	}
	t.Env = append(t.Env, fmt.Appendf(nil, "%s=%d", supervisorVariable, os.Getpid()))
	p, err := launch(t)
	if err != nil {
		reports.Encode(report{Err: err.Error()})
		os.Exit(1)
	}
	// hotdev may be gone and read no report; the tree is ended all the same.
	reports.Encode(report{Pid: p.pid})
	exit := supervise(p, p.readOrders(control), p.ended, p.gone, t.Timeout)
	reports.Encode(report{Exit: &exit})
	os.Exit(0)
}

// surviveSignals keeps signals that are meant for others from ending the supervisor.
// They are caught, not ignored: programs inherit ignored signals.
func surviveSignals() {
	signal.Notify(make(chan os.Signal, 1), // never read
		unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGPIPE, unix.SIGALRM,
		unix.SIGUSR1, unix.SIGUSR2, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU)
}

// closeOnExecEach does it one by one: for the supervisor's own descriptors, and
// for as many others as a shell may have left open.
func closeOnExecEach() {
	for fd := controlFd; fd < 256; fd++ {
		unix.CloseOnExec(fd)
	}
}

// readOrders relays orders until hotdev closes the pipe, by dying if not
// otherwise. An order to signal the program is carried out at once: it has no
// part in the end of the tree; so is what else is told of the program.
func (p *program) readOrders(control *bufio.Reader) <-chan order {
	orders := make(chan order)
	go func() { // lives as long as the supervisor
		defer close(orders)
		for {
			b, err := control.ReadByte()
			if err != nil {
				return
			}
			if b > orderSignal {
				p.signalOne(syscall.Signal(b - orderSignal))
				continue
			}
			if order(b) == orderLead {
				var pid [4]byte
				if _, err := io.ReadFull(control, pid[:]); err != nil {
					return
				}
				p.lead.Store(int64(binary.BigEndian.Uint32(pid[:])))
				continue
			}
			orders <- order(b)
		}
	}()
	return orders
}

// A program is the tree below a supervisor.
type program struct {
	pid    int
	lead   atomic.Int64 // the process that it is about, if that is not pid
	signal syscall.Signal
	start  time.Time
	reaped atomic.Bool // pid means nothing any more
	ended  chan Exit
	gone   chan struct{}
}

// launch starts the program.
func launch(t task) (*program, error) {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: os.DevNull, Err: err}
	}
	given := []uintptr{outputFd, outputFd + 1}
	fds := []uintptr{uintptr(null), outputFd, outputFd + 1}
	if t.TTY {
		given = given[:1]
		fds = []uintptr{outputFd, outputFd, outputFd}
	}
	if t.Input {
		fds[0] = given[len(given)-1] + 1
		given = append(given, fds[0])
	}
	sockets := given[len(given)-1] + 1
	listeners := sockets + uintptr(t.Sockets)
	for fd := listeners; fd < listeners+uintptr(t.Listeners); fd++ {
		given, fds = append(given, fd), append(fds, fd)
	}
	for fd := sockets; fd < listeners; fd++ {
		given, fds = append(given, fd), append(fds, fd)
	}
	attr := &syscall.ProcAttr{Dir: string(t.Dir), Env: texts(t.Env), Files: fds, Sys: procAttr(t.TTY)}

	start := time.Now()
	pid, err := t.exec(attr)
	// A process that was being forked while the binary was written may hold it
	// open for writing, until its exec a moment later.
	for pause := time.Millisecond; errors.Is(err, syscall.ETXTBSY) && pause < time.Second; pause *= 2 {
		time.Sleep(pause)
		start = time.Now()
		pid, err = t.exec(attr)
	}
	if err != nil {
		return nil, fmt.Errorf("exec: %w", err)
	}
	// From now on the output ends with the tree.
	unix.Close(null)
	for _, fd := range given {
		unix.Close(int(fd))
	}
	p := &program{
		pid:    pid,
		signal: t.Signal,
		start:  start,
		ended:  make(chan Exit, 1),
		gone:   make(chan struct{}),
	}
	go p.reap() // lives until the tree is gone
	return p, nil
}

func texts(bs [][]byte) []string {
	ss := make([]string, len(bs))
	for i, b := range bs {
		ss[i] = string(b)
	}
	return ss
}

// reap waits for every child, born or adopted.
func (p *program) reap() {
	defer close(p.gone)
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, 0, nil)
		switch {
		case err == unix.EINTR:
		case err != nil: // ECHILD: there is none left
			p.awaitRest()
			return
		case pid == p.pid:
			p.reaped.Store(true)
			e := Exit{Code: -1, Uptime: time.Since(p.start)}
			if status.Signaled() {
				e.Signal = unix.SignalName(status.Signal())
			} else {
				e.Code = status.ExitStatus()
			}
			p.ended <- e
		}
	}
}

// signalOne signals the program alone.
func (p *program) signalOne(s syscall.Signal) {
	if p.reaped.Load() {
		return
	}
	pid := p.pid
	if lead := p.lead.Load(); lead > 0 {
		pid = int(lead)
	}
	_ = unix.Kill(pid, s)
}

func (p *program) interrupt() int {
	if p.lead.Load() > 0 {
		return p.send(p.pid, p.signal, unix.SIGCONT)
	}
	return p.send(0, p.signal, unix.SIGCONT)
}

func (p *program) kill() int { return p.send(0, unix.SIGKILL) }
