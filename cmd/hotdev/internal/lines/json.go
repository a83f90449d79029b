package lines

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/hotdev/hotdev/engine"
)

// A JSON prints every event as a line of JSON, and after it a line "notice" for
// each new notice.
type JSON struct {
	printer *Printer
	out     io.Writer
	notices []engine.Notice
}

func NewJSON(p *Printer, out io.Writer) *JSON { return &JSON{printer: p, out: out} }

func (v *JSON) Show(s engine.State, e engine.Event) {
	v.Line(s.Now, e.Name(), e)
	for _, n := range s.Notices {
		if !slices.Contains(v.notices, n) {
			v.Line(s.Now, "notice", struct {
				Text string `json:"text"`
			}{n.Text})
		}
	}
	v.notices = s.Notices
}

// Line prints {"time":…,"event":name, …fields of body…}.
func (v *JSON) Line(at time.Time, name string, body any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	head := struct {
		Time  time.Time `json:"time"`
		Event string    `json:"event"`
	}{at, name}
	if err := enc.Encode(head); err != nil {
		return // a time before year 0; there is nothing to tell it with
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
