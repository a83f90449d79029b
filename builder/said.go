package builder

import (
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
)

// Said is the last of what a command of the user's has printed. The zero value is
// nothing.
type Said struct{ lines []string }

// maxSaid lines of a command's last output are searched for places.
const maxSaid = 1000

// Line takes one more line, without its end.
func (s *Said) Line(line string) {
	s.lines = append(s.lines, line)
	if len(s.lines) > 2*maxSaid {
		s.lines = slices.Delete(s.lines, 0, maxSaid)
	}
}

// Complaints are what a command that ran in dir and failed had to complain about, with
// excerpts of the sources.
func (s *Said) Complaints(dir string, argv []string, failure string) []Diagnostic {
	return s.complaints(&complaint.Report{Dir: dir}, argv, failure)
}

// complaints are its own complaints that have a place, for the screen to jump to;
// what has none explains the failure, which comes last.
func (s *Said) complaints(p *complaint.Report, argv []string, failure string) []Diagnostic {
	var rest []string
	for _, l := range s.lines {
		text := complaint.Clean(l)
		if d, ok := p.Locate(strings.TrimSpace(text)); ok {
			p.Add(d)
		} else if strings.TrimSpace(text) != "" {
			rest = append(rest, text)
		}
	}
	if len(argv) > 0 {
		failure = complaint.Clean(strings.Join(argv, " ")) + ": " + failure
	}
	return append(p.Done(), Diagnostic{Message: failure, More: complaint.LastLines(rest, 20)})
}
