package runner

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
)

// tabulated is listening as /proc tells it.
func tabulated(pid int) map[string]netip.AddrPort {
	sockets := map[string]netip.AddrPort{}
	for _, table := range []string{"tcp", "tcp6"} {
		data, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/net/" + table)
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) < 10 || f[3] != "0A" {
				continue
			}
			if a, ok := socketAddr(f[1]); ok {
				sockets["socket:["+f[9]+"]"] = a
			}
		}
	}
	return sockets
}

// ports are what processes of one network namespace listen on. A socket that
// several have belongs to the first of them. One that was given to them listens
// already; it counts once one of them waits for connections.
func ports(pids []int, given map[string]bool) []Port {
	if len(pids) == 0 {
		return nil
	}
	listening := listening(pids[0])
	var found []Port
	var numbers = map[string]uint16{}
	for _, pid := range pids {
		if len(listening) == 0 {
			break
		}
		dir := "/proc/" + strconv.Itoa(pid) + "/fd"
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			link, err := os.Readlink(dir + "/" + e.Name())
			a, ok := listening[link]
			if err != nil || !ok || given[link] && !polls(pid, link) {
				continue
			}
			delete(listening, link)
			found = append(found, Port{Addr: a.String(), Pid: pid})
			numbers[a.String()] = a.Port()
		}
	}
	slices.SortFunc(found, func(a, b Port) int {
		if n := int(numbers[a.Addr]) - int(numbers[b.Addr]); n != 0 {
			return n
		}
		return strings.Compare(a.Addr, b.Addr)
	})
	return found
}

// polls reports whether a process waits for a socket, which is named as its
// descriptors link to it: it is in an epoll(7) of the process. Where the kernel does
// not tell what is in one, it is taken to be.
func polls(pid int, socket string) bool {
	var inode uint64
	if _, err := fmt.Sscanf(socket, "socket:[%d]", &inode); err != nil {
		return false
	}
	want := fmt.Sprintf(" ino:%x ", inode)
	dir := "/proc/" + strconv.Itoa(pid)
	entries, _ := os.ReadDir(dir + "/fd")
	for _, e := range entries {
		if link, err := os.Readlink(dir + "/fd/" + e.Name()); err != nil || link != "anon_inode:[eventpoll]" {
			continue
		}
		info, err := os.ReadFile(dir + "/fdinfo/" + e.Name())
		if err != nil || strings.Contains(string(info), want) {
			return true
		}
	}
	return false
}

// socketAddr reads an address as /proc/net/tcp has it: words of the machine's
// byte order in hexadecimal, a colon, the port.
func socketAddr(s string) (netip.AddrPort, bool) {
	host, port, _ := strings.Cut(s, ":")
	n, err := strconv.ParseUint(port, 16, 16)
	b, err2 := hex.DecodeString(host)
	if err != nil || err2 != nil || len(b)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(b); i += 4 {
		binary.NativeEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
	}
	a, ok := netip.AddrFromSlice(b)
	return netip.AddrPortFrom(a, uint16(n)), ok
}
