package config

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// airInit is what air writes for a new project: every key at its usual value.
const airInit = `
root = "."
testdata_dir = "testdata"
tmp_dir = "tmp"

[build]
  args_bin = []
  bin = "./tmp/main"
  cmd = "go build -o ./tmp/main ."
  delay = 1000
  entrypoint = ["./tmp/main"]
  exclude_dir = ["assets", "tmp", "vendor", "testdata"]
  exclude_file = []
  exclude_regex = ["_test.go"]
  exclude_unchanged = false
  follow_symlink = false
  full_bin = ""
  include_dir = []
  include_ext = ["go", "tpl", "tmpl", "html"]
  include_file = []
  kill_delay = "0s"
  log = "build-errors.log"
  poll = false
  poll_interval = 0
  post_cmd = []
  pre_cmd = []
  rerun = false
  rerun_delay = 500
  send_interrupt = false
  stop_on_error = false

[color]
  app = ""
  build = "yellow"
  main = "magenta"
  runner = "green"
  watcher = "cyan"

[log]
  main_only = false
  silent = false
  time = false

[misc]
  clean_on_exit = false

[proxy]
  app_port = 0
  enabled = false
  proxy_port = 0

[screen]
  clear_on_rebuild = false
  keep_scroll = true
`

func air(t *testing.T, text string) Config {
	t.Helper()
	c, err := parse("/p/.air.toml", "/p", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A file that asks for nothing unusual draws no notice.
func TestAirInit(t *testing.T) {
	want := Default()
	want.Dir = "/p"
	want.Build.Package = "."
	want.Run.Args = []string{}
	want.Watch.Include = []string{"**/*.tpl", "**/*.tmpl", "**/*.html"}
	want.Watch.Exclude = []string{"tmp/**"} // embedded files may be in assets
	equal(t, air(t, airInit), want)
}

func TestAirEqualKeys(t *testing.T) {
	got := air(t, `
tmp_dir = "out/"
env_files = [".env", "/etc/env"]
[build]
pre_cmd = ["templ generate && sqlc generate"]
cmd = "CGO_ENABLED=0 go build -v -tags 'dev sqlite' -race -ldflags=-s -o ./out/api ./cmd/api"
entrypoint = ["out/api.exe", "serve"]
args_bin = ["--port 8080", "--name='a b'", "it's"]
include_ext = ["go", "html", "mod"]
include_dir = ["web", "views[1]"]
include_file = ["./config/app.yaml"]
exclude_dir = ["web/dist", " node_modules/ ", ""]
exclude_file = ["web/*.gen.html"]
send_interrupt = true
kill_delay = 500
poll = true
poll_interval = 2000
rerun = false
`)
	shell := [][]string{{"sh", "-c", "templ generate && sqlc generate"}}
	if runtime.GOOS == "windows" {
		shell = [][]string{{"powershell", "-NoProfile", "-NonInteractive", "-Command", "templ generate && sqlc generate"}}
	}
	want := Default()
	want.Dir = "/p"
	want.Build = Build{
		Fast:    true,
		Package: "./cmd/api",
		Flags:   []string{"-tags", "dev sqlite", "-race", "-ldflags=-s"},
		Before:  shell,
		Env:     map[string]string{"CGO_ENABLED": "0"},
	}
	want.Run.Args = []string{"serve", "--port", "8080", "--name=a b", "it's"}
	want.Run.EnvFiles = []string{filepath.Join("/p", ".env"), "/etc/env"}
	want.Run.StopTimeout = 500 * time.Millisecond
	want.Watch.Include = []string{"web/**/*.html", `views\[1\]/**/*.html`, "config/app.yaml"}
	want.Watch.Exclude = []string{"web/dist/**", "node_modules/**", "out/**", "web/*.gen.html"}
	want.Watch.Poll = "always"
	want.Watch.PollInterval = 2 * time.Second
	want.Notices = []string{".air.toml:5: build.pre_cmd[0] is taken over as build.before: it runs before each build"}
	equal(t, got, want)
}

func TestAirNotices(t *testing.T) {
	got := air(t, `
root = "../src"
[build]
cmd = "make build"
full_bin = "(cd x; tee log)"
delay = 0
include_ext = ["tpl"]
include_dir = ["../shared"]
exclude_file = ["a["]
exclude_regex = ["_test.go", "^.*_test[.]go$", "_gen.go"]
exclude_unchanged = true
ignore_dangerous_root_dir = true
stop_on_error = true
rerun = true
rerun_delay = 5
kill_delay = "2s"
[[build.rules]]
cmd = "x"
colour = "red"
include_dir = ["../shared"]
include_ext = ["css"]
[clean]
all = 1
[linux]
cmd = "z"
[proxy]
enabled = true
app_port = 80
`)
	want := `
.air.toml:4: build.cmd has no effect: no ` + "`go build`" + ` is seen in it; set [build] package, flags and before in .air-like.toml
.air.toml:5: build.full_bin has no effect: the program that build.cmd builds is not seen in it; set [run] args, env and wrapper in .air-like.toml
.air.toml:6: build.delay has no effect: a build starts after [watch] quiet, and the next save cancels it
.air.toml:8: build.include_dir has no effect for "../shared/**/*.tpl": it leaves the folder of this file
.air.toml:9: build.exclude_file has no effect for "a["
.air.toml:13: build.stop_on_error has no effect: a broken build never touches the running program
.air.toml:14: build.rerun counts for crashes only: a program that ends well stays down
.air.toml:15: build.rerun_delay has no effect: the pause after a crash grows by itself
.air.toml:16: build.kill_delay is followed although send_interrupt is false: hotdev always asks before it kills
.air.toml:17: build.rules[0] has no effect for "../shared/**/*.css": it leaves the folder of this file
.air.toml:19: build.rules[0].colour has no effect: air does not know it either
.air.toml:23: clean.all has no effect: air does not know it either
.air.toml:25: linux.cmd has no effect: air does not know it either
.air.toml:27: proxy.enabled has no effect without a proxy.proxy_port from 1 to 65535`
	if have := "\n" + strings.Join(got.Notices, "\n"); have != want {
		t.Errorf("have%s\n\nwant%s", have, want)
	}
	if !got.Run.RestartOnCrash || got.Run.StopTimeout != 2*time.Second || got.Build.Package != "" || !slices.Equal(got.Watch.ExcludeRegexps, []string{"_gen.go"}) {
		t.Errorf("have %+v", got)
	}
}

// air's proxy is hotdev's web address.
func TestAirProxy(t *testing.T) {
	for text, want := range map[string]Web{
		"enabled = true\nproxy_port = 8090\napp_port = 8080\napp_start_timeout = 2500": {Port: 8090, Target: ":8080", Wait: 2500 * time.Millisecond, Update: "morph", Errors: true},
		"enabled = true\nproxy_port = 8090":                                            {Port: 8090, Wait: 10 * time.Second, Update: "morph", Errors: true},
		"enabled = false\nproxy_port = 8090\napp_port = 8080":                          Default().Web,
	} {
		got, err := parse(".air.toml", "/", []byte("[proxy]\n"+text+"\n"))
		if err != nil || len(got.Notices) > 0 {
			t.Errorf("%s: %v %v", text, err, got.Notices)
		}
		equal(t, got.Web, want)
	}
}

// A rule is a task that runs when its files change, and leads to no build; what air runs
// before a build and at its end runs then here, too. Each is said.
func TestAirRules(t *testing.T) {
	got := air(t, `
root = "app"
[build]
cmd = "go build -o ./tmp/main ."
pre_cmd = ["templ generate"]
post_cmd = ["docker compose down", "rm -f x"]
exclude_dir = ["web"]
[[build.rules]]
name = "my assets"
cmd = "npm run build"
include_dir = ["web", "ui"]
include_ext = ["js", "css"]
include_file = ["web/page.html", "go.html"]
[[build.rules]]
cmd = "x"
include_ext = ["*"]
exclude_regex = ["/a/.*"]
delay = 5
`)
	shell := func(line string) Command { return Command(shellCommand(line)) }
	equal(t, got.Tasks, []Task{
		{Name: "my-assets", Cmd: shell("npm run build"), On: "save", Dir: "/p", Files: []string{"app/web/**/*.js", "app/web/**/*.css", "app/web/page.html", "app/ui/**/*.js", "app/ui/**/*.css"}},
		{Name: "rule-1", Cmd: shell("x"), On: "save", Dir: "/p", Files: []string{"app/**"}, Exclude: []string{"app/web/**", "app/tmp/**"}, ExcludeRegexps: []string{"/a/.*"}},
		{Name: "post_cmd", Cmd: shell("docker compose down"), On: "quit", Dir: "/p"},
		{Name: "post_cmd-2", Cmd: shell("rm -f x"), On: "quit", Dir: "/p"},
	})
	equal(t, got.Watch.Exclude, []string{"app/web/**", "app/tmp/**", "app/web/**/*.js", "app/web/**/*.css", "app/web/page.html", "app/ui/**/*.js", "app/ui/**/*.css"})
	equal(t, got.Notices, []string{
		".air.toml:5: build.pre_cmd[0] is taken over as build.before: it runs before each build",
		".air.toml:6: build.post_cmd[0] is taken over as task post_cmd, which runs when all else has ended",
		".air.toml:6: build.post_cmd[1] is taken over as task post_cmd-2, which runs when all else has ended",
		".air.toml:8: build.rules[0] is taken over as task my-assets: a save during a run begins another",
		".air.toml:14: build.rules[1] is taken over as task rule-1: a save during a run begins another",
	})

	// And it can be written as hotdev's own.
	lines, left := got.Lines()
	again, err := parse(Name, "/p", []byte(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Tasks {
		got.Tasks[i].Exclude, got.Tasks[i].ExcludeRegexps = nil, nil
	}
	equal(t, again.Tasks, got.Tasks)
	equal(t, left, []string{"exclude_dir for task rule-1", "exclude_regex of task rule-1: /a/.*"})
}

func TestAirErrors(t *testing.T) {
	_, err := parse("x/.air.toml", "/", []byte("[build]\ncmd = 5\npoll = 1\nkill_delay = true\nentrypoint = 7\npoll_interval = \"1s\"\nexclude_regex = ['a', '(']\npost_cmd = 'x'\n"+
		"[[build.rules]]\ncmd = 'x'\n[[build.rules]]\ninclude_ext = ['a']\n[[build.rules]]\ncmd = 'x'\ninclude_ext = 'a'\nexclude_regex = ['(']\n"))
	want := `x/.air.toml:2:7: build.cmd: want a string such as "5", have 5
x/.air.toml:3:8: build.poll: want true or false, have 1
x/.air.toml:4:14: build.kill_delay: want milliseconds or a duration such as "5s", have true
x/.air.toml:5:14: build.entrypoint: want an array of strings such as ["a", "b"], have 7
x/.air.toml:6:17: build.poll_interval: want a whole number, have "1s"
x/.air.toml:7:23: build.exclude_regex[1]: error parsing regexp: missing closing ): ` + "`(`" + `
x/.air.toml:8:12: build.post_cmd: want an array of strings such as ["x"], have "x"
x/.air.toml:9:9: build.rules[0]: one of include_dir, include_ext and include_file is missing, which air requires, too
x/.air.toml:11:9: build.rules[1]: cmd is missing, which air requires, too
x/.air.toml:15:15: build.rules[2].include_ext: want an array of strings such as ["a"], have "a"`
	if err == nil || err.Error() != want {
		t.Errorf("have %v\nwant %s", err, want)
	}
}

// A block for the system that hotdev runs on wins; that of another does not
// count, not even its mistakes.
func TestAirSystemBlock(t *testing.T) {
	other := "windows"
	if runtime.GOOS == other {
		other = "linux"
	}
	got := air(t, `
[build]
cmd = "go build -o tmp/main ./a"
pre_cmd = ["x"]
[build.`+other+`]
cmd = 5
[build.`+runtime.GOOS+`]
cmd = "go build -o tmp/main ./b"
bin = "elsewhere"
pre_cmd = []
full_bin = ""
delay = 5
`)
	equal(t, got.Build.Package, "./b")
	equal(t, len(got.Build.Before), 0)
	equal(t, got.Notices, []string{
		".air.toml:9: build.bin has no effect: hotdev runs what it builds",
		".air.toml:12: build." + runtime.GOOS + ".delay has no effect: air does not take it from the block of a system either",
	})
}

func TestAirKillDelayUnits(t *testing.T) {
	for text, want := range map[string]time.Duration{
		`500`:       500 * time.Millisecond,
		`999999`:    999999 * time.Millisecond,
		`1000000`:   time.Millisecond,
		`100000000`: 100 * time.Millisecond,
		`"500ms"`:   500 * time.Millisecond,
		`"10s"`:     10 * time.Second,
		`0`:         5 * time.Second, // not set: hotdev's own
		`-1`:        5 * time.Second,
	} {
		if got := air(t, "[build]\nkill_delay = "+text).Run.StopTimeout; got != want {
			t.Errorf("%s: have %s, want %s", text, got, want)
		}
	}
}

func TestAirFullBin(t *testing.T) {
	got := air(t, "[build]\nfull_bin = \"APP_ENV=dev ./tmp/main --x 'a b'\"\ncmd = 'go build -o tmp/main .'\nargs_bin = ['y']\nentrypoint=['tmp/main', 'dropped']")
	equal(t, got.Run.Env, map[string]string{"APP_ENV": "dev"})
	equal(t, got.Run.Args, []string{"--x", "a b", "y"})
	equal(t, got.Notices, []string(nil))
}
