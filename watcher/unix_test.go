//go:build unix

package watcher

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is no file is not opened: a pipe would block.
func TestPipesAndFoldersAreNoFiles(t *testing.T) {
	p := newProbe(t, realSystem{})
	p.mkdir("w/dir.go")
	p.ok(syscall.Mkfifo(p.path("w/pipe.go"), 0o644))
	if st := p.watch(p.rules("w", "*.go")); st.Files != 0 {
		t.Errorf("%+v", st)
	}
	p.write("w/x.go", "1")
	p.only("w/x.go")
	p.ok(syscall.Mkfifo(p.path("w/another.go"), 0o644))
	p.remove("w/x.go")
	p.ok(syscall.Mkfifo(p.path("w/x.go"), 0o644))
	p.only("w/x.go")
}

// Without permission a file, and all files of a folder, stay as they were; when
// permission is back their news are told.
func TestForbidden(t *testing.T) {
	if os.Getuid() == 0 {
		asNobody(t)
		return
	}
	p := newProbe(t, realSystem{})
	p.mkdir("w/a/b")
	p.write("w/a/x.go", "1")
	p.write("w/a/b/y.go", "1")
	s := p.rules("w", "**/*.go")
	s.PollInterval = time.Millisecond
	p.watch(s)

	p.write("w/a/x.go", "2")
	p.only("w/a/x.go")
	p.ok(os.Chmod(p.path("w/a/x.go"), 0))
	p.nothing("w/one.go")
	waitFor(t, func() bool { return p.inspect(func(tr *tree) bool { return len(tr.blocked) == 1 }) })
	p.ok(os.Chmod(p.path("w/a/x.go"), 0o644))
	p.nothing("w/two.go")

	p.ok(os.Chmod(p.path("w/a"), 0))
	p.nothing("w/three.go")
	p.ok(os.Chmod(p.path("w/a"), 0o755))
	p.write("w/a/x.go", "3")
	p.write("w/a/b/y.go", "3")
	p.settledIn([]string{"w/a/x.go", "w/a/b/y.go"})

	// A folder that can be entered, but not read.
	p.ok(os.Chmod(p.path("w/a"), 0o300))
	p.write("w/a/new.go", "1")
	p.nothing("w/five.go")
	p.ok(os.Chmod(p.path("w/a"), 0o755))
	p.settledIn([]string{"w/a/new.go"})

	// Nobody tells when what a link leads to can be read again, because a folder
	// that is far up the way can.
	p.mkdir("far/away/sub")
	p.write("far/away/sub/z.go", "1")
	p.link("../far/away/sub", "w/l")              // a folder
	p.link("../../far/away/sub/z.go", "w/a/l.go") // a file
	p.settledIn([]string{"w/l/z.go", "w/a/l.go"})
	f, err := os.OpenFile(p.path("far/away/sub/z.go"), os.O_WRONLY|os.O_APPEND, 0)
	p.ok(err)
	defer f.Close()
	p.ok(os.Chmod(p.path("far"), 0))
	_, err = f.WriteString("2")
	p.ok(err)
	p.nothing("w/four.go")
	if !p.inspect(func(tr *tree) bool { return len(tr.retry) > 0 && len(tr.blocked) > 0 }) {
		t.Error("found what cannot be found")
	}
	p.ok(os.Chmod(p.path("far"), 0o755))
	p.settledIn([]string{"w/l/z.go", "w/a/l.go"})
	waitFor(t, func() bool { return p.inspect(func(tr *tree) bool { return !tr.polls() }) })
}

// A file that could not be read is tried again although no event says so.
func TestForbiddenFileIsPolled(t *testing.T) {
	if os.Getuid() == 0 {
		asNobody(t)
		return
	}
	s := newStepper(t)
	s.tree.sys = &faulty{mute: newMute()}
	s.mkdir("w")
	s.write("w/x.go", "1")
	s.watch(s.rules("w", "*.go"))
	s.write("w/x.go", "2")
	s.ok(os.Chmod(s.path("w/x.go"), 0))
	if paths, err := s.Settle(t.Context()); err != nil || len(paths) > 0 || !s.tree.polls() {
		t.Errorf("unreadable: settled %v, %v; polls %v", paths, err, s.tree.polls())
	}
	if s.tree.poll(t.Context()) {
		t.Error("news of a file that cannot be read")
	}
	s.ok(os.Chmod(s.path("w/x.go"), 0o644))
	if !s.tree.poll(t.Context()) {
		t.Error("no news of a file that can be read again")
	}
	if b, ok := s.tree.look(t.Context(), 0); !ok || len(b.Paths) != 1 || s.tree.polls() {
		t.Errorf("readable: %+v, settled %v; polls %v", b, ok, s.tree.polls())
	}
}

// asNobody runs the test in a process to which permissions apply.
func asNobody(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "watcher-test-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	exe := filepath.Join(dir, "test")
	for _, err := range []error{os.Chmod(dir, 0o777), copyFile(exe, "/proc/self/exe")} {
		if err != nil {
			t.Skip(err)
		}
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=2m")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Skip(err)
	}
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
