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

// An ObstacleKind says what kind of remedy an [Obstacle] needs.
type ObstacleKind string

// The obstacles that can prevent a build before any code is read.
const (
	NoGo         ObstacleKind = "no go"         // no go command in PATH
	NoModule     ObstacleKind = "no module"     // no go.mod in Dir or above
	NoProgram    ObstacleKind = "no program"    // no main package in the module
	BrokenModule ObstacleKind = "broken module" // File (go.mod, go.work) does not parse, or requires something that is missing
	Unwritable   ObstacleKind = "unwritable"    // File cannot be written: the go command's build cache
	NoPlace      ObstacleKind = "no place"      // File cannot be written: hotdev's own folder for binaries
)

// An Obstacle is the reason why there is no program to build: a problem of the machine,
// the disk or the module, not of the program's code. [Builder.Targets],
// [Builder.PluginTarget], [Builder.EnvFile] and [Place] return it as an error.
type Obstacle struct {
	Kind ObstacleKind `json:"kind"`
	// Text is the problem and what to do about it, in one line.
	Text string `json:"text"`
	// Dir is the folder that was looked at, absolute.
	Dir string `json:"dir,omitempty"`
	// File, absolute, is the place of the problem, and Reason the problem, without the
	// place. The other fields are as in a Diagnostic.
	File    string   `json:"file,omitempty"`
	Line    int      `json:"line,omitempty"`
	Column  int      `json:"column,omitempty"`
	Reason  string   `json:"reason,omitempty"`
	Excerpt []string `json:"excerpt,omitempty"`
	First   int      `json:"first,omitempty"`
	// Found is a folder that has what was missing (the go command) in the places that
	// were searched.
	Found string `json:"found,omitempty"`
}

func (o *Obstacle) Error() string { return o.Text }

// noGo returns the obstacle of a missing go command, with what the user can do.
func noGo() error {
	return &Obstacle{
		Kind: NoGo, Found: goElsewhere(),
		Text: "the go command is not in PATH; install Go (https://go.dev/doc/install) or add its bin folder to PATH",
	}
}

// goElsewhere returns a folder with a go command among those that Go's installers use,
// or "".
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

// obstacle translates what the go command prints when something is missing that it
// needs before any code; it returns nil for anything else.
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

// above returns the nearest file of that name in dir or a folder above it, or "".
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

// noPlace is the obstacle that the folder for binaries cannot be created.
func noPlace(dir string, err error) error {
	reason := err
	if e := errors.Unwrap(err); e != nil { // without the name of the system call
		reason = e
	}
	return &Obstacle{Kind: NoPlace, File: dir, Reason: reason.Error(), Text: fmt.Sprintf("cache folder: %v", err)}
}
