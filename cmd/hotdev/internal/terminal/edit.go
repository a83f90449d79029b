package terminal

import (
	"os"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// Edit opens a place in the user's editor, which has the terminal until it ends.
// editor is the configured one, or empty.
func (t Terminal) Edit(dir, editor, file string, line, column int) error {
	argv, _, err := tui.Editor(editor, t.Getenv, file, line, column)
	if err != nil {
		return err
	}
	cmd := runner.Foreground(dir, os.Environ(), argv...)
	cmd.SetStdin(t.Stdin)
	cmd.SetStdout(t.Stdout)
	cmd.SetStderr(t.Stderr)
	return cmd.Run()
}
