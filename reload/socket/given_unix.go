//go:build unix

package socket

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// sockets are those that the program was given.
var sockets = sync.OnceValues(take)

// taken are descriptors of TCP sockets, and where they listen. No file and no listener
// is kept of one: a socket that nobody asked for is not waited for.
type taken struct {
	fds   []int
	addrs []net.Addr
}

// given is the listener of one of them; nil if there is none for the address.
func given(network, address string) (net.Listener, error) {
	all, err := sockets()
	if err != nil || len(all.fds) == 0 {
		return nil, err
	}
	i, err := choose(network, address, all.addrs)
	if err != nil || i < 0 {
		return nil, err
	}
	syscall.ForkLock.RLock()
	fd, err := syscall.Dup(all.fds[i])
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, fmt.Errorf("listen %s %s: %w", network, address, os.NewSyscallError("dup", err))
	}
	file := os.NewFile(uintptr(fd), address)
	defer file.Close() // the listener has a descriptor of its own
	return net.FileListener(file)
}

// take takes the sockets that the environment describes. LISTEN_PID is the process that
// they are for, because a program's children inherit the variables. hotdev leaves it out
// where the program runs in a wrapper, whose process ID would be of no use.
func take() (t taken, err error) {
	pid, hasPid := os.LookupEnv("LISTEN_PID")
	_, underHotdev := os.LookupEnv("HOTDEV_SUPERVISOR")
	count, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || count < 1 || hasPid && pid != strconv.Itoa(os.Getpid()) || !hasPid && !underHotdev {
		return t, nil
	}
	for _, name := range []string{"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"} {
		os.Unsetenv(name)
	}
	const first = 3
	for fd := first; fd < first+count; fd++ {
		syscall.CloseOnExec(fd)
		name, err := syscall.Getsockname(fd)
		if err != nil {
			return taken{}, fmt.Errorf("LISTEN_FDS is %d, but descriptor %d is no socket: %w", count, fd, err)
		}
		addr, ok := tcpAddr(name)
		if kind, err := syscall.GetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_TYPE); err != nil || !ok || kind != syscall.SOCK_STREAM {
			continue // of another kind, which Listen does not serve
		}
		t.fds, t.addrs = append(t.fds, fd), append(t.addrs, addr)
	}
	return t, nil
}

func tcpAddr(name syscall.Sockaddr) (*net.TCPAddr, bool) {
	switch name := name.(type) {
	case *syscall.SockaddrInet4:
		return &net.TCPAddr{IP: name.Addr[:], Port: name.Port}, true
	case *syscall.SockaddrInet6:
		return &net.TCPAddr{IP: name.Addr[:], Port: name.Port}, true
	}
	return nil, false
}
