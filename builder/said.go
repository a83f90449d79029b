package builder

import (
	"regexp"
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

// placeInWords is how some generators say where: "page.templ parsing error: missing
// brace: line 7, col 2 ]".
var placeInWords = regexp.MustCompile(`,?:? (?:on |at )?line (\d+), col(?:umn)? (\d+)\b[ \])]*`)

// inWords finds a place that is said in words, in a file that exists.
func inWords(p *complaint.Report, text string) (Diagnostic, bool) {
	at := placeInWords.FindStringSubmatchIndex(text)
	if at == nil {
		return Diagnostic{}, false
	}
	line, column := text[at[2]:at[3]], text[at[4]:at[5]]
	words := strings.Fields(text[:at[0]])
	for _, word := range slices.Backward(words) { // the last is nearest to what is said of it
		d, ok := p.Locate(strings.Trim(word, `"':,()[]`) + ":" + line + ":" + column + ":")
		if !ok {
			continue
		}
		d.Message = strings.TrimSpace(text[:at[0]] + text[at[1]:])
		// What leads to the file says it once more, or that there is an error.
		if i := strings.LastIndex(d.Message, word); i >= 0 && strings.TrimSpace(d.Message[i+len(word):]) != "" {
			d.Message = strings.TrimLeft(d.Message[i+len(word):], " :")
		}
		return d, true
	}
	return Diagnostic{}, false
}

// complaints are its own complaints that have a place, for the screen to jump to;
// what has none explains the failure, which comes last.
func (s *Said) complaints(p *complaint.Report, argv []string, failure string) []Diagnostic {
	var rest []string
	for _, l := range s.lines {
		text := complaint.Clean(l)
		if d, ok := p.Locate(strings.TrimSpace(text)); ok {
			p.Add(d)
		} else if d, ok := inWords(p, text); ok {
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
