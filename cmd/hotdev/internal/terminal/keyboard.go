// Package terminal connects hotdev to the user's machine: it finds the keyboard, and
// connects the screen to the editor, the pager, files and the remembered layout.
package terminal

import (
	"errors"
	"io"
	"os"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// A Terminal is the streams and the environment that hotdev was started with.
type Terminal struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Screen         bool // it can show a screen, with keys from stdin
	NoColor        bool
	Suspender      *runner.Suspender
}

// Keyboard returns where the screen reads keys: stdin if that is the controlling
// terminal, else that terminal itself. If there can be no screen, why is the reason.
// The caller calls done when it needs no more keys.
func (t Terminal) Keyboard() (keys io.Reader, done func(), why string) {
	if t.Getenv("TERM") == "dumb" {
		return nil, nil, "TERM is dumb"
	}
	if in, ok := t.Stdin.(*os.File); ok && tui.IsTerminal(in) && runner.InFront(in) {
		return in, func() {}, ""
	}
	tty, err := tui.OpenKeyboard()
	if err != nil {
		return nil, nil, "there is no terminal to read keys from"
	}
	if !runner.InFront(tty) {
		tty.Close()
		return nil, nil, "hotdev is in the background of its terminal (after fg, ctrl-C ends it)"
	}
	return tty, func() { tty.Close() }, ""
}

// TakeScreen prepares the terminal for a screen, if stdout is one. Without a keyboard
// there is no screen, and why is the reason. The caller calls release when the screen
// has ended.
func (t *Terminal) TakeScreen() (release func(), why string) {
	if !tui.IsTerminal(t.Stdout) {
		return func() {}, ""
	}
	keys, done, why := t.Keyboard()
	if why != "" {
		return func() {}, why
	}
	t.Screen, t.Stdin, t.Suspender = true, keys, runner.NewSuspender()
	return func() {
		t.Suspender.Close()
		done()
	}, ""
}

// CheckKeys lets the screen check the keys of a configuration. It returns the action
// whose keys are invalid, and why.
func CheckKeys(keys map[string][]string) (action, why string) {
	var wrong *tui.KeyError
	if errors.As(tui.CheckKeys(keys), &wrong) {
		return wrong.Action, wrong.Message
	}
	return "", ""
}
