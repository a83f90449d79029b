package lines

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
)

// A JSON is a view that prints every event as a line of JSON, followed by a line
// "notice" for each new notice. If there are several programs, each line names its
// program.
type JSON struct {
	printer *Printer
	out     io.Writer
	notices map[int][]engine.Notice // those already printed, by program
	tests   []string                // those of the tests already printed
}

func NewJSON(p *Printer, out io.Writer) *JSON {
	return &JSON{printer: p, out: out, notices: map[int][]engine.Notice{}}
}

func (v *JSON) Show(all session.State, program int, e engine.Event) {
	s, whose := all.Programs[program].State, ""
	if len(all.Programs) > 1 {
		whose = all.Programs[program].Name
	}
	v.Line(s.Now, whose, e.Name(), e)
	for _, n := range s.Notices {
		if !slices.Contains(v.notices[program], n) {
			v.Line(s.Now, whose, "notice", struct {
				Text string `json:"text"`
			}{n.Text})
		}
	}
	v.notices[program] = s.Notices
}

// Line prints {"time":…,"program":program,"event":name, …fields of body…}; an empty
// program is omitted.
func (v *JSON) Line(at time.Time, program, name string, body any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	head := struct {
		Time    time.Time `json:"time"`
		Program string    `json:"program,omitempty"`
		Event   string    `json:"event"`
	}{at, program, name}
	if err := enc.Encode(head); err != nil {
		return // a time before year 0 cannot be encoded
	}
	b.Truncate(b.Len() - len("}\n"))
	mark := b.Len()
	if err := enc.Encode(body); err != nil {
		b.Truncate(mark)
		b.WriteString("}\n")
		v.printer.print(v.out, b.Bytes())
		return
	}
	if bytes.Equal(b.Bytes()[mark:], []byte("{}\n")) {
		b.Truncate(mark)
		b.WriteString("}\n")
	} else {
		b.Bytes()[mark] = ','
	}
	v.printer.print(v.out, b.Bytes())
}
