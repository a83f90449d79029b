package engine

import (
	"slices"
	"strings"
)

// replaced gives the notices with those about the configuration as the newest
// reading has them: each reading says all there is to say.
func replaced(notices []Notice, e Configured) []Notice {
	notices = slices.DeleteFunc(slices.Clone(notices), func(n Notice) bool { return n.Subject == configSubject })
	texts := e.Settings.Notices
	if e.Err != "" {
		texts = append([]string{e.Err}, texts...)
	}
	for _, text := range texts {
		notices = append(notices, Notice{configSubject, text})
	}
	return notices
}

// configSubject is that of the notices about the configuration, of which there may
// be many.
const configSubject = "config"

// silence removes the notices of all subjects that begin with prefix.
func (s State) silence(prefix string) State {
	s.Notices = slices.DeleteFunc(slices.Clone(s.Notices), func(n Notice) bool { return strings.HasPrefix(n.Subject, prefix) })
	return s
}

// notice sets, replaces or (with no text) removes the notice of a subject.
func (s State) notice(subject, text string) State {
	i := slices.IndexFunc(s.Notices, func(n Notice) bool { return n.Subject == subject })
	switch {
	case i < 0 && text == "":
	case i < 0:
		s.Notices = append(slices.Clip(s.Notices), Notice{subject, text})
	case text == "":
		s.Notices = slices.Delete(slices.Clone(s.Notices), i, i+1)
	default:
		s.Notices = slices.Clone(s.Notices)
		s.Notices[i].Text = text
	}
	return s
}

// forgetLife removes the notices about the program that ran before.
func (s State) forgetLife() State {
	for _, subject := range []string{"reload", "dump", "start", "ready", "socket", "back"} {
		s = s.notice(subject, "")
	}
	return s
}
