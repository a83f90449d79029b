package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/hotdev/hotdev/builder"
)

// TestPrivate: what hotdev makes is its user's alone, whatever the umask; it
// leaves nothing in the folder for temporary files that all users share; and
// neither it nor its supervisor has a socket that anybody else could reach. Nothing
// that the configuration says meets a shell.
func TestPrivate(t *testing.T) {
	dir, cache, shared := t.TempDir(), t.TempDir(), t.TempDir()
	const trap = "$(touch owned); touch owned `touch owned` | touch owned"
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/app\n\ngo 1.24\n")
	write("main.go", "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\nfunc main() {\n\tfmt.Printf(\"args %q env %q\\n\", os.Args[1:], os.Getenv(\"TRAP\"))\n\ttime.Sleep(time.Hour)\n}\n")
	write(".air-like.toml", fmt.Sprintf("[build]\nbefore = [['cp', 'go.mod', 'copy %[1]s']]\n[run]\nargs = ['%[1]s']\nenv = { TRAP = '%[1]s' }\n", trap))

	old := syscall.Umask(0)
	h := &hot{}
	h.launch(t, dir, append(os.Environ(), "GOCACHE="+goCache(t), "XDG_CACHE_HOME="+cache, "TMPDIR="+shared, "GOFLAGS=", "GOPROXY=off"), nil)
	syscall.Umask(old)
	t.Cleanup(h.kill)
	h.wait(t, "wrote", "~args [")
	h.wait(t, "started")
	if _, able := builder.CanPatch(); able {
		h.wait(t, "patchable") // the trial of live code is over
	}
	write("more.go", "package main\n\nvar _ = 1\n") // a plan for the fast path, or not yet
	h.wait(t, "cycle", "gen=2")

	if h.matching("wrote", "~"+trap) == 0 {
		t.Errorf("the program did not get its arguments as they are: %v", h.lines)
	}
	if _, err := os.Stat(filepath.Join(dir, "copy "+trap)); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "owned")); err == nil {
		t.Error("a shell saw the configuration")
	}

	home := filepath.Join(cache, "hotdev")
	count := 0
	err := filepath.WalkDir(home, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // gone meanwhile
		}
		st, err := d.Info()
		if err != nil {
			return nil
		}
		count++
		// Folders keep others out; a file in one may have what the linker gave it.
		if st.IsDir() && st.Mode().Perm()&0o077 != 0 || strings.HasSuffix(path, ".lock") && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is %v", path, st.Mode())
		}
		return nil
	})
	if err != nil || count < 4 {
		t.Errorf("%d files in %s: %v", count, home, err)
	}
	if left, err := os.ReadDir(shared); err != nil || len(left) > 0 {
		t.Errorf("in the shared folder: %v, %v", left, err)
	}

	pids := tree(h.cmd.Process.Pid)
	if len(pids) < 3 {
		t.Fatalf("hotdev, its supervisor and the program are %v", pids)
	}
	for _, pid := range pids {
		for _, inode := range sockets(pid) {
			for _, table := range []string{"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "unix"} {
				text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
				if err != nil {
					continue
				}
				for line := range strings.Lines(string(text)) {
					fields := strings.Fields(line)
					switch {
					case !slices.Contains(fields, inode):
					case table != "unix":
						t.Errorf("process %d has a socket of %s: %s", pid, table, line)
					case fields[len(fields)-1] == inode: // it has no name
					case isPrivate(fields[len(fields)-1], home): // hotdev ctl's
					default:
						t.Errorf("process %d has a socket with a name: %s", pid, line)
					}
				}
			}
		}
	}
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	h.end(t, 0)
	if left, err := os.ReadDir(shared); err != nil || len(left) > 0 {
		t.Errorf("left in the shared folder: %v, %v", left, err)
	}
}

// isPrivate reports whether a socket lies in a folder of hotdev's and is its user's.
func isPrivate(path, home string) bool {
	st, err := os.Stat(path)
	return err == nil && strings.HasPrefix(path, home+"/") && st.Mode() == fs.ModeSocket|0o600
}

// tree is a process and all below it.
func tree(pid int) []int {
	all := []int{pid}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range tasks {
		text, _ := os.ReadFile(file)
		for _, f := range strings.Fields(string(text)) {
			var child int
			if _, err := fmt.Sscan(f, &child); err == nil {
				all = append(all, tree(child)...)
			}
		}
	}
	return all
}

// sockets are the inodes of a process's.
func sockets(pid int) (inodes []string) {
	fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, fd := range fds {
		to, _ := os.Readlink(fd)
		if inode, ok := strings.CutPrefix(to, "socket:["); ok {
			inodes = append(inodes, strings.TrimSuffix(inode, "]"))
		}
	}
	return inodes
}
