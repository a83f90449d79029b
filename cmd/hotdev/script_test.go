package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hotdev/hotdev/builder"
	"github.com/hotdev/hotdev/control"
	"github.com/hotdev/hotdev/runner"
)

// long has the tests that do something again and again do it more often. .ci/run
// sets it.
var long = os.Getenv("HOTDEV_LONG") != ""

// tests are run with SIGHUP taken: what they start does not inherit that it is
// ignored, as under nohup.
type tests struct{ *testing.M }

func (t tests) Run() int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	var err error
	if trials, err = os.MkdirTemp("", "hotdev-trials-"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(trials)
	// The go commands that hotdev runs here have little memory, and would collect it
	// for a fifth of their time. A full run of bench/torture leaves that as it is.
	if os.Getenv("GOGC") == "" {
		_ = os.Setenv("GOGC", "400")
	}
	return t.M.Run()
}

// trials is where what came of trying live code out is kept for all tests; each has
// a cache folder of its own otherwise.
var trials string

// shareTrial gives a cache folder the trials of all tests.
func shareTrial(cache string) string {
	hotdev := filepath.Join(cache, "hotdev")
	if os.MkdirAll(hotdev, 0o700) == nil {
		_ = os.Symlink(trials, filepath.Join(hotdev, "live")) // else there is a trial of its own
	}
	return cache
}

func TestMain(m *testing.M) {
	runner.Main()
	// Stories wait more than they work.
	_ = flag.Set("test.parallel", fmt.Sprint(max(4, runtime.GOMAXPROCS(0))))
	testscript.Main(tests{m}, map[string]func(){
		"hotdev": func() {
			os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
		},
		"hotdev-panics": panics,
		"hotdev-sketch": sketching,
	})
}

// TestScript plays the stories in testdata/script: the real binary on real
// modules. Beside testscript's own commands there are
//
//	start [ARG ...]              start hotdev --json in the background
//	await EVENT [COND ...]       wait for such an event, each time for another
//	never EVENT [COND ...]       there was no such event so far
//	count N EVENT [COND ...]     there were N such events so far
//	signal NAME                  send hotdev a signal
//	ended CODE                   wait for hotdev's end; -1 is by a signal
//	exits CODE COMMAND [ARG ...] run a command that exits with that code
//	save HOW FILE SOURCE         save SOURCE's content as FILE the way HOW does
//	fetch PATH [COND ...]        ask the web address that was served last for it as a
//	                             browser asks for a document; see "status" as a line
//	debug ...                    what an editor does that debugs the program; see [debugging]
//	gone NAME [COND ...]         wait for the end of the process that printed
//	                             "NAME pid <pid>"
//
// A COND is ~TEXT (the event's line contains TEXT), !TEXT (it does not) or
// FIELD=VALUE, where FIELD may be dotted.
func TestScript(t *testing.T) {
	t.Parallel()
	cache, modules := goCache(t), goEnv(t, "GOMODCACHE")
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCACHE", cache)
			env.Setenv("GOMODCACHE", modules)
			env.Setenv("GOTELEMETRY", "off")
			env.Setenv("GOGC", os.Getenv("GOGC"))
			env.Setenv("HOTDEV_SOURCE", source)
			env.Setenv("GOFLAGS", "")
			env.Setenv("GOPROXY", "off")
			env.Setenv("XDG_CACHE_HOME", shareTrial(filepath.Join(env.WorkDir, ".cache")))
			env.Setenv("PORT", fmt.Sprint(freePort()))
			if home, err := os.UserHomeDir(); err == nil {
				env.Setenv("npm_config_cache", filepath.Join(home, ".npm"))
			}
			h := &hot{}
			env.Values["hot"] = h
			env.Defer(h.kill)
			env.Defer(func() { endBackground(filepath.Join(env.WorkDir, ".cache"), env.WorkDir) })
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "plugins":
				return plugins(t), nil
			case "long":
				return long, nil
			case "shop":
				return long && hasShop(t, source), nil
			case "delve": // the standard library is compiled for it once more
				return long && hasDelve(), nil
			case "postgres":
				bin, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
				return long && len(bin) > 0, nil
			case "sqlc":
				_, err := exec.LookPath("sqlc")
				return long && err == nil, nil
			case "tailwind":
				return long && npmHas(t, "@tailwindcss/cli@4.3.5"), nil
			case "live":
				_, able := builder.CanPatch()
				return able, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start":  on((*hot).start),
			"await":  on((*hot).await),
			"never":  on((*hot).never),
			"count":  on((*hot).count),
			"signal": on((*hot).signal),
			"ended":  on((*hot).ended),
			"gone":   on((*hot).gone),
			"fetch":  on((*hot).fetch),
			"debug":  debugging,
			"save":   save,
			"exits":  exits,
		},
	})
}

// plugins reports whether Go can build them here. If so, what their programs
// import has been compiled for them: by the first that asks, while the others
// wait. Stories that begin side by side with an empty build cache would each
// compile the standard library.
func plugins(t *testing.T) bool {
	_, err := exec.LookPath(strings.Fields(goEnv(t, "CC") + " cc")[0])
	if err != nil || goEnv(t, "CGO_ENABLED") != "1" || runtime.GOOS == "windows" {
		return false
	}
	compilePluginLibrary.Do(func() {
		cmd := exec.Command("go", "list", "-export", "-deps", "-buildmode=plugin", "-tags=hotdev", "--",
			module+"reload", "bufio", "embed", "errors", "fmt", "net", "os/signal", "runtime/cgo", "strings", "unicode")
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOCACHE="+goCache(t))
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("compile the standard library for plugins: %v\n%.2000s", err, text)
		}
	})
	return true
}

var compilePluginLibrary sync.Once

func goEnv(t *testing.T, key string) string {
	t.Helper()
	out, err := exec.Command("go", "env", key).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// npmHas reports whether npm can install a package without a network.
func npmHas(t *testing.T, spec string) bool {
	t.Helper()
	cmd := exec.Command("npm", "install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", spec)
	cmd.Dir = t.TempDir()
	return cmd.Run() == nil
}

// hasShop reports whether the modules of examples/shop are on this machine.
func hasShop(t *testing.T, source string) bool {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "./...", "tool")
	cmd.Dir = filepath.Join(source, "examples", "shop")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off")
	return cmd.Run() == nil
}

// goCache is the machine's build cache: a story's own would compile the standard
// library first.
func goCache(t *testing.T) string { return goEnv(t, "GOCACHE") }

// on makes a script command of a method of the script's hotdev.
func on(f func(*hot, *testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("! does not go with this command")
		}
		f(ts.Value("hot").(*hot), ts, args)
	}
}

// endBackground ends the hotdevs that a failed story has left in the background.
func endBackground(cache, dir string) {
	places, _ := control.Find(builder.Folders(cache), dir)
	for _, place := range places {
		if p, err := os.FindProcess(place.Pid); err == nil {
			_ = p.Kill()
		}
	}
}

// exits is exec for a command whose exit code matters.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG ...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
