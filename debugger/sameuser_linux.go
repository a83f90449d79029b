package debugger

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// sameUser reports whether the other end of a connection on this machine belongs to this
// user. Every user of the machine can reach a port of the loopback, and a debugger can do
// whatever the program's user can.
func sameUser(conn net.Conn) bool {
	theirs, ours := conn.RemoteAddr().(*net.TCPAddr), conn.LocalAddr().(*net.TCPAddr)
	for range attempts { // an entry may be missed while the table changes
		for _, table := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
			if uid, ok := owner(table, hex(theirs), hex(ours)); ok {
				return uid == os.Getuid()
			}
		}
	}
	return false
}

// owner returns the user of the socket with these addresses, written as in the table. In
// the table for IPv6, an IPv4 address is the end of the address.
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
