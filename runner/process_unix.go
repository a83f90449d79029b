//go:build unix

package runner

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A host is the supervisor process between hotdev and the program.
type host struct {
	supervisor int
	control    *os.File // orders, one byte each; its end is an order to kill
}

func (h host) order(o order) {
	// An error means that the supervisor is gone, and then so is the tree.
	_, _ = h.control.Write([]byte{byte(o)})
}

// SignalName is the name of a signal ("SIGKILL") by its number.
func SignalName(n int) string { return unix.SignalName(syscall.Signal(n)) }

// tellLead has the supervisor know which process the program is.
func (h host) tellLead(pid int) {
	_, _ = h.control.Write(binary.BigEndian.AppendUint32([]byte{byte(orderLead)}, uint32(pid)))
}

// Signal sends the program, and nothing else of its tree, a signal by its name
// ("SIGUSR1"). It returns at once. An error means that there is no such signal;
// a program that is gone has no use for one.
func (p *Process) Signal(name string) error {
	s := unix.SignalNum(name)
	if s <= 0 || s >= 127 {
		return fmt.Errorf("unknown signal %q", name)
	}
	p.order(order(orderSignal + int(s)))
	return nil
}

// Start runs the program under a supervisor process: this executable, started
// again, whose main begins with [Main].
//
// Everything that the program prints goes to emit, called on one goroutine for
// both streams, perhaps before Start returns. emit may block, which blocks the
// program once its pipes are full, and may keep the slice. An error means that
// the program never ran.
func Start(spec Spec, emit func([]Line)) (*Process, error) {
	return (*Spare)(nil).Start(spec, emit)
}

// A Spare is a supervisor that is up and waits for its program: the next start
// need not wait for it. It ends with this process if nothing else ends it.
type Spare struct {
	spec    Spec // what it was made for
	cmd     *exec.Cmd
	mine    files    // our ends of all that follows
	control *os.File // orders to it
	reading *os.File // its reports
	sources []source
	screen  *os.File            // our end of the terminal; nil if there is none
	input   *os.File            // our end of the pipe that is read; nil if there is none
	sockets map[string]*os.File // those that the spec wants
}

// Prepare starts a supervisor for a program like spec: its TTY, its Input, its Sockets
// and its Listeners count. It returns once the process was begun. The caller starts a
// program with it, or closes it.
func Prepare(spec Spec) (_ *Spare, err error) {
	s := &Spare{spec: spec, sockets: map[string]*os.File{}}
	var theirs files
	defer func() {
		theirs.close() // so that their ends end with the tree
		if err != nil {
			s.mine.close()
		}
	}()
	if _, s.control, err = pipe(&theirs, &s.mine); err != nil {
		return nil, err
	}
	if s.reading, _, err = pipe(&s.mine, &theirs); err != nil {
		return nil, err
	}
	if spec.TTY {
		if s.screen, err = terminal(&s.mine, &theirs); err != nil {
			return nil, err
		}
		s.sources = []source{{Stdout, s.screen}}
	} else {
		for _, stream := range []Stream{Stdout, Stderr} {
			r, _, err := pipe(&s.mine, &theirs)
			if err != nil {
				return nil, err
			}
			s.sources = append(s.sources, source{stream, r})
		}
		if spec.Input {
			if _, s.input, err = pipe(&theirs, &s.mine); err != nil {
				return nil, err
			}
		}
	}
	for _, variable := range spec.Sockets {
		if s.sockets[variable], err = socketpair(&s.mine, &theirs); err != nil {
			return nil, err
		}
	}
	if s.cmd, err = supervisor(spec.Path, slices.Concat(theirs, spec.Listeners)); err != nil {
		return nil, err
	}
	adopt()
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("supervisor: %w", err)
	}
	return s, nil
}

// Close ends a supervisor that was not used, and waits for its end. A nil Spare
// may be closed.
func (s *Spare) Close() {
	if s != nil {
		s.mine.close()
		_ = s.cmd.Wait() // it had nothing to say
	}
}

