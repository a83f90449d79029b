package patience

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// below examines all processes below this one.
func below() view {
	children, ok := childrenOf(strconv.Itoa(os.Getpid()))
	if !ok {
		return view{all: "what the processes do cannot be seen"}
	}
	v := view{able: true}
	var all []string
	for len(children) > 0 {
		child := children[0]
		more, _ := childrenOf(child) // the process may have ended meanwhile
		children = append(children[1:], more...)
		name, states := threads(child)
		if states == "" {
			continue
		}
		// R is running or waiting for a processor, D is waiting for a disk.
		v.busy = v.busy || strings.ContainsAny(states, "RD")
		all = append(all, fmt.Sprintf("%s (%s, threads %s)", child, name, states))
	}
	v.all = "the test has started: " + strings.Join(all, ", ")
	if len(all) == 0 {
		v.all = "no process that the test has started is alive"
	}
	return v
}

// childrenOf returns the children of a process. ok is false if the kernel does not list
// children.
func childrenOf(pid string) (pids []string, ok bool) {
	files, _ := filepath.Glob("/proc/" + pid + "/task/*/children")
	for _, file := range files {
		text, err := os.ReadFile(file)
		ok = ok || err == nil // a thread that has just ended has no list
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids, ok
}

// threads returns the name of a process and the states of its threads, a letter each;
// nothing if it has ended.
func threads(pid string) (name, states string) {
	files, _ := filepath.Glob("/proc/" + pid + "/task/*/stat")
	for _, file := range files {
		text, _ := os.ReadFile(file)
		// 123 (a name) S …
		open, end := bytes.IndexByte(text, '('), bytes.LastIndex(text, []byte(") "))
		if open < 0 || end < open {
			continue
		}
		name, states = string(text[open+1:end]), states+string(text[end+2:end+3])
	}
	return name, states
}
