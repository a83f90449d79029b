package builder

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/hotdev/hotdev/internal/patience"
	"golang.org/x/sys/unix"
)

// hotdev is killed in the middle of a build: the go command and all that it
// started go with it, and the next build sweeps what they left.
func TestKilledWithBuild(t *testing.T) {
	dir := testModule(t, hello)
	writeFile(t, filepath.Join(dir, "fresh.go"), "package main\n"+fresh())
	req, l := request(t, dir), newLine(t)
	hotdev := exec.Command(self(t), dir, req.Output, "-toolexec", self(t))
	hotdev.Env = goEnviron("HOTDEV_ROLE=hotdev", l.env())
	if err := hotdev.Start(); err != nil {
		t.Fatal(err)
	}
	// The one whose parent is the go command is the tool; the other its child.
	tool, child := l.accept(), l.accept()
	if tool.who == "child" {
		tool, child = child, tool
	}
	if left := leftovers(t, filepath.Dir(req.Output)); len(left) == 0 {
		t.Fatal("the build works somewhere else; the test proves nothing")
	}
	if err := hotdev.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = hotdev.Wait()
	waitGone(t, tool.ppid)
	l.ends(tool)
	l.ends(child)

	b := New()
	b.Discard(mustBuild(t, b, req).Artifact)
	if left := leftovers(t, filepath.Dir(req.Output)); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// waitGone waits until a process is dead, reaped or not.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Skip("pidfd_open: ", err)
	}
	defer unix.Close(fd)
	if err := patience.Until(func() bool {
		n, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n == 1
	}); err != nil {
		t.Fatalf("process %d is alive: %v", pid, err)
	}
}
