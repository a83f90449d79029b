package runner

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// listening are the TCP sockets that listen in a process's network namespace, by
// what a descriptor of one links to.
//
// The kernel is asked for those alone (sock_diag(7)), which costs some 50 µs. To
// read them from /proc/PID/net makes it walk its table of connections too, which
// takes milliseconds on a large machine however few there are; so that is only
// the way where it cannot be asked, or the process has another namespace.
func listening(pid int) map[string]netip.AddrPort {
	own, err := os.Readlink("/proc/self/ns/net")
	theirs, err2 := os.Readlink("/proc/" + strconv.Itoa(pid) + "/ns/net")
	if err == nil && err2 == nil && own == theirs {
		if sockets, err := diagnose(); err == nil {
			return sockets
		}
	}
	return tabulated(pid)
}

// The parts of linux/inet_diag.h that are needed.
const (
	diagRequestSize = 56 // struct inet_diag_req_v2
	diagAnswerSize  = 72 // struct inet_diag_msg
	diagPort        = 4  // of the answer's fields
	diagAddr        = 8
	diagInode       = 68
	listenState     = 10 // TCP_LISTEN
)

// diagPatience is how long the kernel may take, which never waits for anything.
const diagPatience = 1 // second

// diagnose asks the kernel for the sockets that listen in this process's network
// namespace.
func diagnose() (map[string]netip.AddrPort, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: diagPatience}); err != nil {
		return nil, err
	}
	sockets := map[string]netip.AddrPort{}
	buf := make([]byte, 32<<10)
	for _, family := range []byte{unix.AF_INET, unix.AF_INET6} {
		req := make([]byte, unix.SizeofNlMsghdr+diagRequestSize)
		native := binary.NativeEndian
		native.PutUint32(req, uint32(len(req)))
		native.PutUint16(req[4:], unix.SOCK_DIAG_BY_FAMILY)
		native.PutUint16(req[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
		req[unix.SizeofNlMsghdr], req[unix.SizeofNlMsghdr+1] = family, unix.IPPROTO_TCP
		native.PutUint32(req[unix.SizeofNlMsghdr+4:], 1<<listenState)
		if err := unix.Sendto(fd, req, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
			return nil, err
		}
		for done := false; !done; {
			n, _, err := unix.Recvfrom(fd, buf, 0)
			if errors.Is(err, unix.EINTR) {
				continue
			}
			if err != nil {
				return nil, err
			}
			messages, err := syscall.ParseNetlinkMessage(buf[:n])
			if err != nil {
				return nil, err
			}
			for _, m := range messages {
				switch m.Header.Type {
				case unix.NLMSG_DONE:
					done = true
				case unix.NLMSG_ERROR:
					return nil, fmt.Errorf("sock_diag: family %d is refused", family)
				case unix.SOCK_DIAG_BY_FAMILY:
					if len(m.Data) < diagAnswerSize {
						return nil, errors.New("sock_diag: a short answer")
					}
					addr := netip.AddrFrom4([4]byte(m.Data[diagAddr:]))
					if family == unix.AF_INET6 {
						addr = netip.AddrFrom16([16]byte(m.Data[diagAddr:]))
					}
					inode := native.Uint32(m.Data[diagInode:])
					sockets[fmt.Sprintf("socket:[%d]", inode)] = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(m.Data[diagPort:]))
				}
			}
		}
	}
	return sockets, nil
}
