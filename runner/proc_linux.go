package runner

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A process is a line of /proc/*/stat.
type process struct {
	pid, parent, group, session int
	name                        string
	state                       byte
	ticks                       uint64 // of processor time, 100 a second
	start                       uint64 // in ticks since boot; with pid, an identity
	pages                       uint64 // resident
}

// processes are all there are. Those that come and go while it reads may be
// missing or twice.
func processes() []process {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	names, _ := dir.Readdirnames(-1)
	dir.Close()
	all := make([]process, 0, len(names))
	buf := make([]byte, 1024)
	for _, name := range names {
		if name[0] >= '1' && name[0] <= '9' {
			if p, ok := readProcess(name, buf); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// readProcess reads /proc/name/stat by means of buf.
func readProcess(name string, buf []byte) (p process, ok bool) {
	fd, err := unix.Open("/proc/"+name+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return p, false
	}
	n, err := unix.Read(fd, buf)
	unix.Close(fd)
	if err != nil || n <= 0 {
		return p, false
	}
	return parseProcess(buf[:n])
}

// parseProcess reads "pid (name) state ppid pgrp session …", where name may
// hold anything.
func parseProcess(line []byte) (p process, ok bool) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return p, false
	}
	p.pid, _ = strconv.Atoi(string(line[:open-1]))
	p.name = string(line[open+1 : end])
	fields := bytes.Fields(line[end+1:])
	// Numbered as in proc(5), whose third field is the first here.
	field := func(i int) []byte { return fields[i-3] }
	if len(fields) < 24-2 || len(field(3)) != 1 {
		return p, false
	}
	number := func(i int) uint64 {
		n, _ := strconv.ParseUint(string(field(i)), 10, 64)
		return n
	}
	p.state = field(3)[0]
	p.parent, p.group, p.session = int(number(4)), int(number(5)), int(number(6))
	p.ticks = number(14) + number(15)
	p.start = number(22)
	p.pages = number(24)
	return p, p.pid > 0
}

// below gives the processes of all for which root holds, and their descendants.
func below(all []process, root func(process) bool) []process {
	byPid := make(map[int]process, len(all))
	for _, p := range all {
		byPid[p.pid] = p
	}
	// A parent that is missing died during the walk; its child has a new one.
	buf := make([]byte, 1024)
	for _, p := range all {
		if _, ok := byPid[p.parent]; !ok && p.parent != 0 {
			if q, ok := readProcess(strconv.Itoa(p.pid), buf); ok {
				byPid[p.pid] = q
			} else {
				delete(byPid, p.pid)
			}
		}
	}
	children := make(map[int][]int, len(byPid))
	var found []process
	seen := map[int]bool{}
	var walk func(pid int)
	walk = func(pid int) {
		if seen[pid] {
			return
		}
		seen[pid] = true
		found = append(found, byPid[pid])
		for _, c := range children[pid] {
			walk(c)
		}
	}
	for pid, p := range byPid {
		children[p.parent] = append(children[p.parent], pid)
	}
	for pid, p := range byPid {
		if root(p) {
			walk(pid)
		}
	}
	return found
}
