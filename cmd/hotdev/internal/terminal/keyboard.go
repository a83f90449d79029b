// Package terminal is where hotdev talks to the user: it finds the keyboard, and
// connects the screen to the editor, the pager, files and the remembered layout.
package terminal

import (
	"errors"
	"io"
	"os"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// A Terminal is what hotdev was started with.
type Terminal struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Screen         bool // it can show one, whose keys come from stdin
	NoColor        bool
	Suspender      *runner.Suspender
}

// Keyboard finds where the screen's keys come from: the standard input if that is
// the controlling terminal, else that terminal itself. If there can be no screen,
// why says so in words. The caller calls done when no key is wanted any more.
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

// TakeScreen prepares the terminal for a screen, if stdout is one; without a keyboard
// there is no screen either, and why says so in words. The caller calls release when
// the screen has ended.
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

// CheckKeys has the screen look at the keys of a configuration: it returns the action
// whose keys are no good, and why.
func CheckKeys(keys map[string][]string) (action, why string) {
	var wrong *tui.KeyError
	if errors.As(tui.CheckKeys(keys), &wrong) {
		return wrong.Action, wrong.Message
	}
	return "", ""
}
