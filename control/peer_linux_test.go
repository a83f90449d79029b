package control

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Another user is refused, even where folder and socket let him in.
func TestOtherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can be somebody else")
	}
	folder, err := os.MkdirTemp("", "hotdev-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	s := serve(t, folder, Place{})
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, socketName)
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	answer := make(chan string)
	go func() {
		// Only this thread becomes somebody else, and it ends with the goroutine.
		runtime.LockOSThread()
		answer <- askAs(65534, path, `{"verb":"status"}`+"\n")
	}()
	if got := <-answer; !strings.Contains(got, `"code":2,"text":"this hotdev is user 0's, and user 65534 may not ask it`) || strings.Contains(got, "4242") {
		t.Error(got)
	}
	s.end()
}

func askAs(user uintptr, path, request string) string {
	const keep = ^uintptr(0)
	if _, _, err := unix.RawSyscall(unix.SYS_SETRESUID, keep, user, keep); err != 0 {
		return err.Error()
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err.Error()
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		return err.Error()
	}
	_, _ = unix.Write(fd, []byte(request)) // it may have been refused already
	var text [4096]byte
	n, err := unix.Read(fd, text[:])
	if err != nil {
		return err.Error()
	}
	return string(text[:n])
}
