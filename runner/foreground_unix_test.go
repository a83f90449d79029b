//go:build unix

package runner

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// front reports whether this process is in the terminal's foreground group.
func front() bool {
	group, err := unix.IoctlGetInt(0, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// edit is what an editor may do to the one who started it.
func edit() {
	fmt.Println("editor in front:", front(), "alone:", unix.Getpgrp() == os.Getpid())
	syscall.Kill(0, syscall.SIGTSTP) // ctrl-Z
	fmt.Println("continued")
	syscall.Kill(0, syscall.SIGINT) // ctrl-C
	wait()
}

func runEditor() {
	cmd := Foreground("", nil, os.Args[0], "play", "edit")
	cmd.SetStdin(os.Stdin)
	cmd.SetStdout(os.Stdout)
	cmd.SetStderr(os.Stderr)
	fmt.Println(cmd.Run())
	fmt.Println("in front again:", front())
}

func TestForeground(t *testing.T) {
	p, tr := run(t, Spec{TTY: true}, "run editor")
	ends(t, p, Exit{})
	want := `editor in front: true alone: true
continued
signal: interrupt
in front again: true
`
	if got := strings.ReplaceAll(tr.String(), "stdout: ", ""); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestForegroundWithoutTerminal(t *testing.T) {
	dir := t.TempDir()
	var out, errs bytes.Buffer
	cmd := Foreground(dir, []string{"A=1"}, "/bin/sh", "-c", "cat; echo $A; pwd -P >&2; exit 3")
	cmd.SetStdin(strings.NewReader("in\n"))
	cmd.SetStdout(&out)
	cmd.SetStderr(&errs)
	if err := cmd.Run(); err == nil || err.Error() != "exit status 3" {
		t.Error(err)
	}
	if out.String() != "in\n1\n" || !strings.HasSuffix(strings.TrimSpace(errs.String()), dir) {
		t.Errorf("%q %q", &out, &errs)
	}
	if err := Foreground("", nil, "/no/such/editor").Run(); err == nil {
		t.Error("ran")
	}
}
