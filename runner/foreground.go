package runner

import (
	"io"
	"os/exec"
)

// A Command takes over the terminal while it runs.
type Command struct{ cmd *exec.Cmd }

// Foreground makes a command that takes over the terminal, such as an editor.
// argv is not empty; its first word is looked up in PATH. A nil env is the
// process's own.
func Foreground(dir string, env []string, argv ...string) *Command {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = dir, env
	return &Command{cmd}
}

// SetStdin connects the command's input: the terminal that it takes over. What
// is not connected is the null device.
func (c *Command) SetStdin(r io.Reader) { c.cmd.Stdin = r }

// SetStdout connects the command's output.
func (c *Command) SetStdout(w io.Writer) { c.cmd.Stdout = w }

// SetStderr connects the command's error output.
func (c *Command) SetStderr(w io.Writer) { c.cmd.Stderr = w }
