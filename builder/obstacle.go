package builder

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
	"github.com/hotdev/hotdev/builder/internal/disk"
)

// An ObstacleKind tells what to do about an [Obstacle].
type ObstacleKind string

// What can keep a program from being built before its code is looked at.
const (
	NoGo         ObstacleKind = "no go"         // no go command in PATH
	NoModule     ObstacleKind = "no module"     // no go.mod in Dir or above
	NoProgram    ObstacleKind = "no program"    // no main package in the module
	BrokenModule ObstacleKind = "broken module" // File (go.mod, go.work) does not parse, or asks for what is not there
	Unwritable   ObstacleKind = "unwritable"    // File cannot be written: the go command's build cache
	NoPlace      ObstacleKind = "no place"      // File cannot be written: hotdev's own folder for binaries
)

// An Obstacle is why there is no program to build: not a fault of its code, but
// of the machine, the disk or the module. It is an error of [Builder.Targets],
// [Builder.PluginTarget], [Builder.EnvFile] and [Place].
type Obstacle struct {
	Kind ObstacleKind `json:"kind"`
	// Text is the problem and what to do about it, in one line.
	Text string `json:"text"`
	// Dir is the folder that was looked at, absolute.
	Dir string `json:"dir,omitempty"`
	// File, absolute, is the place of the problem, and Reason the problem there, without
	// the place. The rest is as in a Diagnostic.
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	Column  int      `json:"column,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
	// Found is a folder that has what was missed (the go command), but not where it
	// was looked for.
	Found string `json:"found,omitempty"`
}

func (o *Obstacle) Error() string { return o.Text }

// noGo says what a user without Go can do.
func noGo() error {
	return &Obstacle{
		Kind: NoGo, Found: goElsewhere(),
		Text: "the go command is not in PATH; install Go (https://go.dev/doc/install) or add its bin folder to PATH",
	}
}

// goElsewhere is a folder that Go's installers are known to use and that has it.
func goElsewhere() string {
	dirs := []string{"/usr/local/go/bin", "/opt/homebrew/bin", "/usr/lib/go/bin", "/snap/bin", `C:\Program Files\Go\bin`}
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, "go", "bin"), filepath.Join(home, "sdk", "go", "bin"))
	}
	for _, dir := range dirs {
		for _, name := range []string{"go", "go.exe"} {
			if disk.Regular(filepath.Join(dir, name)) {
				return dir
			}
		}
	}
	return ""
}

// obstacle is what the go command's words mean where they are about what is
// needed before any code; nil if they are not.
func (q query) obstacle(lines []string, first *Diagnostic) error {
	for _, l := range lines {
		if strings.Contains(l, "go.mod file not found") {
			return &Obstacle{
				Kind: NoModule, Dir: q.req.Dir,
				Text: fmt.Sprintf("no go.mod in %s or a folder above it: make a module with \"go mod init NAME\", or name the program's files (hotdev main.go)", q.req.Dir),
			}
		}
		if file, reason, ok := complaint.NoCache(l); ok {
			return &Obstacle{Kind: Unwritable, Dir: q.req.Dir, File: file, Reason: reason, Text: strings.TrimPrefix(l, "go: ")}
		}
		if strings.Contains(l, "go.mod requires go") || strings.Contains(l, "toolchain not available") {
			l = strings.TrimPrefix(l, "go: ")
			return &Obstacle{Kind: BrokenModule, Text: l, Dir: q.req.Dir, File: above(q.req.Dir, "go.mod"), Reason: l}
		}
	}
	if first == nil {
		return nil
	}
	switch filepath.Base(first.File) {
	case "go.mod", "go.work":
		d := complaint.WithExcerpts([]Diagnostic{*first})[0]
		reason := strings.Join(append([]string{d.Message}, d.More...), "\n")
		return &Obstacle{
			Kind: BrokenModule, Text: q.sentence(d), Dir: q.req.Dir, File: d.File, Line: d.Line, Column: d.Column,
			Reason: reason, Excerpt: d.Excerpt, First: d.First,
		}
	}
	return nil
}

// above is the nearest file of that name in dir or a folder above it; empty if
// there is none.
func above(dir, name string) string {
	for {
		if file := filepath.Join(dir, name); disk.Regular(file) {
			return file
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// noPlace is that the folder for binaries cannot be made.
func noPlace(dir string, err error) error {
	reason := err
	if e := errors.Unwrap(err); e != nil { // without the name of the system call
		reason = e
	}
	return &Obstacle{Kind: NoPlace, File: dir, Reason: reason.Error(), Text: fmt.Sprintf("cache folder: %v", err)}
}
