package runner

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Main does nothing: a job object needs no supervisor, the system itself ends
// the job when hotdev's handle of it is closed, whatever ends hotdev.
func Main() {}

// A host relays orders to the goroutine that supervises the job.
type host struct{ orders chan order }

func (h host) order(o order) { h.orders <- o }

// SignalName is empty: Windows has no signals.
func SignalName(int) string { return "" }

// tellLead: the whole job is asked to end at once.
func (h host) tellLead(int) {}

// Signal: Windows has none.
func (p *Process) Signal(name string) error {
	return fmt.Errorf("signal %s: %w", name, errors.ErrUnsupported)
}

// Start runs the program in a job object, which holds all that it starts.
//
// Everything that the program prints goes to emit, called on one goroutine for
// both streams, perhaps before Start returns. emit may block, which blocks the
// program once its pipes are full, and may keep the slice. An error means that
// the program never ran. Spec.TTY is ignored.
func Start(spec Spec, emit func([]Line)) (*Process, error) {
	p, err := start(spec, emit)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Path, err)
	}
	return p, nil
}

// A Spare is nothing here: there is no supervisor to prepare.
type Spare struct{}

// Prepare does nothing.
func Prepare(Spec) (*Spare, error) { return nil, nil }

// Close does nothing.
func (*Spare) Close() {}

// Start is [Start].
func (*Spare) Start(spec Spec, emit func([]Line)) (*Process, error) { return Start(spec, emit) }

func start(spec Spec, emit func([]Line)) (*Process, error) {
	if !filepath.IsAbs(spec.Path) && (spec.Path == "" || len(spec.Wrapper) > 0) {
		return nil, errors.New("the path is not absolute")
	}
	timeout := spec.StopTimeout
	if timeout <= 0 {
		timeout = DefaultStopTimeout
	}
	argv, err := spec.argv()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = spec.Dir, spec.Env
	// Suspended, so that it starts nothing before it is in the job; and in a group
	// of its own, which CTRL_BREAK can be sent to.
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_SUSPENDED | windows.CREATE_NEW_PROCESS_GROUP}
	var mine, theirs []io.Closer
	closeAll := func(cs []io.Closer) {
		for _, c := range cs {
			c.Close()
		}
	}
	var sources []source
	for _, s := range []struct {
		stream Stream
		w      *io.Writer
	}{{Stdout, &cmd.Stdout}, {Stderr, &cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(append(mine, theirs...))
			return nil, err
		}
		mine, theirs = append(mine, r), append(theirs, w)
		*s.w = w
		sources = append(sources, source{s.stream, r})
	}
	var in *os.File
	if spec.Input && !spec.TTY {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(append(mine, theirs...))
			return nil, err
		}
		mine, theirs = append(mine, w), append(theirs, r)
		cmd.Stdin, in = r, w
	}
	begun := time.Now()
	job, err := launch(cmd)
	closeAll(theirs)
	if err != nil {
		closeAll(mine)
		return nil, err
	}
	p := &Process{
		pid:   cmd.Process.Pid,
		done:  make(chan struct{}),
		host:  host{make(chan order, 2)}, // Stop and Kill send once each
		gauge: gauge{when: begun},
		input: input{pipe: in},
	}
	out := collect(emit, nil, sources...)
	ended, gone := make(chan Exit, 1), make(chan struct{})
	go func() { // ends with the job
		defer close(gone)
		_ = cmd.Wait()
		ended <- Exit{Code: cmd.ProcessState.ExitCode(), Uptime: time.Since(begun)}
		for job.count() > 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}()
	go func() { // joined by Done
		defer close(p.done)
		p.exit = supervise(job, p.orders, ended, gone, timeout)
		windows.CloseHandle(job.handle) // kills what supervise gave up on
		p.input.end()
		out.wait()
	}()
	return p, nil
}

// A job is a tree as Windows knows it.
type job struct {
	handle windows.Handle
	pid    int
}

// launch starts cmd within a new job.
func launch(cmd *exec.Cmd) (job, error) {
	handle, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return job{}, os.NewSyscallError("CreateJobObject", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	limits.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(handle, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits))); err != nil {
		windows.CloseHandle(handle)
		return job{}, os.NewSyscallError("SetInformationJobObject", err)
	}
	if err := cmd.Start(); err != nil {
		windows.CloseHandle(handle)
		return job{}, err
	}
	if err := enter(handle, uint32(cmd.Process.Pid)); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		windows.CloseHandle(handle)
		return job{}, err
	}
	return job{handle, cmd.Process.Pid}, nil
}

// enter puts a suspended process into the job and lets it run.
func enter(handle windows.Handle, pid uint32) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, pid)
	if err != nil {
		return os.NewSyscallError("OpenProcess", err)
	}
	defer windows.CloseHandle(process)
	if err := windows.AssignProcessToJobObject(handle, process); err != nil {
		return os.NewSyscallError("AssignProcessToJobObject", err)
	}
	// os/exec keeps no handle of the main thread: look for it.
	threads, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPTHREAD, 0)
	if err != nil {
		return os.NewSyscallError("CreateToolhelp32Snapshot", err)
	}
	defer windows.CloseHandle(threads)
	entry := windows.ThreadEntry32{Size: uint32(unsafe.Sizeof(windows.ThreadEntry32{}))}
	for err = windows.Thread32First(threads, &entry); err == nil; err = windows.Thread32Next(threads, &entry) {
		if entry.OwnerProcessID != pid {
			continue
		}
		thread, err := windows.OpenThread(windows.THREAD_SUSPEND_RESUME, false, entry.ThreadID)
		if err != nil {
			return os.NewSyscallError("OpenThread", err)
		}
		defer windows.CloseHandle(thread)
		_, err = windows.ResumeThread(thread)
		return os.NewSyscallError("ResumeThread", err)
	}
	return os.NewSyscallError("Thread32Next", err)
}

func (j job) interrupt() int {
	n := j.count()
	_ = windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(j.pid))
	return n
}

func (j job) kill() int {
	n := j.count()
	_ = windows.TerminateJobObject(j.handle, 1)
	return n
}

// count is the number of processes in the job.
func (j job) count() int {
	// JOBOBJECT_BASIC_ACCOUNTING_INFORMATION
	var info struct {
		userTime, kernelTime, periodUserTime, periodKernelTime int64

		pageFaults, total, active, terminated uint32
	}
	err := windows.QueryInformationJobObject(j.handle, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)), nil)
	if err != nil {
		return 0
	}
	return int(info.active)
}
