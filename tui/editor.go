package tui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// ErrNoEditor says that the environment names none.
var ErrNoEditor = errors.New("no editor is set: set HOTDEV_EDITOR, VISUAL or EDITOR")

// Editor gives the command line that opens file at line and column (from 1, in
// bytes; 0 is unknown), and whether that editor needs the terminal for itself.
// The editor is configured, if that is not empty, else what the environment
// names: HOTDEV_EDITOR, VISUAL or EDITOR, the first that is set. Each may hold
// arguments, and quotes around what contains spaces. An editor that is not known
// gets the file alone, and the terminal: a graphical editor does not mind, while a
// terminal editor without it would draw on hotdev's screen.
func Editor(configured string, getenv func(string) string, file string, line, column int) (command []string, terminal bool, err error) {
	for _, from := range [][2]string{
		{"editor", configured},
		{"HOTDEV_EDITOR", getenv("HOTDEV_EDITOR")},
		{"VISUAL", getenv("VISUAL")},
		{"EDITOR", getenv("EDITOR")},
	} {
		name, value := from[0], strings.TrimSpace(from[1])
		if value == "" {
			continue
		}
		words, err := argv.Split(value, argv.Paths)
		var mistake *argv.Error
		switch {
		case errors.As(err, &mistake):
			return nil, false, fmt.Errorf("%s=%s: %s", name, value, mistake.Reason)
		case len(words) == 0 || words[0] == "":
			return nil, false, fmt.Errorf("%s=%s: no command", name, value)
		}
		e := editorCalled(words[0])
		return append(words, e.at(file, line, column)...), e.needsTerminal(words[1:], getenv), nil
	}
	return nil, false, ErrNoEditor
}

// An editor says how one family of editors is given a place.
type editor struct {
	names []string
	// at gives the arguments for a place; line may be 0, column too.
	at func(file string, line, column int) []string
	// needsTerminal looks at the user's own arguments and at the session.
	needsTerminal func(args []string, getenv func(string) string) bool
}

func inTerminal([]string, func(string) string) bool { return true }
func inWindow([]string, func(string) string) bool   { return false }

// editors are matched by the base name of the command.
func editors() []editor {
	return []editor{
		{[]string{"vim", "nvim", "vimx", "lvim"}, vimStyle, inTerminal},
		{[]string{"gvim", "mvim", "nvim-qt", "neovide", "vimr"}, vimStyle, inWindow},
		{[]string{"vi", "view", "nvi", "elvis", "vile", "joe", "jed", "mg", "pico", "ne", "jmacs"}, plusLine, inTerminal},
		{[]string{"nano"}, plusComma, inTerminal},
		{[]string{"micro", "kak"}, plusColon, inTerminal},
		{[]string{"hx", "helix"}, colons, inTerminal},
		{[]string{"emacs", "emacsclient"}, plusColon, emacsInTerminal},
		{[]string{"code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron", "trae", "kiro"}, gotoFlag, inWindow},
		{[]string{"zed", "zeditor", "zedit", "subl", "sublime_text", "atom", "lapce"}, colons, inWindow},
		{[]string{"idea", "idea64", "goland", "goland64", "pycharm", "webstorm", "clion", "rider", "phpstorm", "rubymine", "rustrover"}, jetbrains, inWindow},
		{[]string{"kate", "kwrite"}, kateStyle, inWindow},
		{[]string{"gedit", "xed", "pluma"}, plusColon, inWindow},
		{[]string{"mate"}, mateStyle, inWindow},
		{[]string{"notepad++"}, notepadPlus, inWindow},
		{[]string{"notepad", "open", "xdg-open", "start"}, fileOnly, inWindow},
	}
}

func editorCalled(command string) editor {
	// Both separators, whatever system this is: the value may come from another
	// one's side (WSL).
	name := strings.ToLower(command[strings.LastIndexAny(command, `/\`)+1:])
	for _, suffix := range []string{".exe", ".cmd", ".bat", ".sh"} {
		name = strings.TrimSuffix(name, suffix)
	}
	if strings.HasPrefix(name, "vim.") { // Debian's vim.basic, vim.tiny, …
		name = "vim"
	}
	for _, e := range editors() {
		if slices.Contains(e.names, name) {
			return e
		}
	}
	return editor{at: fileOnly, needsTerminal: inTerminal}
}

// emacsInTerminal reports whether emacs will run in the terminal: emacs opens a window
// where it can, unless told otherwise; emacsclient uses a running emacs, unless told to
// use the terminal.
func emacsInTerminal(args []string, getenv func(string) string) bool {
	for _, a := range args {
		switch a {
		case "-nw", "--no-window-system", "-t", "-tty", "--tty":
			return true
		}
	}
	return getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == ""
}

func fileOnly(file string, _, _ int) []string { return []string{file} }

// withLine leaves the place out where it is unknown.
func withLine(file string, line int, args ...string) []string {
	if line <= 0 {
		return []string{file}
	}
	return append(args, file)
}

func vimStyle(file string, line, column int) []string {
	if column <= 0 {
		return plusLine(file, line, column)
	}
	// cursor() counts columns in bytes, as the compiler does.
	return withLine(file, line, fmt.Sprintf("+call cursor(%d,%d)", line, column))
}

func plusLine(file string, line, _ int) []string {
	return withLine(file, line, fmt.Sprintf("+%d", line))
}

func plusComma(file string, line, column int) []string {
	return withLine(file, line, fmt.Sprintf("+%d,%d", line, max(1, column)))
}

func plusColon(file string, line, column int) []string {
	return withLine(file, line, fmt.Sprintf("+%d:%d", line, max(1, column)))
}

func colons(file string, line, column int) []string {
	if line <= 0 {
		return []string{file}
	}
	return []string{fmt.Sprintf("%s:%d:%d", file, line, max(1, column))}
}

func gotoFlag(file string, line, column int) []string {
	if line <= 0 {
		return []string{file}
	}
	return append([]string{"-g"}, colons(file, line, column)...)
}

func jetbrains(file string, line, column int) []string {
	return withLine(file, line, "--line", strconv.Itoa(line), "--column", strconv.Itoa(max(1, column)))
}

func kateStyle(file string, line, column int) []string {
	return withLine(file, line, "-l", strconv.Itoa(line), "-c", strconv.Itoa(max(1, column)))
}

func mateStyle(file string, line, column int) []string {
	return withLine(file, line, "-l", fmt.Sprintf("%d:%d", line, max(1, column)))
}

func notepadPlus(file string, line, column int) []string {
	return withLine(file, line, "-n"+strconv.Itoa(line), "-c"+strconv.Itoa(max(1, column)))
}
