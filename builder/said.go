package builder

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/complaint"
)

// Said is the last lines that a command of the user's has printed. The zero value is
// empty.
type Said struct{ lines []string }

// maxSaid is the number of lines that are searched for errors with a place.
const maxSaid = 1000

// Line adds a line, without its line end.
func (s *Said) Line(line string) {
	s.lines = append(s.lines, line)
	if len(s.lines) > 2*maxSaid {
		s.lines = slices.Delete(s.lines, 0, maxSaid)
	}
}

// Complaints returns the errors in the output of a command that ran in dir and failed,
// with excerpts of the sources.
func (s *Said) Complaints(dir string, argv []string, failure string) []Diagnostic {
	return s.complaints(&complaint.Report{Dir: dir}, argv, failure)
}

// placeInWords matches how some generators write a place: "page.templ parsing error:
// missing brace: line 7, col 2 ]".
var placeInWords = regexp.MustCompile(`,?:? (?:on |at )?line (\d+), col(?:umn)? (\d+)\b[ \])]*`)

// inWords finds a place that is written in words, in a file that exists.
func inWords(p *complaint.Report, text string) (Diagnostic, bool) {
	at := placeInWords.FindStringSubmatchIndex(text)
	if at == nil {
		return Diagnostic{}, false
	}
	line, column := text[at[2]:at[3]], text[at[4]:at[5]]
	words := strings.Fields(text[:at[0]])
	for _, word := range slices.Backward(words) { // the last one is nearest to the message
		d, ok := p.Locate(strings.Trim(word, `"':,()[]`) + ":" + line + ":" + column + ":")
		if !ok {
			continue
		}
		d.Message = strings.TrimSpace(text[:at[0]] + text[at[1]:])
		// The words before the file only name it again, or say that there is an error.
		if i := strings.LastIndex(d.Message, word); i >= 0 && strings.TrimSpace(d.Message[i+len(word):]) != "" {
			d.Message = strings.TrimLeft(d.Message[i+len(word):], " :")
		}
		return d, true
	}
	return Diagnostic{}, false
}

// complaints returns the errors that have a place, so that the screen can jump to it.
// Lines without one explain the failure, which comes last. Where there are none, the
// errors say it all.
func (s *Said) complaints(p *complaint.Report, argv []string, failure string) []Diagnostic {
	var rest []string
	for _, l := range s.lines {
		text := complaint.Clean(l)
		if d, ok := p.Locate(strings.TrimSpace(text)); ok {
			p.Add(d)
		} else if d, ok := inWords(p, text); ok {
			p.Add(d)
		} else if text = strings.TrimSpace(text); text != "" && text != failure { // go run says that, too
			rest = append(rest, complaint.Clean(l))
		}
	}
	if len(rest) == 0 && len(p.Out) > 0 {
		return p.Done()
	}
	if len(argv) > 0 {
		failure = complaint.Clean(strings.Join(argv, " ")) + ": " + failure
	}
	return append(p.Done(), Diagnostic{Message: failure, More: complaint.LastLines(rest, 20)})
}
