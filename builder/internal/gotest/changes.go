package gotest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// A Change is a Go file with lines that the last commit does not have.
type Change struct {
	File  string `json:"file"` // absolute
	Lines []Span `json:"lines"`
}

// A Span is a run of lines, counted from 1.
type Span struct {
	From int `json:"from"`
	To   int `json:"to"` // inclusive
}

// Changes asks git which lines of Go files in the folders dirs are new or different since
// the last commit. Files that git ignores are left out, as are folders outside of a
// repository. An error means that git knows about none of the folders, or is ctx's.
func Changes(ctx context.Context, req Request, dirs []string) ([]Change, error) {
	var all []Change
	var failed error
	known := false
	for _, dir := range dirs {
		some, err := changesIn(ctx, req, dir)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil && failed == nil:
			failed = err
		}
		known = known || err == nil
		for _, c := range some {
			if !slices.ContainsFunc(all, func(o Change) bool { return o.File == c.File }) { // one folder may be inside of another
				all = append(all, c)
			}
		}
	}
	if !known && failed != nil {
		return nil, failed
	}
	return all, nil
}

func changesIn(ctx context.Context, req Request, dir string) ([]Change, error) {
	list := []string{"ls-files", "--others", "--exclude-standard", "-z"}
	_, err := git(ctx, req, dir, "rev-parse", "--verify", "--quiet", "HEAD")
	var said *gitError
	committed := err == nil
	if err != nil && (!errors.As(err, &said) || said.text != "") {
		return nil, err
	}
	var all []Change
	if committed {
		diff, err := git(ctx, req, dir, "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--unified=0",
			"--relative", "--src-prefix=a/", "--dst-prefix=b/", "HEAD", "--", "*.go")
		if err != nil {
			return nil, err
		}
		for _, c := range parseDiff(diff) {
			c.File = filepath.Join(dir, filepath.FromSlash(c.File))
			all = append(all, c)
		}
	} else {
		list = append(list, "--cached")
	}
	names, err := git(ctx, req, dir, append(list, "--", "*.go")...)
	if err != nil {
		return nil, err
	}
	for name := range strings.SplitSeq(strings.Join(names, "\n"), "\x00") {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if text, err := os.ReadFile(file); err == nil && name != "" {
			all = append(all, Change{File: file, Lines: []Span{{1, bytes.Count(text, []byte("\n")) + 1}}})
		}
	}
	return all, nil
}

// gitError is what git said when it failed.
type gitError struct{ text string }

func (e *gitError) Error() string { return "git: " + e.text }

// git returns the lines that a git command prints. It takes no lock, so that it is in
// nobody's way.
func git(ctx context.Context, req Request, dir string, args ...string) (out []string, err error) {
	var text []string
	err = gocmd.Command{
		Argv: append([]string{"git", "-c", "core.quotePath=false"}, args...), Dir: dir,
		Env:    gocmd.Setenv(gocmd.Setenv(gocmd.Environ(req.Env), "GIT_OPTIONAL_LOCKS", "0"), "LC_ALL", "C"),
		Stdout: func(l string) { out = append(out, l) }, Stderr: func(l string) { text = append(text, l) },
	}.Run(ctx)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case gocmd.Failed(err):
		first := ""
		if len(text) > 0 {
			first = strings.TrimPrefix(text[0], "fatal: ")
		}
		return nil, &gitError{first}
	case err != nil:
		return nil, fmt.Errorf("git: %w", err)
	}
	return out, nil
}

// parseDiff reads a unified diff: by file, the lines that it adds. It counts the lines of
// each hunk, because source lines can look like the diff's own.
func parseDiff(lines []string) (all []Change) {
	file := ""
	for i := 0; i < len(lines); i++ {
		if name, ok := strings.CutPrefix(lines[i], "+++ "); ok {
			file = fileOf(name)
			continue
		}
		before, after, at, ok := parseHunk(lines[i])
		if !ok {
			continue
		}
		for ; before+after > 0 && i+1 < len(lines); i++ {
			switch next := lines[i+1]; {
			case strings.HasPrefix(next, "+"):
				if file != "" {
					all = addLine(all, file, at)
				}
				at++
				after--
			case strings.HasPrefix(next, "-"):
				before--
			case strings.HasPrefix(next, `\`): // no newline at the end
			default:
				at++
				before--
				after--
			}
		}
	}
	return all
}

// fileOf is the name in a line "+++ b/name"; "" if there is none.
func fileOf(name string) string {
	name, _, _ = strings.Cut(name, "\t") // git puts one after a name with blanks
	if unquoted, err := strconv.Unquote(name); err == nil {
		name = unquoted
	}
	name, ok := strings.CutPrefix(name, "b/")
	if !ok { // /dev/null
		return ""
	}
	return name
}

// parseHunk reads "@@ -10,2 +12,3 @@": how many lines there were and are, and the number
// of the first that is there.
func parseHunk(line string) (before, after, first int, ok bool) {
	words := strings.Fields(line)
	if len(words) < 4 || words[0] != "@@" || words[3] != "@@" {
		return 0, 0, 0, false
	}
	_, before, ok = parseRange(words[1], "-")
	first, after, okay := parseRange(words[2], "+")
	return before, after, first, ok && okay
}

func parseRange(text, sign string) (first, n int, ok bool) {
	text, ok = strings.CutPrefix(text, sign)
	from, count, several := strings.Cut(text, ",")
	first, err := strconv.Atoi(from)
	n = 1
	if several && err == nil {
		n, err = strconv.Atoi(count)
	}
	return first, n, ok && err == nil
}

func addLine(all []Change, file string, line int) []Change {
	if len(all) == 0 || all[len(all)-1].File != file {
		all = append(all, Change{File: file})
	}
	c := &all[len(all)-1]
	if n := len(c.Lines); n > 0 && c.Lines[n-1].To == line-1 {
		c.Lines[n-1].To = line
	} else {
		c.Lines = append(c.Lines, Span{line, line})
	}
	return all
}
