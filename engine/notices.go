package engine

import (
	"slices"
	"strings"
)

// replaced gives the notices with those about the configuration as the newest
// reading has them: each reading says all there is to say.
func replaced(notices []Notice, e Configured) []Notice {
	notices = slices.DeleteFunc(slices.Clone(notices), func(n Notice) bool { return n.Subject == configSubject || n.Subject == settingSubject })
	if e.Err != "" {
		notices = append(notices, Notice{configSubject, e.Err})
	}
	for _, text := range e.Settings.Notices {
		notices = append(notices, Notice{settingSubject, text})
	}
	return notices
}

// configSubject is that of the notice about a mistake in the configuration, which is not
// in force; settingSubject is that of the notices about one that is. There may be many.
const (
	configSubject  = "config"
	settingSubject = "setting"
)

// Remark reports whether nothing is wrong: the notice is about how a setting is taken. There
// may be many of them, for as long as the configuration stays as it is.
func (n Notice) Remark() bool { return n.Subject == settingSubject }

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
