package complaint

import (
	"io"
	"os"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/disk"
)

const (
	linesBefore = 2
	linesAfter  = 1
	// maxSource limits the size of a file that is read for an excerpt. Larger generated
	// files exist, but people do not fix them by hand.
	maxSource = 8 << 20
)

// Excerpt returns the source around a line of a file, and the number of its first line.
// It returns nil if the line cannot be read.
func Excerpt(file string, line int) (lines []string, first int) {
	d := WithExcerpts([]Diagnostic{{File: file, Line: line}})[0]
	return d.Excerpt, d.First
}

// WithExcerpts reads the source around each diagnostic.
func WithExcerpts(list []Diagnostic) []Diagnostic {
	sources := make(map[string][]string)
	for i := range list {
		d := &list[i]
		if d.File == "" || d.Line < 1 {
			continue
		}
		src, ok := sources[d.File]
		if !ok {
			src = readLines(d.File)
			sources[d.File] = src
		}
		if d.Line == len(src)+1 && len(src) > 0 {
			src = append(src[:len(src):len(src)], "") // the end of the file, where something may be missing
		}
		if d.Line > len(src) {
			continue
		}
		first := max(d.Line-linesBefore, 1)
		last := min(d.Line+linesAfter, len(src))
		d.First = first
		d.Excerpt = make([]string, 0, last-first+1)
		for _, l := range src[first-1 : last] {
			d.Excerpt = append(d.Excerpt, Clean(strings.TrimSuffix(l, "\r")))
		}
	}
	return list
}

func readLines(path string) []string {
	if !disk.Regular(path) {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil || len(data) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}
