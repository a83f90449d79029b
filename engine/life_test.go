package engine

import (
	"reflect"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/internal/crash"
	"github.com/hotdev/hotdev/runner"
)

// A start leaves nothing of the life before, nor does one of an old binary.
func TestLivesAreApart(t *testing.T) {
	s := State{Now: time.Unix(100, 0), Phase: Running, Kept: 2, Build: BuildState{Phase: Idle, Published: 4}}
	s.Process = ProcessState{Phase: Down, Desire: ToRun, Life: Life{
		Gen: 3, Pid: 77, Debug: Debugged, Halt: &Halt{}, put: &Cycle{}, Ready: s.Now, Reports: []crash.Trace{{}}, Bequeathed: 1, Excerpts: []Excerpt{{}}, Conflict: &Conflict{}, Old: true,
		Usage: runner.Usage{RSS: 1}, Live: Live{Able: true}, Patching: Patching{Able: true}, Assets: []string{"x"}, complaints: []builder.Diagnostic{{}}, spec: runner.Spec{Path: "x"}, begun: s.Now, after: afterRest,
		asked: asked{at: s.Now}, unread: []string{"x"}, loading: Cycle{Gen: 3},
	}}
	s.Process.races, _, _ = crash.Races{}.Feed("stderr", "WARNING: DATA RACE")
	s.Process.panics, _, _ = crash.Panics{}.Feed("stderr", "http: panic serving 127.0.0.1:1: boom")
	s.Process.bequeath = true
	all := reflect.ValueOf(s.Process.Life)
	for i := range all.NumField() {
		if all.Field(i).IsZero() {
			t.Errorf("this test does not know %s", all.Type().Field(i).Name)
		}
	}
	s.Process.bequeath = false // else the reports are kept on purpose
	s.Now = time.Unix(200, 0)
	if got, _ := s.start(); !reflect.DeepEqual(got.Process.Life, Life{Gen: 4, spec: s.spec(), begun: s.Now}) {
		t.Errorf("a start has %+v", got.Process.Life)
	}
	old := runner.Spec{Path: s.keptPath()}
	if got, _ := s.startOld(); !reflect.DeepEqual(got.Process.Life, Life{Gen: 2, Old: true, spec: old, begun: s.Now}) {
		t.Errorf("a start of the old binary has %+v", got.Process.Life)
	}
}
