package lines

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/session"
)

// That a program was killed, why, and at last what to do, is said once, in plain
// and in JSON.
func TestOverdueIsSaid(t *testing.T) {
	s := engine.State{Phase: engine.Running, Process: engine.ProcessState{Phase: engine.Stopping, Life: engine.Life{Gen: 1}}}
	var plain, lines bytes.Buffer
	p := NewPrinter()
	views := []session.View{NewPlain(p, Out{Writer: &plain}, Out{Writer: &plain}, ""), NewJSON(p, &lines)}
	for _, overdue := range []time.Duration{5 * time.Second, 1500 * time.Millisecond, 0} {
		e := engine.Exited{Gen: 1, Exit: runner.Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true, Overdue: overdue}}
		s.Process.Phase = engine.Stopping
		s, _ = engine.Step(s, e)
		for _, v := range views {
			v.Show(session.State{Programs: []session.Program{{Name: "app", State: s}}}, 0, e)
		}
	}
	p.Close()
	once := "killed: it did not stop within run.stop_timeout (5s)"
	twice := "killed 2 times in a row: it did not stop within run.stop_timeout (1.5s). http.Server's Shutdown(context.Background()) waits"
	said := strings.Split(plain.String(), "\n")
	if len(said) != 4 || said[0] != "hotdev: "+once || !strings.HasPrefix(said[1], "hotdev: "+twice) || said[2] != "hotdev: killed" {
		t.Errorf("plain says\n%s", plain.String())
	}
	json := strings.Split(lines.String(), "\n")
	if len(json) != 6 || !strings.Contains(json[0], `"overdue_ns":5000000000`) || !strings.Contains(json[1], `"event":"notice","text":"`+once+`"`) ||
		!strings.Contains(json[3], `"event":"notice","text":"`+twice) || strings.Contains(json[4], "notice") {
		t.Errorf("JSON is\n%s", lines.String())
	}
}
