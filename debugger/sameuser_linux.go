package debugger

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// sameUser reports whether the other end of a connection on this machine is this user's.
// Who can debug a program can do whatever its user can, and a port of the loopback is
// open to every user of the machine.
func sameUser(conn net.Conn) bool {
	theirs, ours := conn.RemoteAddr().(*net.TCPAddr), conn.LocalAddr().(*net.TCPAddr)
	for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		if uid, ok := owner(table, hex(theirs), hex(ours)); ok {
			return uid == os.Getuid()
		}
	}
	return false
}

// owner is the user of the socket with this local and this remote address, as the table
// writes them; in that of IPv6, an address of IPv4 is its end.
func owner(table, local, remote string) (uid int, ok bool) {
	f, err := os.Open(table)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) > 7 && strings.HasSuffix(words[1], local) && strings.HasSuffix(words[2], remote) {
			uid, err := strconv.Atoi(words[7])
			return uid, err == nil
		}
	}
	return 0, false
}

func hex(a *net.TCPAddr) string {
	b := a.IP.To4()
	if b == nil {
		return "?" // hotdev listens on IPv4
	}
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", b[3], b[2], b[1], b[0], a.Port)
}
