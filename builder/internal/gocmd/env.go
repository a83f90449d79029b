package gocmd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// An Env is what the go command says of its settings, the user's go env -w
// included.
type Env struct {
	GOFLAGS, GOMOD, GOWORK, GOEXE string
	CGO_ENABLED, CC, CGO_CPPFLAGS string
	CGO_CFLAGS, CGO_CXXFLAGS      string
	PKG_CONFIG                    string
	GOOS, GOARCH                  string
	GOHOSTOS, GOHOSTARCH          string
	GOAMD64, GOARM64              string
	GOEXPERIMENT, GOVERSION       string
	GOROOT, GOTOOLDIR             string
	GOCACHE, GOMODCACHE           string
	// GOENV is the file of go env -w, and stamp what it was when this was said.
	GOENV, stamp string
	// Failure is why the go command said nothing of itself, in a broken workspace
	// for instance; nil if it did.
	Failure error `json:"-"`
}

// asked are the settings that go env is asked for.
var asked = []string{
	"GOFLAGS", "GOMOD", "GOWORK", "GOEXE", "CGO_ENABLED", "CC", "GOENV", "GOOS", "GOARCH", "GOHOSTOS", "GOHOSTARCH",
	"GOAMD64", "GOARM64", "GOEXPERIMENT", "GOVERSION", "GOROOT", "GOTOOLDIR", "GOCACHE", "GOMODCACHE",
}

// maxSettings answers are remembered. A session has one for each program; each
// change of the configuration makes another.
const maxSettings = 16

// Settings remember what go env said, by folder and environment.
type Settings struct {
	mu       sync.Mutex // guards what follows
	said     map[string]Env
	supposed map[string]func(*Env) // by tests
}

// Get is what go env said last, in this folder and environment, unless go env -w
// changed it since. An error is as with Ask.
func (s *Settings) Get(ctx context.Context, dir string, env []string) (Env, error) {
	s.mu.Lock()
	said, ok := s.said[Key(dir, env)]
	s.mu.Unlock()
	if ok && fileStamp(said.GOENV) == said.stamp {
		return said, nil
	}
	return s.Ask(ctx, dir, env)
}

// Ask asks go env. That it fails is no error, but the answer's Failure: the
// command that matters will say so better. An error means that there is no go
// command ([NotFound]), that it could not be run, or is ctx's.
func (s *Settings) Ask(ctx context.Context, dir string, env []string) (e Env, err error) {
	began := time.Now()
	var out, text strings.Builder
	err = Command{
		Argv: append([]string{"go", "env", "-json"}, asked...), Dir: dir, Env: Environ(env),
		Stdout: func(l string) { out.WriteString(l) },
		Stderr: func(l string) { text.WriteString(l + "\n") },
	}.Run(ctx)
	if ctx.Err() != nil {
		return Env{}, ctx.Err()
	}
	if err != nil && !Failed(err) {
		return Env{}, fmt.Errorf("go env: %w", err)
	}
	if jerr := json.Unmarshal([]byte(out.String()), &e); jerr != nil {
		e = Env{GOFLAGS: Getenv(Environ(env), "GOFLAGS"), GOWORK: Getenv(Environ(env), "GOWORK")}
		if err == nil {
			err = jerr
		}
	}
	if err != nil {
		e.Failure = fmt.Errorf("go env: %w: %s", err, strings.TrimSpace(text.String()))
	}
	e.CGO_CPPFLAGS, e.CGO_CFLAGS, e.CGO_CXXFLAGS = e.setting(env, "CGO_CPPFLAGS"), e.setting(env, "CGO_CFLAGS"), e.setting(env, "CGO_CXXFLAGS")
	e.PKG_CONFIG = cmp.Or(e.setting(env, "PKG_CONFIG"), "pkg-config") // the go command's default
	if e.stamp = fileStamp(e.GOENV); changedAfter(e.GOENV, began) {
		e.stamp = "written while go env ran" // the next one asks again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said == nil || len(s.said) >= maxSettings {
		s.said = map[string]Env{} // forgetting costs a go env
	}
	if f := s.supposed[Key(dir, env)]; f != nil {
		f(&e)
	}
	s.said[Key(dir, env)] = e
	return e, nil
}

// Forget has the next get ask.
func (s *Settings) Forget(dir string, env []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.said, Key(dir, env))
	delete(s.supposed, Key(dir, env))
}

// Suppose has the go command's answers changed by f, until they are forgotten. It
// is for tests, of other tools.
func (s *Settings) Suppose(dir string, env []string, f func(*Env)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.supposed == nil {
		s.supposed = map[string]func(*Env){}
	}
	s.supposed[Key(dir, env)] = f
	delete(s.said, Key(dir, env))
}

// setting is what the environment or go env -w say of a variable; empty if neither
// does. The go command itself makes a folder for temporary files to tell what is
// cgo's.
func (e Env) setting(env []string, name string) string {
	if v := Getenv(Environ(env), name); v != "" {
		return v
	}
	text, err := os.ReadFile(e.GOENV)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok {
			return v
		}
	}
	return ""
}

// fileStamp tells a file from what it was; empty if there is none.
func fileStamp(file string) string {
	st, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %v", st.Size(), st.ModTime())
}

func changedAfter(file string, when time.Time) bool {
	st, err := os.Stat(file)
	return err == nil && st.ModTime().After(when)
}

// Key identifies a folder and an environment.
func Key(dir string, env []string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%q\n", dir, env)
	return string(h.Sum(nil))
}
