package lines

import (
	"bytes"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
)

// A line says whose it is only where there are several programs; so do notices.
func TestJSONNamesPrograms(t *testing.T) {
	one := engine.State{Now: time.Unix(0, 0).UTC(), Notices: []engine.Notice{{Text: "n"}}}
	for _, c := range []struct {
		programs []string
		want     string
	}{
		{[]string{"api"}, `{"time":"1970-01-01T00:00:00Z","event":"pause"}
{"time":"1970-01-01T00:00:00Z","event":"notice","text":"n"}
`},
		{[]string{"api", "db"}, `{"time":"1970-01-01T00:00:00Z","program":"api","event":"pause"}
{"time":"1970-01-01T00:00:00Z","program":"api","event":"notice","text":"n"}
{"time":"1970-01-01T00:00:00Z","program":"db","event":"pause"}
{"time":"1970-01-01T00:00:00Z","program":"db","event":"notice","text":"n"}
`},
	} {
		var out bytes.Buffer
		p := NewPrinter()
		v := NewJSON(p, &out)
		var s session.State
		for _, name := range c.programs {
			s.Programs = append(s.Programs, session.Program{Name: name, State: one})
		}
		for i := range c.programs {
			v.Show(s, i, engine.Pause{})
		}
		p.Close()
		if got := out.String(); got != c.want {
			t.Errorf("have\n%swant\n%s", got, c.want)
		}
	}
}
