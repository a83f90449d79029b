//go:build unix

package runner

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The variables by which systemd describes a program's sockets to it; see
// sd_listen_fds(3).
const (
	listenPid   = "LISTEN_PID"
	listenFds   = "LISTEN_FDS"
	listenNames = "LISTEN_FDNAMES"
)

// Listen opens a socket that listens at a TCP address, for programs to accept
// connections from; see [Spec]. hotdev accepts none itself: a connection waits until
// a program does.
func Listen(addr string) (*os.File, error) {
	config := net.ListenConfig{}
	config.SetMultipathTCP(false) // what a supervisor of services would give
	l, err := config.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer l.Close() // the copy listens on
	tcp := l.(*net.TCPListener)
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	var fd int
	var copied error
	// Not by way of File: that would come back to the mode of the socket each time
	// that it is handed on, and programs that run have the same socket.
	err = raw.Control(func(from uintptr) {
		if fd, copied = unix.FcntlInt(from, unix.F_DUPFD_CLOEXEC, 0); copied == nil {
			copied = unix.SetNonblock(fd, false)
		}
	})
	if err := errors.Join(err, os.NewSyscallError("fcntl", copied)); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), strconv.Itoa(tcp.Addr().(*net.TCPAddr).Port)), nil
}

// listenEnv is the variables that describe its listeners to a program, without
// LISTEN_PID.
func listenEnv(listeners []*os.File) []string {
	if len(listeners) == 0 {
		return nil
	}
	var names []string
	for _, l := range listeners {
		names = append(names, l.Name())
	}
	return []string{fmt.Sprintf("%s=%d", listenFds, len(listeners)), listenNames + "=" + strings.Join(names, ":")}
}

// links are what descriptors of sockets link to.
func links(listeners []*os.File) map[string]bool {
	given := map[string]bool{}
	for _, l := range listeners {
		if info, err := l.Stat(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				given[fmt.Sprintf("socket:[%d]", stat.Ino)] = true
			}
		}
	}
	return given
}

// A program looks for its own process ID in LISTEN_PID, which is unknown before
// the fork. So the supervisor does not start it itself: it starts this executable
// again, which adds the variable and then becomes the program.

// activatorMark is to that one what supervisorMark is to a supervisor.
const activatorMark = "of-hotdev-5e2a9c7718d4"

// exec starts the program, with attr.
func (t task) exec(attr *syscall.ProcAttr) (pid int, err error) {
	argv := texts(t.Args)
	if !t.Activate {
		return syscall.ForkExec(argv[0], argv, attr)
	}
	self, err := executable()
	if err != nil {
		return 0, err
	}
	failed, failure, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer failed.Close()
	with := *attr
	with.Files = append(with.Files[:len(with.Files):len(with.Files)], failure.Fd())
	argv = append([]string{supervisorName, activatorMark, strconv.Itoa(len(attr.Files))}, argv...)
	pid, err = syscall.ForkExec(self, argv, &with)
	failure.Close()
	if err != nil {
		return 0, err
	}
	var errno uint32
	if err := binary.Read(failed, binary.NativeEndian, &errno); errors.Is(err, io.EOF) {
		return pid, nil // it is the program by now
	} else if err != nil {
		return 0, err
	}
	_, _ = unix.Wait4(pid, nil, 0, nil)
	return 0, syscall.Errno(errno)
}

// activate has this process become a program: args are a descriptor for the error
// that keeps it from doing so, and the program's arguments, its path first.
func activate(args []string) {
	fd, err := strconv.Atoi(args[0])
	if err != nil || len(args) < 2 {
		os.Exit(1) // not started by a supervisor
	}
	unix.CloseOnExec(fd)
	env := append(os.Environ(), fmt.Sprintf("%s=%d", listenPid, os.Getpid()))
	var errno syscall.Errno
	errors.As(syscall.Exec(args[1], args[1:], env), &errno)
	_ = binary.Write(os.NewFile(uintptr(fd), "failure"), binary.NativeEndian, uint32(errno))
	os.Exit(1)
}
