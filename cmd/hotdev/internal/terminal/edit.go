package terminal

import (
	"errors"
	"os"

	"github.com/hotdev/hotdev/config"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// Edit opens a place in the user's editor, and lets it have the terminal until it ends.
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

// EditInWindow opens a place in the user's editor, if that has a window of its own, and
// waits for its command. It is for places that are not chosen on the terminal, which
// the screen is using.
func (t Terminal) EditInWindow(dir string, screen config.Screen, file string, line, column int) error {
	command, needsTerminal, err := t.ScreenOptions(dir, screen, nil).Open(file, line, column)
	switch {
	case err != nil:
		return err
	case needsTerminal:
		return errors.New("your editor runs in a terminal: press enter at this place on hotdev's screen")
	}
	return command.Run()
}
