package words

import (
	"fmt"
	"strings"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/tester"
)

// Coverage returns how much the tests run of what has changed, in one line: "12 of 15
// changed lines are covered".
func Coverage(c tester.Coverage) string {
	if c.Err != "" {
		return "coverage: " + c.Err
	}
	lines, covered := c.Count()
	text := fmt.Sprintf("%d of %s", covered, Count(lines, "changed line"))
	switch {
	case lines == 0:
		text = "no changed line has code that a test can cover"
	case lines == 1:
		text += " is covered"
	default:
		text += " are covered"
	}
	if c.Partly {
		text += "; some tests failed or did not build, and may cover more"
	}
	if c.Stale {
		text += "; files were saved since"
	}
	return text
}

// Missed says that lines of a file did not run: "lines 10-12 are not covered".
func Missed(f builder.FileCoverage, m builder.Missed) string {
	text := fmt.Sprintf("lines %d-%d are not covered", m.From, m.To)
	if m.From == m.To {
		text = fmt.Sprintf("line %d is not covered", m.From)
	}
	if f.Untested {
		text += ": no test imports this package"
	}
	return text
}

// MissedSource returns, as lines, where the runs of lines that are not covered begin, and
// their source.
func MissedSource(dir string, c tester.Coverage) string {
	var b strings.Builder
	for _, f := range c.Files {
		for _, m := range f.Missed {
			fmt.Fprintf(&b, "%s:%d: %s\n", Path(dir, f.File), m.From, Missed(f, m))
			for i, l := range m.Excerpt {
				fmt.Fprintf(&b, "  > %4d | %s\n", m.From+i, l)
			}
			if n := m.To - m.From + 1 - len(m.Excerpt); n > 0 {
				fmt.Fprintf(&b, "         and %s more\n", Count(n, "line"))
			}
		}
	}
	return b.String()
}
