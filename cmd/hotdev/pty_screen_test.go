//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
)

const talker = `package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println("main pid", os.Getpid())
	for i := range 100 {
		fmt.Println("request", i)
	}
	fmt.Println("hello", First+Second)
	time.Sleep(time.Hour)
}
`

// row is the line of the screen that holds text, and the column of it, in cells
// from 1, as a mouse reports them.
func (r *real) at(text string) (x, y int) {
	r.t.Helper()
	for y, line := range strings.Split(r.screen(), "\n") {
		if i := strings.Index(line, text); i >= 0 {
			return len([]rune(line[:i])) + 1, y + 1
		}
	}
	r.t.Fatalf("%q is not on the screen:\n%s", text, r.screen())
	return 0, 0
}

// mouse sends what a terminal does: a button at a cell, up or down.
func (r *real) mouse(button, x, y int, up bool) {
	end := "M"
	if up {
		end = "m"
	}
	r.keys(fmt.Sprintf("\x1b[<%d;%d;%d%s", button, x, y, end))
}

func (r *real) click(x, y int) {
	r.mouse(0, x, y, false)
	r.mouse(0, x, y, true)
}

const (
	wheelUp, wheelDown = 64, 65
	dragging           = 32
)

// What a user does with the screen beside saving, in a real terminal: the
// editor, the mouse, search and filter, the palette.
func TestTerminalScreen(t *testing.T) {
	t.Parallel()
	r := newReal(t)
	r.write("go.mod", "module example.com/app\n\ngo 1.24\n")
	r.write("main.go", talker)
	r.write("numbers.go", "package main\n\nvar First = 1\n\nvar Second = 2\n")
	editor, told := filepath.Join(t.TempDir(), "vim"), filepath.Join(t.TempDir(), "told")
	script := "#!/bin/sh\necho \"$@\" > \"$TOLD\"\necho this is the editor\nread answer\n"
	if err := os.WriteFile(editor, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	r.start([]string{"HOTDEV_EDITOR=" + editor, "TOLD=" + told, "EDITOR=", "VISUAL="}, "hotdev")
	r.sees("hello 3", "gen 1", "watching 1 package")

	// Two errors: one is clicked, and opened in the editor.
	r.write("numbers.go", "package main\n\nvar First = missing\n\nvar Second = absent\n")
	r.sees("undefined: missing", "▸ 1 numbers.go:3:13", "2 numbers.go:5:14")
	r.click(r.at("numbers.go:5:14"))
	r.sees("▸ 2 numbers.go:5:14")
	r.keys("\r")
	r.sees("this is the editor")
	if got, err := os.ReadFile(told); err != nil || !strings.Contains(string(got), "5") || !strings.Contains(string(got), filepath.Join(r.dir, "numbers.go")) {
		t.Errorf("the editor was told %q, %v", got, err)
	}
	r.write("numbers.go", "package main\n\nvar First = 3\n\nvar Second = 4\n")
	r.keys("\n")
	r.until(func(s string) bool {
		return strings.Contains(s, "hello 7") && strings.Contains(s, "✓ fixed: numbers.go") && !strings.Contains(s, "this is the editor")
	}, "the screen after the editor")

	// The wheel, over the output; then the line between the panes.
	x, y := r.at("hello 7")
	r.mouse(wheelUp, x, y, false)
	r.until(func(s string) bool { return !strings.Contains(s, "hello 7") }, "older output")
	r.mouse(wheelDown, x, y, false)
	r.mouse(wheelDown, x, y, false)
	r.sees("hello 7")
	x, y = r.at("╮╭ 2 Build")
	r.mouse(0, x, y+3, false)
	r.mouse(dragging, x+12, y+3, false)
	r.mouse(0, x+12, y+3, true)
	r.until(func(string) bool { now, _ := r.at("╮╭ 2 Build"); return now >= x+10 }, "a wider Packages pane")

	// Search, then a filter.
	r.keys("/request 1\r")
	r.sees("search: request 1")
	r.keys("\x1b")
	r.until(func(s string) bool { return !strings.Contains(s, "search: ") }, "end of the search")
	r.keys("frequest [57]$\r")
	r.until(func(s string) bool {
		return strings.Contains(s, "request 7") && strings.Contains(s, "request 5") && !strings.Contains(s, "request 99") && !strings.Contains(s, "hello")
	}, "the matching lines alone")
	r.keys("\x1b")
	r.sees("hello 7", "request 99")

	// The palette, by name and by what an action does.
	r.keys(":whatever")
	r.sees("restart", "rebuild and restart, whatever changed")
	r.keys("\r")
	r.sees("gen 4: asked for", "started gen 3 again", "hello 7")
	r.keys(":zoom\r")
	r.until(func(s string) bool { return !strings.Contains(s, "2 Build") }, "one pane")
	r.keys("zq")
	r.ends(exit.OK)
}
