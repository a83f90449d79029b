//go:build unix

package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

// startTyped starts hotdev on a module whose program is run by a command, with a
// terminal.
func startTyped(t *testing.T, wrapper string) *real {
	t.Helper()
	r := newReal(t)
	r.module()
	r.write(".air-like.toml", "[live]\nmode = \"off\"\n[run]\ntty = true\nwrapper = "+wrapper+"\n")
	r.start([]string{"COLORTERM="}, "hotdev")
	return r
}

// TestTyping: a program that draws in the pane is typed into, pasted into, clicked,
// resized, restarted and left.
func TestTyping(t *testing.T) {
	t.Parallel()
	r := startTyped(t, `["hotdev-sketch"]`)
	r.sees("main pid", "size 70x", "0 keys", "dark", "keys told apart true", "a sketch", "i type")
	r.keys("i")
	r.sees("keyboard and mouse: ", "0 keys", "ctrl+] back to hotdev")
	r.keys("q\x03")
	r.sees("2 keys, the last ctrl+c")
	r.keys("\x1b[1;5C")
	r.sees("3 keys, the last ctrl+right")
	r.keys("\x1b[200~two words\x1b[201~")
	r.sees("paste two words")
	x, y := r.at("main pid")
	r.click(x+7, y+9)
	r.sees("mouse 7,9")
	r.resize(60, 15)
	r.sees("size 56x")
	r.resize(100, 30)
	r.sees("size 70x")
	r.keys("\x1d")
	r.sees("R restart", "3 keys")
	r.keys("3z")
	r.sees("size 100x28")
	r.keys("z")
	r.sees("size 70x")
	r.click(x+7, y+9) // gives it
	r.sees("keyboard and mouse")
	r.keys("k")
	r.sees("4 keys, the last k")
	r.write("version.go", "package main\n\nvar Version = 2\n")
	r.sees("gen 2", "0 keys", "keyboard and mouse") // the next one begins anew, and has the keyboard
	r.keys("k")
	r.sees("1 keys")
	r.keys("Q")
	r.sees("sketch over", "the program is not running")
	r.keys("x\x1ds")
	r.sees("0 keys", "gen 2")
	r.keys("q")
	r.ends(exit.OK)
}

// TestShell: a shell as a process beside the program, and what is started there; hotdev
// is ended while an editor has the whole of the pane and the keyboard.
func TestShell(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.module()
	r.write("text", strings.Repeat("a line\n", 99)+"the end\n")
	r.write(".air-like.toml", "[live]\nmode = \"off\"\n[[process]]\nname = \"shell\"\ntty = true\ncmd = [\"sh\", \"-c\", \"echo main pid $$; PS1='$ ' exec sh -i\"]\n")
	r.start(nil, "hotdev")
	r.sees("hello 1", "4 Programs ── 2/2")
	r.keys("i")
	r.sees("nothing to type into")
	r.keys("]")
	r.sees("$ ", "i type")
	r.keys("i")
	r.sees("keyboard and mouse")
	r.keys("echo $((6*7)) $TERM\r")
	r.sees("42 xterm-256color")
	r.keys("cat\rtyped\r")
	r.until(func(s string) bool { return strings.Count(s, "typed") >= 2 }, "what cat has read")
	r.keys("\x03") // the program's, not hotdev's
	// Before cat has ended, it would read what is meant for the shell.
	r.until(func(s string) bool { return regexp.MustCompile(`(?s)\^C.*│ \$ `).MatchString(s) }, "the shell after ^C")
	r.keys("stty size\r")
	r.until(func(s string) bool { return regexp.MustCompile(`(?m)│ \d+ 70\s`).MatchString(s) }, "size")
	if _, err := exec.LookPath("less"); err == nil {
		r.keys("less text\r")
		r.sees("a line")
		r.until(func(s string) bool { return !strings.Contains(s, "xterm-256color") }, "less")
		r.keys("G")
		r.sees("the end")
		r.keys("q")
		r.sees("xterm-256color")
	}
	if _, err := exec.LookPath("vim"); err == nil {
		r.keys("vim -u NONE -N text\r")
		r.sees("a line", "100L")
		r.keys("ggOwritten in vim\x1b:w\r")
		r.sees("written in vim", "101L")
		r.resize(70, 20)
		r.sees("written in vim")
		if b, err := os.ReadFile(r.dir + "/text"); err != nil || !strings.HasPrefix(string(b), "written in vim\n") {
			t.Errorf("the file begins with %.40q, %v", b, err)
		}
	}
	r.cmd.Process.Signal(syscall.SIGTERM)
	r.ends(exit.OK)
}

const painter = `package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Print("\x1b[?1049h\x1b[HDrawn once, main pid ", os.Getpid(), " ")
	b := make([]byte, 1)
	for n := 0; ; n++ {
		draw(n)
		os.Stdin.Read(b)
	}
}
`

// TestPictureStays: new code goes into a program that draws, and finds its picture as
// it was.
func TestPictureStays(t *testing.T) {
	t.Parallel()
	if why, able := builder.CanPatch(); !able {
		t.Skip(why)
	}
	r := newReal(t)
	r.write(".air-like.toml", "run.tty = true\n")
	r.write("go.mod", "module example.com/app\n\ngo 1.24\n")
	r.write("main.go", painter)
	version := func(v string) {
		r.write("draw.go", "package main\n\nimport \"fmt\"\n\n//go:noinline\nfunc draw(n int) { fmt.Print(\"\\x1b[3;1H\", n, \" "+v+"\") }\n")
	}
	version("one")
	r.start(nil, "hotdev")
	r.sees("Drawn once", "0 one", "patch")
	r.keys("i")
	r.sees("keyboard and mouse")
	r.keys("\r")
	r.sees("1 one")
	version("two")
	r.sees("patched to gen 2", "Drawn once", "1 one")
	r.keys("\r")
	r.sees("Drawn once", "2 two", "keyboard and mouse")
	r.keys("\x1dq")
	r.ends(exit.OK)
}

// TestLines: a program that reads lines is sent some, and the end of its input.
func TestLines(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.module()
	r.write(".air-like.toml", "[live]\nmode = \"off\"\n[run]\nstdin = \"lines\"\nwrapper = [\"sh\", \"-c\", \"echo main pid $$; while read x; do echo got:$x; done; echo no more\"]\n")
	r.start(nil, "hotdev")
	r.sees("main pid", "i type")
	r.keys("i")
	r.sees("enter sends the line")
	r.keys("one\rtwo\r")
	r.sees("› one", "got:one", "› two", "got:two")
	r.keys("\x04")
	r.sees("no more", "ended: exit status 0")
	r.keys("q")
	r.ends(exit.OK)
}