// Start is [Start] with the supervisor that is there already. One that does not
// fit the spec, or is no more, is replaced; a nil Spare is none. s is used up.
func (s *Spare) Start(spec Spec, emit func([]Line)) (_ *Process, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("start %s: %w", spec.Path, err)
		}
	}()
	task, err := newTask(spec)
	if err != nil {
		s.Close()
		return nil, err
	}
	if !s.fits(spec) {
		s.Close()
	} else if p, err := s.start(spec, task, emit); !errors.Is(err, errMute) {
		return p, err
	}
	if s, err = Prepare(spec); err != nil {
		return nil, err
	}
	return s.start(spec, task, emit)
}

// fits reports whether a supervisor that was made for one spec will do for another.
func (s *Spare) fits(spec Spec) bool {
	return s != nil && s.spec.Path == spec.Path && s.spec.TTY == spec.TTY && s.spec.Input == spec.Input &&
		slices.Equal(s.spec.Sockets, spec.Sockets) && slices.Equal(s.spec.Listeners, spec.Listeners)
}

// start has the supervisor start the program.
func (s *Spare) start(spec Spec, t task, emit func([]Line)) (*Process, error) {
	if err := resize(s.screen, cmp.Or(spec.Rows, 24), cmp.Or(spec.Cols, 80)); err != nil {
		s.Close()
		return nil, err
	}
	reports := json.NewDecoder(s.reading)
	first, err := introduce(s.control, reports, t)
	if err != nil {
		s.control.Close()
		if wait := s.cmd.Wait(); wait != nil && errors.Is(err, errMute) {
			err = fmt.Errorf("%w: %w", errMute, wait)
		}
		s.mine.close()
		return nil, err
	}
	p := &Process{
		pid:   first.Pid,
		done:  make(chan struct{}),
		host:  host{supervisor: s.cmd.Process.Pid, control: s.control},
		gauge: gauge{when: time.Now()},

		sockets: s.sockets,
		given:   links(s.spec.Listeners),
		input:   input{screen: s.screen, pipe: s.input},
	}
	out := collect(emit, spec.Raw, s.sources...)
	go func() { // ends with the supervisor; joined by Done
		defer close(p.done)
		p.exit = p.await(s.cmd, reports)
		s.reading.Close()
		s.control.Close()
		p.input.end()
		out.wait()
	}()
	return p, nil
}

// errMute: the supervisor ended without a word. A program that forgot to call
// Main looks like this.
var errMute = errors.New("supervisor: no answer (does main call runner.Main first?)")

// introduce gives the supervisor its task and waits for the program's start.
func introduce(control io.Writer, reports *json.Decoder, t task) (report, error) {
	if err := json.NewEncoder(control).Encode(t); err != nil {
		return report{}, errMute
	}
	var first report
	switch err := reports.Decode(&first); {
	case err != nil:
		return report{}, errMute
	case first.Err != "":
		return report{}, errors.New(first.Err)
	}
	return first, nil
}

// await returns how the program ended once nothing of it is left.
func (p *Process) await(cmd *exec.Cmd, reports *json.Decoder) Exit {
	var last report
	err := reports.Decode(&last)
	wait := cmd.Wait()
	if err == nil && last.Exit != nil {
		return *last.Exit
	}
	// Somebody killed the supervisor. The program died with it where the system
	// can do that; what is left is ours now.
	e := Exit{Code: -1, Err: "supervisor ended early"}
	if wait != nil {
		e.Err = fmt.Sprintf("supervisor: %v", wait)
	}
	e.Left = p.sweep()
	return e
}

