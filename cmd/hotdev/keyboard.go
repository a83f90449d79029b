package main

import (
	"io"
	"os"

	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// keyboard finds where the screen's keys come from: the standard input if that is
// the controlling terminal, else that terminal itself. If there can be no screen,
// why says so in words. The caller calls done when no key is wanted any more.
func (t terminal) keyboard() (keys io.Reader, done func(), why string) {
	if t.getenv("TERM") == "dumb" {
		return nil, nil, "TERM is dumb"
	}
	if in, ok := t.stdin.(*os.File); ok && tui.IsTerminal(in) && runner.InFront(in) {
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
