package engine

import (
	"regexp"
	"sync"
)

// inUse is how package net says that an address is taken. It is compiled when it
// is first wanted.
var inUse = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`listen \S+ (\S+): bind: (?:address already in use|Only one usage of each socket address)`)
})

// conflictLines is how far from its end the output of a program that crashed is
// searched: the reason is there, followed by a stack at most.
const conflictLines = 200

// conflict is the address that the program which just crashed could not have, or
// hotdev for it.
func (s State) conflict() *Conflict {
	if m := inUse().FindStringSubmatch(s.Process.Exit.Err); m != nil {
		return &Conflict{Addr: m[1]}
	}
	for i := s.Log.Len() - 1; i >= max(0, s.Log.Len()-conflictLines); i-- {
		e := s.Log.At(i)
		if e.Gen != s.Process.Gen {
			break
		}
		if m := inUse().FindStringSubmatch(e.Text); m != nil {
			return &Conflict{Addr: m[1]}
		}
	}
	return nil
}

// held takes what was found out about the holder of an address.
func (s State) held(e Held) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Conflict == nil {
		return s, nil
	}
	if e.Err != "" {
		return s.notice("conflict", e.Err), nil
	}
	s = s.notice("conflict", "")
	if !e.Ended {
		p.Conflict = &e.Conflict
		return s, nil
	}
	p.Conflict = nil
	if p.Phase != Crashed {
		return s, nil
	}
	return s.follow(wantCurrent, begun(s.Build.Published, Cause{Kind: ByKey}, s.Now))
}

// endHolder ends the leftover that has the program's address.
func (s State) endHolder() (State, []Effect) {
	c := s.Process.Conflict
	if s.Phase != Running || c == nil || !c.Ours {
		return s, nil
	}
	return s, []Effect{Evict{Gen: s.Process.Gen, Conflict: *c}}
}