// newTask resolves what hotdev knows and the supervisor does not.
func newTask(spec Spec) (task, error) {
	if len(os.Args) > 1 && os.Args[1] == supervisorMark {
		return task{}, errMute // or else it would start itself without end
	}
	if !filepath.IsAbs(spec.Path) && (spec.Path == "" || len(spec.Wrapper) > 0) {
		return task{}, errors.New("the path is not absolute")
	}
	dir := spec.Dir
	if dir == "" {
		wd, err := os.Getwd()
		if err != nil {
			return task{}, err
		}
		dir = wd
	}
	// The system would report a missing folder as a missing program.
	if fi, err := os.Stat(dir); err != nil {
		return task{}, err
	} else if !fi.IsDir() {
		return task{}, &os.PathError{Op: "chdir", Path: dir, Err: syscall.ENOTDIR}
	}
	t := task{
		Dir:     []byte(dir),
		TTY:     spec.TTY,
		Input:   spec.Input && !spec.TTY,
		Sockets: len(spec.Sockets),
		Signal:  unix.SIGINT,
		Timeout: spec.StopTimeout,

		Listeners: len(spec.Listeners),
		// The pid of a wrapper is of no use to the program.
		Activate: len(spec.Listeners) > 0 && len(spec.Wrapper) == 0,
	}
	if spec.StopSignal != "" {
		if t.Signal = unix.SignalNum(spec.StopSignal); t.Signal == 0 {
			return task{}, fmt.Errorf("unknown signal %q", spec.StopSignal)
		}
	}
	if t.Timeout <= 0 {
		t.Timeout = DefaultStopTimeout
	}
	argv, err := spec.argv()
	if err != nil {
		return task{}, err
	}
	for _, a := range argv {
		t.Args = append(t.Args, []byte(a))
	}
	for _, e := range spec.Env {
		if strings.IndexByte(e, 0) >= 0 {
			return task{}, errors.New("the environment holds a NUL byte")
		}
	}
	// As os/exec would have it: of duplicates the last counts.
	for _, e := range (&exec.Cmd{Env: spec.Env, Dir: spec.Dir}).Environ() {
		name, _, _ := strings.Cut(e, "=")
		if !slices.Contains(anothers, name) {
			t.Env = append(t.Env, []byte(e))
		}
	}
	for _, e := range listenEnv(spec.Listeners) {
		t.Env = append(t.Env, []byte(e))
	}
	for i, variable := range spec.Sockets {
		t.Env = append(t.Env, fmt.Appendf(nil, "%s=%d", variable, inheritedFd+len(spec.Listeners)+i))
	}
	return t, nil
}

// supervisor is the command that runs this executable as a supervisor with fds.
func supervisor(name string, fds files) (*exec.Cmd, error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{
		Path:       self,
		Args:       []string{supervisorName, supervisorMark, name},
		Dir:        "/", // hold no folder of the user's
		ExtraFiles: fds,
		// A session of its own: no key of the terminal reaches the supervisor, and
		// the program cannot read the keys that are hotdev's.
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	// One processor for the loop and one for the wait that blocks in the system;
	// more would only be threads to start. The program does not see this: its
	// environment comes with the task.
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	return cmd, nil
}

// files are closed together.
type files []*os.File

func (fs files) close() {
	for _, f := range fs {
		f.Close()
	}
}

// pipe adds the two ends of a new pipe to their owners.
func pipe(reader, writer *files) (r, w *os.File, err error) {
	if r, w, err = os.Pipe(); err == nil {
		widen(r)
		*reader = append(*reader, r)
		*writer = append(*writer, w)
	}
	return r, w, err
}

// socketpair adds the two ends of a new socket to their owners, and returns
// ours. It is in non-blocking mode, so that a read can be ended.
func socketpair(mine, theirs *files) (*os.File, error) {
	syscall.ForkLock.RLock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fds[0])
		unix.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	*theirs = append(*theirs, os.NewFile(uintptr(fds[1]), "socket"))
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		return nil, os.NewSyscallError("fcntl", err)
	}
	f := os.NewFile(uintptr(fds[0]), "socket")
	*mine = append(*mine, f)
	return f, nil
}

// terminal opens a pseudo-terminal.
func terminal(mine, theirs *files) (*os.File, error) {
	open, tty, err := pty.Open()
	if err != nil {
		return nil, err
	}
	defer open.Close()
	*theirs = append(*theirs, tty)
	// A second descriptor, in non-blocking mode, so that a read can be ended.
	fd, err := unix.FcntlInt(open.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	master := os.NewFile(uintptr(fd), open.Name())
	*mine = append(*mine, master)
	return master, nil
}
