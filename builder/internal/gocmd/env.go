package gocmd

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// An Env is the settings of the go command, including those of go env -w.
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
	// GOENV is the file of go env -w; stamp is its state when go env ran.
	GOENV, stamp string
	// Failure is why go env failed, for instance in a broken workspace; nil if it did
	// not.
	Failure error `json:"-"`
}

// asked are the settings that hotdev reads by go env.
var asked = []string{
	"GOFLAGS", "GOMOD", "GOWORK", "GOEXE", "CGO_ENABLED", "CC", "GOENV", "GOOS", "GOARCH", "GOHOSTOS", "GOHOSTARCH",
	"GOAMD64", "GOARM64", "GOEXPERIMENT", "GOVERSION", "GOROOT", "GOTOOLDIR", "GOCACHE", "GOMODCACHE",
}

// maxSettings is the number of answers that are remembered. A session has one for each
// program; each change of the configuration adds another.
const maxSettings = 16

// Settings remember the answers of go env, by folder and environment.
type Settings struct {
	mu       sync.Mutex // guards the fields below
	said     map[string]Env
	supposed map[string]func(*Env) // set by tests
}

// Get returns the last answer of go env for this folder and environment, unless go env
// -w changed it since. Errors are as with Ask.
func (s *Settings) Get(ctx context.Context, dir string, env []string) (Env, error) {
	s.mu.Lock()
	said, ok := s.said[Key(dir, env)]
	s.mu.Unlock()
	if ok && fileStamp(said.GOENV) == said.stamp {
		return said, nil
	}
	return s.Ask(ctx, dir, env)
}

// Ask runs go env. If that fails, Ask returns no error but sets the answer's Failure:
// the command that needs the settings will report it better. An error means that there
// is no go command ([NotFound]), that it could not be run, or is ctx's.
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
		e.stamp = "written while go env ran" // so that the next Get asks again
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said == nil || len(s.said) >= maxSettings {
		s.said = map[string]Env{} // forgetting them costs a go env
	}
	if f := s.supposed[Key(dir, env)]; f != nil {
		f(&e)
	}
	s.said[Key(dir, env)] = e
	return e, nil
}

// Forget makes the next Get run go env.
func (s *Settings) Forget(dir string, env []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.said, Key(dir, env))
	delete(s.supposed, Key(dir, env))
}

// Suppose changes the go command's answers by f, until they are forgotten. It is for
// tests of other tools.
func (s *Settings) Suppose(dir string, env []string, f func(*Env)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.supposed == nil {
		s.supposed = map[string]func(*Env){}
	}
	s.supposed[Key(dir, env)] = f
	delete(s.said, Key(dir, env))
}

// setting returns a variable's value in the environment or in go env -w; empty if
// neither sets it. Asking the go command would be slow for cgo's variables, because it
// creates a temporary folder to answer.
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

// VendorFolder is where vendored packages are, or would be: beside go.work, or else
// beside the main module's go.mod. It is empty if there is neither.
func (e Env) VendorFolder() string {
	for _, file := range []string{e.GOWORK, e.GOMOD} {
		if filepath.IsAbs(file) && file != os.DevNull {
			return filepath.Join(filepath.Dir(file), "vendor")
		}
	}
	return ""
}

// fileStamp identifies the state of a file; empty if it does not exist.
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
