package control

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hotdev/hotdev/engine"
)

// A Verb is one kind of request.
type Verb struct {
	Name string
	// Does completes "hotdev ctl NAME: …".
	Does string
	// Event is the engine's event that the verb sends; nil if it only asks.
	Event engine.Event

	answer func(answer, context.Context) Reply
}

// Verbs lists all verbs in the order of the help. Those that send events come from the
// engine's registry.
func Verbs() []Verb {
	verbs := []Verb{
		{Name: "status", Does: "print what is running, and the outcome of the last save", answer: answer.status},
		{Name: "await", Does: "wait until everything that is saved is built and running", answer: answer.await},
		{Name: "errors", Does: "print the compiler's errors with their source, crashes, data races", answer: answer.errors},
		{Name: "test", Does: "run tests, and wait for the outcome: those of packages, else those that saves can have affected, that failed or that never ran, else all", answer: answer.test},
		{Name: "logs", Does: "print what the program has printed", answer: answer.logs},
		{Name: "explain", Does: "explain why the last save did what it did, step by step; for a file, what a save of it does", answer: answer.explain},
		{Name: "profile", Does: "take a profile of the running program, and print the functions at its top: " + strings.Join(ProfileKinds(), ", "), answer: answer.profile},
	}
	for _, k := range engine.Kinds() {
		if k.Verb == "" {
			continue
		}
		v := Verb{Name: k.Verb, Does: k.Means, Event: k.Event}
		switch k.Event.(type) {
		case engine.Pause:
			v.answer = answer.pause
		case engine.Quit:
			v.answer = answer.stop
		default:
			v.answer = func(a answer, ctx context.Context) Reply { return a.request(ctx, k.Event) }
		}
		verbs = append(verbs, v)
	}
	return verbs
}

// verbCalled finds a verb.
func verbCalled(name string) (Verb, bool) {
	for _, v := range Verbs() {
		if v.Name == name {
			return v, true
		}
	}
	return Verb{}, false
}

// check returns an error for a request that makes no sense.
func (r Request) check() error {
	if _, ok := verbCalled(r.Verb); !ok {
		var names []string
		for _, v := range Verbs() {
			names = append(names, v.Name)
		}
		return fmt.Errorf("no such verb: %q (there are %s)", r.Verb, strings.Join(names, ", "))
	}
	if r.Gen < 0 || r.Since < 0 || r.Tail < 0 || r.Timeout < 0 {
		return fmt.Errorf("%s: a negative number", r.Verb)
	}
	if err := checkPackages(r.Packages); err != nil {
		return err
	}
	if r.Cover && (r.All || r.Only || r.Pattern != "" || len(r.Packages) > 0) {
		return fmt.Errorf("test: with cover, the changed lines say which tests run; name no others")
	}
	if err := r.checkProfile(); err != nil {
		return err
	}
	if r.File != "" && !filepath.IsAbs(r.File) {
		return fmt.Errorf("%s: %s is no absolute path", r.Verb, r.File)
	}
	if _, err := regexp.Compile(r.Grep); err != nil {
		return fmt.Errorf("%s: grep: %w", r.Verb, err)
	}
	return nil
}
