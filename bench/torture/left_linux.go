package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/procfs"
)

// alive returns the processes that inherited a hotdev's token.
func alive(token string) (pids []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		env, err := os.ReadFile(d + "/environ")
		if err != nil || !bytes.Contains(env, []byte(mark+"="+token)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(d)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// nothingLeft waits until all processes of an ended hotdev are gone. It allows them a
// second, counted in looks: on a busy processor a look takes longer, and so does the
// end of a process.
func (a *arena) nothingLeft(l *loop) error {
	const between, looks = 5 * time.Millisecond, 200
	for range looks {
		if len(alive(l.token)) == 0 {
			return nil
		}
		time.Sleep(between)
	}
	if pids := alive(l.token); len(pids) > 0 {
		return fmt.Errorf("alive %v after hotdev's end: %s", looks*between, describe(pids))
	}
	return nil
}

func describe(pids []int) string {
	var all []string
	for _, pid := range pids {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		all = append(all, fmt.Sprintf("%d %q", pid, bytes.ReplaceAll(text, []byte{0}, []byte{' '})))
	}
	return strings.Join(all, ", ")
}

// A footprint is the system resources of a process.
type footprint struct{ rss, descriptors, goroutines, threads, children, watches int }

// footprintOf reads it; what cannot be read is 0.
func footprintOf(pid int) (f footprint) {
	f.rss, f.threads = procfs.Status(pid, "VmRSS")<<10, procfs.Status(pid, "Threads")
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	f.descriptors = len(fds)
	infos, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fdinfo/*", pid))
	for _, i := range infos {
		text, _ := os.ReadFile(i)
		f.watches += strings.Count(string(text), "inotify wd:")
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		text, _ := os.ReadFile(t)
		f.children += len(strings.Fields(string(text)))
	}
	return f
}
