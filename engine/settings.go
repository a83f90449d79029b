package engine

import (
	"reflect"
)

// configured takes new settings: only what differs has consequences.
func (s State) configured(e Configured) (State, []Effect) {
	old := s.Settings
	s.Settings = e.Settings
	s = s.askedWeb()
	s.Fixed = ""
	if e.Err == "" {
		s.Fixed = s.mistake
	}
	s.mistake = e.Err
	s.reading = max(0, s.reading-1)
	if s.Notices = replaced(s.Notices, e); !reflect.DeepEqual(old.Watch, s.Settings.Watch) {
		s = s.endRows()
	}
	if !reflect.DeepEqual(old.Build.Before, s.Settings.Build.Before) {
		s = s.unlearn()
	}
	if s.Phase != Running {
		return s, nil
	}
	s, fx := s.rewatch(e.Since)
	switch {
	case s.isTask(): // whether it is to run again is not decided here
	case s.Gen == 0 && s.Settings.Debug.From != NotDebugged && s.Debugger.opening == NotDebugged && s.undebuggable() == "":
		s.Debugger.opening = s.Settings.Debug.From
		if s.Settings.Debug.AtStart {
			s.Debugger.opening = DebuggedAtStart
		}
		return s, append(fx, OpenDebugger{Debug: s.Settings.Debug, Request: s.Settings.Build})
	case s.Gen == 0:
		s2, more := s.begin(Cause{Kind: ByStart}, wantCurrent, nil)
		return s2, append(fx, more...)
	case !reflect.DeepEqual(old.Build, s.Settings.Build):
		if old.Build.Output != s.Settings.Build.Output {
			s.Build.Published = 0
		}
		s2, more := s.begin(Cause{Kind: ByConfig}, wantCurrent, nil)
		return s2, append(fx, more...)
	case s.Build.Published > 0 && !reflect.DeepEqual(old.Run, s.Settings.Run):
		s2, more := s.follow(wantCurrent, begun(s.Build.Published, Cause{Kind: ByConfig}, s.Now))
		return s2, append(fx, more...)
	}
	return s, fx
}
