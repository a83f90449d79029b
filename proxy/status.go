package proxy

import (
	"slices"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
)

// A phase is what a request meets.
type phase string

const (
	waiting phase = "waiting" // it waits: a program is on its way
	serving phase = "serving" // it goes to the program
	failed  phase = "failed"  // it is answered: only a save or a key leads on
)

// status is what a request meets, and why.
type status struct {
	phase   phase
	why     string   // a sentence without an end
	backend *backend // while serving
	// overlap: the program before, which is ending, may take requests, too.
	overlap bool
}

// phaseOf is the status without the backend. settled: no publishing is under way.
func phaseOf(s engine.State, settled bool) (phase, string) {
	name := s.Settings.Name
	switch p := s.Process; {
	case s.Obstacle != nil:
		return failed, "there is nothing to build yet: " + s.Obstacle.Text
	case s.Phase != engine.Running:
		return failed, "hotdev is leaving"
	case p.Phase == engine.Up && s.Settings.Web.Target == "" && len(p.Usage.Ports) == 0:
		return waiting, name + " runs, and listens on no port yet"
	case p.Phase == engine.Up:
		return serving, ""
	case p.Desire == engine.ToRest:
		return failed, name + " is stopped; the key s starts it"
	case p.Phase == engine.Starting:
		return waiting, "starting " + name
	case p.Phase == engine.Stopping:
		return waiting, "restarting " + name
	case s.Build.Phase == engine.Compiling:
		return waiting, "building " + name
	case s.Build.Phase == engine.Broken:
		return failed, "the build is broken"
	case !settled, p.Exit == nil:
		return waiting, "starting " + name
	case p.Phase == engine.Crashed && s.Settings.OnCrash == engine.CrashRestarts:
		return waiting, name + " crashed: " + words.Ending(*p.Exit) + "; it is started again after a pause"
	case p.Phase == engine.Crashed && p.Exit.Err != "":
		return failed, p.Exit.Err
	case p.Phase == engine.Crashed:
		return failed, name + " crashed: " + words.Ending(*p.Exit)
	default:
		return failed, name + " ended; " + words.Next(s)
	}
}

// debugging are ports on which programs offer something to developers, not to
// browsers: pprof, and a debugger.
var debugging = []string{"6060", "2345"}

// address is where the running program is to be reached: the target of the settings,
// else the port of before if the program has it, else the lowest port that is for
// browsers. Of several it is a guess.
func address(s engine.State, before string) (url string, guess bool) {
	if t := s.Settings.Web.Target; t != "" {
		return t, false
	}
	var urls []string
	for _, port := range s.Process.Usage.Ports {
		host, number := port.Addr[:strings.LastIndexByte(port.Addr, ':')], port.Addr[strings.LastIndexByte(port.Addr, ':')+1:]
		switch host {
		case "0.0.0.0", "[::]":
			host = "127.0.0.1"
		}
		if u := "http://" + host + ":" + number; !slices.Contains(urls, u) {
			urls = append(urls, u)
		}
	}
	if len(urls) == 0 {
		return "", false
	}
	fit := slices.DeleteFunc(slices.Clone(urls), func(u string) bool { return slices.Contains(debugging, u[strings.LastIndexByte(u, ':')+1:]) })
	if len(fit) == 0 {
		fit = urls
	}
	if slices.Contains(fit, before) {
		return before, len(fit) > 1
	}
	return fit[0], len(fit) > 1
}

// listens reports whether the program is seen to listen at url.
func listens(s engine.State, url string) bool {
	number := url[strings.LastIndexByte(url, ':'):]
	return slices.ContainsFunc(s.Process.Usage.Ports, func(p runner.Port) bool { return strings.HasSuffix(p.Addr, number) })
}
