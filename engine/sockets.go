package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// Sockets that hotdev listens on for the program (runner.Spec.Listen) are there before
// it runs. It is ready when it waits for connections on one of them.

// gives reports whether the program was given a socket with the port of addr.
func (s State) gives(addr string) bool {
	return slices.ContainsFunc(s.Process.spec.Listen, func(given string) bool { return portOf(given) == portOf(addr) })
}

// portOf is the port of an address, with its colon.
func portOf(addr string) string { return addr[max(0, strings.LastIndexByte(addr, ':')):] }

// sampled takes what the program uses, and that it has begun to listen.
func (s State) sampled(e Sampled) (State, []Effect) {
	p := &s.Process
	if e.Gen != p.Gen || p.Phase != Up {
		return s, nil
	}
	p.Usage = e.Usage
	switch given := p.spec.Listen; {
	case len(e.Usage.Ports) == 0:
		return s, nil
	case len(given) > 0 && !listensAt(e.Usage, given):
		if s.taking == 0 {
			s.timers++
			s.taking = s.timers
			return s, []Effect{Wait{ID: s.taking, Duration: takingTime}}
		}
		return s, nil
	case p.Ready.IsZero() && !s.Settings.Ready.asks():
		s = s.ready()
	}
	return s.notice("socket", "").offerWeb(), nil
}

// listensAt reports whether a program with this usage listens at the port of one of
// addrs.
func listensAt(u runner.Usage, addrs []string) bool {
	return slices.ContainsFunc(addrs, func(addr string) bool {
		return slices.ContainsFunc(u.Ports, func(p runner.Port) bool { return portOf(p.Addr) == portOf(addr) })
	})
}

// takingTime is how long a program may listen elsewhere before it is said that it does
// not listen where it should: longer than from one listener to the next.
const takingTime = 3 * time.Second

// untakenSockets says that the program listens, but on none of its sockets, so that
// whoever connects to those waits in vain.
func (s State) untakenSockets() State {
	p := s.Process
	s.taking = 0
	if p.Phase != Up || len(p.Usage.Ports) == 0 || len(p.spec.Listen) == 0 || listensAt(p.Usage, p.spec.Listen) {
		return s
	}
	return s.notice("socket", fmt.Sprintf("the program listens on %s, and not on the socket that it is given, %s (run.socket): %s",
		p.Usage.Ports[0].Addr, p.spec.Listen[0], takes))
}

// untaken says why a program that was given a socket could not listen at its address.
func untaken(addr string) string {
	return fmt.Sprintf("hotdev listens on %s for the program (run.socket), which is to take that socket: %s", addr, takes)
}

const takes = "use Listen of package github.com/hotdev/hotdev/reload/socket in place of net.Listen, or what else reads LISTEN_FDS"
