package runner

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Holder is the process that listens on a port.
type Holder struct {
	Pid int
	// Start distinguishes it from a later process with the same pid.
	Start uint64
	// Command is its command line, cut.
	Command string
	// Leftover: it was started by a program under a hotdev that is gone.
	Leftover bool
}

// FindHolder finds the process that listens on the port of addr (":8080",
// "127.0.0.1:8080"), as far as this user may see it.
func FindHolder(addr string) (Holder, bool) {
	want := portNumber(addr)
	if want == 0 {
		return Holder{}, false
	}
	pids := []int{os.Getpid()} // of the namespace that hotdev is in, where its programs are too
	all := map[int]process{}
	for _, p := range processes() {
		pids = append(pids, p.pid)
		all[p.pid] = p
	}
	for _, port := range ports(pids, nil) {
		if portNumber(port.Addr) == want {
			return Holder{Pid: port.Pid, Start: all[port.Pid].start, Command: commandLine(port.Pid), Leftover: leftover(port.Pid)}, true
		}
	}
	return Holder{}, false
}

func portNumber(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.Atoi(port)
	return n
}

func commandLine(pid int) string {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	const most = 200
	line := strings.TrimSpace(string(bytes.ReplaceAll(text, []byte{0}, []byte{' '})))
	return strings.ToValidUTF8(line[:min(len(line), most)], "")
}

// leftover reports whether a process descends from a program of a supervisor that
// is gone; a variable in its environment names the supervisor.
func leftover(pid int) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for _, e := range bytes.Split(env, []byte{0}) {
		number, ok := bytes.CutPrefix(e, []byte(supervisorVariable+"="))
		if !ok {
			continue
		}
		supervisor, err := strconv.Atoi(string(number))
		if err != nil {
			return false
		}
		q, alive := readProcess(strconv.Itoa(supervisor), make([]byte, 1024))
		return !alive || q.name != supervisorName
	}
	return false
}

// eviction is how long a leftover may take to end by itself.
const eviction = 2 * time.Second

// Evict ends a leftover: SIGTERM, then SIGKILL. It blocks for at most about
// three seconds, and does nothing to any other process.
func Evict(h Holder) bool {
	gone := func() bool {
		p, ok := readProcess(strconv.Itoa(h.Pid), make([]byte, 1024))
		return !ok || p.start != h.Start || p.state == 'Z'
	}
	if !gone() && !leftover(h.Pid) {
		return false
	}
	for _, step := range []struct {
		signal unix.Signal
		wait   time.Duration
	}{{unix.SIGTERM, eviction}, {unix.SIGKILL, time.Second}} {
		if gone() {
			return true
		}
		_ = unix.Kill(h.Pid, step.signal)
		for end := time.Now().Add(step.wait); time.Now().Before(end) && !gone(); {
			time.Sleep(huntMax)
		}
	}
	return gone()
}
