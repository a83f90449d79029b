package tui

import (
	"errors"
	"strings"
	"testing"
)

func TestEditor(t *testing.T) {
	const file = "/code/ann/shop/main.go"
	type c struct {
		env      string // NAME=value, separated by ;
		line     int
		column   int
		want     string // arguments separated by |, $ is the file
		terminal bool
	}
	for _, c := range []c{
		{"EDITOR=vi", 12, 5, "vi|+12|$", true},
		{"EDITOR=vim", 12, 5, "vim|+call cursor(12,5)|$", true},
		{"EDITOR=nvim", 12, 0, "nvim|+12|$", true},
		{"EDITOR=/usr/bin/vim.basic", 12, 5, "/usr/bin/vim.basic|+call cursor(12,5)|$", true},
		{"EDITOR=gvim", 12, 5, "gvim|+call cursor(12,5)|$", false},
		{"EDITOR=view", 0, 0, "view|$", true},
		{"EDITOR=nano", 12, 5, "nano|+12,5|$", true},
		{"EDITOR=hx", 12, 5, "hx|$:12:5", true},
		{"EDITOR=helix", 12, 0, "helix|$:12:1", true},
		{"EDITOR=micro", 12, 5, "micro|+12:5|$", true},
		{"EDITOR=kak", 12, 5, "kak|+12:5|$", true},
		{"EDITOR=emacs", 12, 5, "emacs|+12:5|$", true},
		{"EDITOR=emacs;DISPLAY=:0", 12, 5, "emacs|+12:5|$", false},
		{"EDITOR=emacs -nw;WAYLAND_DISPLAY=w", 12, 5, "emacs|-nw|+12:5|$", true},
		{"EDITOR=emacsclient -t;DISPLAY=:0", 12, 5, "emacsclient|-t|+12:5|$", true},
		{"EDITOR=emacsclient -n;DISPLAY=:0", 12, 5, "emacsclient|-n|+12:5|$", false},
		{"EDITOR=code --wait", 12, 5, "code|--wait|-g|$:12:5", false},
		{"EDITOR=code", 0, 0, "code|$", false},
		{"EDITOR=cursor", 12, 5, "cursor|-g|$:12:5", false},
		{"EDITOR=windsurf", 12, 5, "windsurf|-g|$:12:5", false},
		{"EDITOR=zed", 12, 5, "zed|$:12:5", false},
		{"EDITOR=subl -w", 12, 5, "subl|-w|$:12:5", false},
		{"EDITOR=idea", 12, 5, "idea|--line|12|--column|5|$", false},
		{"EDITOR=goland", 12, 0, "goland|--line|12|--column|1|$", false},
		{"EDITOR=kate", 12, 5, "kate|-l|12|-c|5|$", false},
		{"EDITOR=my-own", 12, 5, "my-own|$", true},
		{"EDITOR=a;VISUAL=b", 0, 0, "b|$", true},
		{"EDITOR=a;VISUAL=b;HOTDEV_EDITOR=c", 0, 0, "c|$", true},
		{"EDITOR=a;VISUAL=b;HOTDEV_EDITOR=c;configured=d -x", 0, 0, "d|-x|$", true},
		{"EDITOR=a;VISUAL=  ", 0, 0, "a|$", true},
		{`EDITOR="/opt/My Editor/code" --wait`, 1, 1, "/opt/My Editor/code|--wait|-g|$:1:1", false},
		{`EDITOR='/opt/My Editor/subl'`, 1, 1, "/opt/My Editor/subl|$:1:1", false},
		{`EDITOR=/opt/My\ Editor/subl`, 1, 1, "/opt/My Editor/subl|$:1:1", false},
		{`EDITOR="C:\Program Files\Code\Code.exe" -n`, 1, 1, `C:\Program Files\Code\Code.exe|-n|-g|$:1:1`, false},
		{`EDITOR=vim -c ""`, 1, 0, "vim|-c||+1|$", true},
	} {
		argv, terminal, err := Editor(env(c.env)("configured"), env(c.env), file, c.line, c.column)
		want := strings.ReplaceAll(c.want, "$", file)
		if got := strings.Join(argv, "|"); got != want || terminal != c.terminal || err != nil {
			t.Errorf("%s at %d:%d: %s, terminal %v, %v\nwant %s, terminal %v", c.env, c.line, c.column, got, terminal, err, want, c.terminal)
		}
	}
}

func env(s string) func(string) string {
	return func(name string) string {
		for kv := range strings.SplitSeq(s, ";") {
			if k, v, _ := strings.Cut(kv, "="); k == name {
				return v
			}
		}
		return ""
	}
}

func TestNoEditor(t *testing.T) {
	if _, _, err := Editor("", env("EDITOR= ;SHELL=sh"), "a.go", 1, 1); !errors.Is(err, ErrNoEditor) {
		t.Errorf("without an editor: %v", err)
	}
	for _, bad := range []string{`EDITOR="vim`, `EDITOR=""`} {
		_, _, err := Editor("", env(bad), "a.go", 1, 1)
		if err == nil || !strings.HasPrefix(err.Error(), "EDITOR=") {
			t.Errorf("%s: %v, want an error that names the variable", bad, err)
		}
	}
}
