// Package words puts a State into English, once for all views: what caused a build, how
// it ended, the state of the program.
//
// It knows nothing of screens. What it returns is raw: names of files and the output of
// programs may contain anything, and each view makes a text safe for its medium. Where
// space may be short it returns several forms, the longest first.
package words

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/task"
)

// Path returns a file's name for a user in dir: relative if the file is below dir,
// otherwise, or if dir is empty, unchanged.
func Path(dir, file string) string {
	if dir == "" || file == "" {
		return file
	}
	if rel, err := filepath.Rel(dir, file); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return rel
	}
	return file
}

// Cause returns the cause of a build. It names files only if saves were the cause; a
// key may build saved files too, but is the cause all the same.
func Cause(dir string, c engine.Cause) string {
	switch c.Kind {
	case engine.BySave, engine.ByTask:
		how := "saved"
		if c.By != "" {
			how = "written by " + c.By
		}
		switch n := len(c.Paths); n {
		case 0:
			return "files " + how
		case 1:
			return Path(dir, c.Paths[0]) + " " + how
		default:
			return fmt.Sprintf("%s and %d more %s", Path(dir, c.Paths[0]), n-1, how)
		}
	case engine.ByKey:
		return "asked for"
	case engine.ByConfig:
		return "configuration changed"
	case engine.ByCrash:
		return "restarted after a crash"
	case engine.ByQuit:
		return "at the end"
	case engine.ByBack:
		return "went back"
	case engine.ByStart:
		return "first build"
	case engine.ByFirst:
		return "first start"
	}
	return ""
}

// Count returns a number with a noun: "1 error", "2 errors".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Again says when a task runs next by itself; empty if it does not.
func Again(s engine.State) string {
	if s.Settings.Task.When == task.AtQuit {
		return ""
	}
	return "; it runs again when its files change"
}

// Awaits says what the start or the build of a program waits for; empty if it waits for
// nothing.
func Awaits(s engine.State) string {
	if tasks := s.WaitsFor(); len(tasks) > 0 {
		return "waiting for " + strings.Join(tasks, ", ")
	}
	if s.Process.Phase != engine.Waiting {
		return ""
	}
	var all []string
	all = append(all, s.Awaits...)
	if len(all) == 0 { // the list has not arrived yet
		for _, a := range s.Settings.After {
			all = append(all, a.Program+": "+string(a.Word))
		}
	}
	return "waiting for " + strings.Join(all, ", ")
}
