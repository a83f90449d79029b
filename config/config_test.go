package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// write makes a file below a temporary folder and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("have %#v\nwant %#v", got, want)
	}
}

func TestEmptyFileIsDefault(t *testing.T) {
	for _, text := range []string{"", "\ufeff", "# nothing\r\n", "[build]\n[run]\n[run.env]\n"} {
		c, err := parse(Name, "/project", []byte(text))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		want := Default()
		want.Dir = "/project"
		if strings.Contains(text, "run.env") {
			want.Run.Env = map[string]string{}
		}
		equal(t, c, want)
	}
}

func TestEveryKey(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, Name, `
[build]
package = "./cmd/api"
flags = ["-race", "-ldflags", "-s -w", "-tags=dev,sqlite"]
fast = false
debug = true
output = "bin/api"
before = ["sqlc generate -f 'my file.yaml'", ["sh", "-c", "a && b"]]
env = { CGO_ENABLED = "0" }

[run]
args = ["-v", ""]
wrapper = ["bin/wrap", "{program}", "--"]
env.PORT = "8080"
env_files = [".env", "/etc/env"]
dir = "web"
tty = true
socket = ":8080"
swap = "ready"
stop_signal = "SIGTERM"
stop_timeout = "1m30s"
restart_on_crash = true

[live]
mode = "auto"

[plugin]
mode = "plugin"
symbol = "MyFunc"
packages = ["./plugins/a"]
notify_file = "plugins.txt"
notify_signal = "SIGUSR1"
reload_only = true
max_generations = 7
max_memory = 64

[watch]
include = ["./templates/**/*.html", "*.sql"]
exclude = ["**/{gen,tmp}/*"]
poll = "never"
poll_interval = "1s"
quiet = "50ms"
max = "50ms"

[web]
port = 7777
target = ":8080"
wait = "3s"
assets = ["./static/**"]
update = "reload"
tls = true
errors = false
hosts = ["app.test", ".b.test"]

[test]
on = "save"
flags = ["-race", "-run", "Test A"]
include = ["./migrations/*.sql"]
env = { TZ = "UTC" }

[screen]
editor = "code --wait"
unicode = false
mouse = false
theme = "sea"
bell = true
notify = true

[keys]
clear = "ctrl+l"
reload = ["r", "f5"]
`)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c, Config{
		Build: Build{
			Package: "./cmd/api",
			Flags:   []string{"-race", "-ldflags", "-s -w", "-tags=dev,sqlite"},
			Debug:   true,
			Output:  filepath.Join(dir, "bin", "api"),
			Before:  [][]string{{"sqlc", "generate", "-f", "my file.yaml"}, {"sh", "-c", "a && b"}},
			Env:     map[string]string{"CGO_ENABLED": "0"},
		},
		Run: Run{
			Args:           []string{"-v", ""},
			Wrapper:        []string{filepath.Join(dir, "bin/wrap"), "{program}", "--"},
			Env:            map[string]string{"PORT": "8080"},
			EnvFiles:       []string{filepath.Join(dir, ".env"), "/etc/env"},
			Dir:            filepath.Join(dir, "web"),
			TTY:            true,
			Stdin:          "none",
			Socket:         Addresses{":8080"},
			Swap:           "ready",
			StopSignal:     "SIGTERM",
			StopTimeout:    90 * time.Second,
			RestartOnCrash: true,
		},
		Live:   Live{Mode: "auto"},
		Plugin: Plugin{Mode: "plugin", Symbol: "MyFunc", Packages: []string{"./plugins/a"}, NotifyFile: filepath.Join(dir, "plugins.txt"), NotifySignal: "SIGUSR1", ReloadOnly: true, MaxGenerations: 7, MaxMemory: 64},
		Watch: Watch{
			Include:      []string{"templates/**/*.html", "*.sql"},
			Exclude:      []string{"**/{gen,tmp}/*"},
			Poll:         "never",
			PollInterval: time.Second,
			Quiet:        50 * time.Millisecond,
			Max:          50 * time.Millisecond,
		},
		Web:       Web{Port: 7777, Target: ":8080", Wait: 3 * time.Second, Assets: []string{"static/**"}, TLS: true, Update: "reload", Hosts: []string{"app.test", ".b.test"}},
		Test:      Test{On: "save", Flags: []string{"-race", "-run", "Test A"}, Include: []string{"migrations/*.sql"}, Env: map[string]string{"TZ": "UTC"}},
		Screen:    Screen{Editor: "code --wait", Theme: "sea", Bell: true, Notify: true},
		Keys:      map[string][]string{"clear": {"ctrl+l"}, "reload": {"r", "f5"}},
		DirAt:     &Place{File: path, Line: 16, Column: 1, Key: "run.dir"},
		PackageAt: &Place{File: path, Line: 3, Column: 1, Key: "build.package"},
		KeysAt:    map[string]Place{"clear": {File: path, Line: 70, Column: 1, Key: "keys.clear"}, "reload": {File: path, Line: 71, Column: 1, Key: "keys.reload"}},
		Dir:       dir,
	})
}

// TestErrors holds the texts that users see. Each case is one file with all of
// its errors.
func TestErrors(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"not TOML", "[build]\npackage = ./cmd\n", `
f:2:11: unexpected character U+002E '.' at start of value`},
		{"unclosed string", "[build]\npackage = \"x\n", `
f:2:13: basic strings cannot have new lines`},
		{"keys that would draw on the terminal", "\"\\u001b[2J\\n\" = 1\n[run]\ntty = \"\\u001b\"\n", "\n" +
			"f:1:1: unknown key `\\x1b[2J\\n`\n" +
			"f:3:7: run.tty: want true or false, have \"\\x1b\""},
		{"key twice", "[run]\ntty = true\ntty = false\n", `
f:3:1: key tty is already defined`},
		{"not UTF-8", "[build]\npackage = \"\xff\"\n", `
f:2:12: invalid UTF-8 character in basic string`},

		{"unknown keys", `
package = "."
whatever = 1
pakage = "."
[biuld]
x = 1
[zzzzzzz]
[run]
stop_timout = "5s"
  exclude = []
xyzzy = 1
"a.b" = 1
`, "\n" +
			"f:2:1: unknown key `package`: it belongs to `[build]`\n" +
			"f:3:1: unknown key `whatever`\n" +
			"f:4:1: unknown key `pakage`: did you mean `[build] package`?\n" +
			"f:5:2: unknown table `[biuld]`: did you mean `[build]`?\n" +
			"f:7:2: unknown table `[zzzzzzz]`: the tables are build, run, live, plugin, watch, web, test, debug, screen, keys, program, process, task\n" +
			"f:9:1: unknown key `[run] stop_timout`: did you mean `stop_timeout`?\n" +
			"f:10:3: unknown key `[run] exclude`: it belongs to `[watch]`\n" +
			"f:11:1: unknown key `[run] xyzzy`: the keys are args, wrapper, env, env_files, dir, tty, stdin, port, socket, swap, stop_signal, stop_timeout, restart_on_crash, after, ready\n" +
			"f:12:1: unknown key `[run] a.b`: the keys are args, wrapper, env, env_files, dir, tty, stdin, port, socket, swap, stop_signal, stop_timeout, restart_on_crash, after, ready"},
		{"unknown keys, dotted and inline", "run.stop_timout = \"5s\"\nwatch = { quite = \"1s\" }\n", "\n" +
			"f:1:5: unknown key `[run] stop_timout`: did you mean `stop_timeout`?\n" +
			"f:2:11: unknown key `[watch] quite`: did you mean `quiet`?"},

		{"wrong types", `
screen = 5
[build]
package = 1
flags = "-race"
before = "go generate"
env = ["A=1"]
[run]
args = [
  "fine",
  8080, 1.5, # [not this]
  [],
]
env = { PORT = 8080, DEBUG = true, DAY = 2020-01-01 }
tty = "yes"
stop_timeout = 5
[watch]
quiet = "20 ms"
poll = []
include = {}
`, `
f:2:10: screen: want a table, [screen], have 5
f:4:11: build.package: want a string such as "1", have 1
f:5:9: build.flags: want an array of strings such as ["-race"], have "-race"
f:6:10: build.before: want an array of commands such as ["go generate ./..."], have "go generate"
f:7:7: build.env: want a table such as { NAME = "value" }, have an array
f:11:3: run.args[1]: want a string such as "8080", have 8080
f:11:9: run.args[2]: want a string such as "1.5", have 1.5
f:12:3: run.args[3]: want a string, have an array
f:14:16: run.env.PORT: want a string such as "8080", have 8080
f:14:30: run.env.DEBUG: want a string such as "true", have true
f:14:42: run.env.DAY: want a string, have a date or time
f:15:7: run.tty: want true or false, have "yes"
f:16:16: run.stop_timeout: want a duration such as "5s", have 5
f:18:9: watch.quiet: want a duration such as "20ms", have "20 ms"
f:19:8: watch.poll: want a string, have an array
f:20:11: watch.include: want an array of strings such as ["a", "b"], have a table`},
		{"tables twice over", "[[run]]\ntty = true\n[[run]]\n", `
f:1:3: run: want a table, [run], have an array`},
		{"NUL", "[run]\nargs = [\"a\\u0000\"]\n", `
f:2:9: run.args[0]: must not hold the character U+0000`},

		{"a terminal and lines", "[run]\nstdin = \"lines\"\ntty = true\n", `
f:2:9: run.stdin: with tty = true the program reads from its terminal: remove one of the two`},
		{"values", `
[run]
stop_signal = "INT"
stop_timeout = "0s"
env = { "A B" = "x" }
env_files = [""]
[watch]
poll = "allways"
poll_interval = "1ns"
quiet = "-1s"
include = ["a[", "!b", "../c/**", "/d", "e/", "", "ok/**"]
exclude = ["{a,b"]
[live]
restart_on = ["!a", "b/"]
`, `
f:3:15: run.stop_signal: unknown signal "INT": did you mean "SIGINT"?
f:4:16: run.stop_timeout: must be more than 0, have "0s"
f:5:17: run.env.A B: "A B" cannot be the name of a variable
f:6:14: run.env_files[0]: must not be empty
f:8:8: watch.poll: unknown mode "allways": did you mean "always"?
f:9:17: watch.poll_interval: must be at least "10ms", have "1ns"
f:10:9: watch.quiet: must be more than 0, have "-1s"
f:11:12: watch.include[0]: "a[": a bracket is not closed, or nothing follows a backslash
f:11:18: watch.include[1]: "!b": patterns are not negated; what is not to be watched goes into watch.exclude
f:11:24: watch.include[2]: "../c/**": patterns are relative to the folder of this file and stay in it
f:11:35: watch.include[3]: "/d": patterns are relative to the folder of this file and stay in it
f:11:41: watch.include[4]: "e/": for everything in a folder write "e/**"
f:11:47: watch.include[5]: must not be empty
f:12:12: watch.exclude[0]: "{a,b": a bracket is not closed, or nothing follows a backslash
f:14:15: live.restart_on[0]: "!a": patterns are not negated
f:14:21: live.restart_on[1]: "b/": for everything in a folder write "b/**"`},
		{"debug", "[debug]\nport = -1\nflags = [\"listen\", \"--listen=:1\"]\n", `
f:2:8: debug.port: want a port from 1 to 65535, or 0 for one that hotdev chooses, have -1
f:3:10: debug.flags[0]: "listen" is no flag of dlv: want one argument each, such as "--backend=native"
f:3:20: debug.flags[1]: hotdev sets --listen=:1 itself`},
		{"test", "[test]\non = \"saev\"\nflags = [\"\", \"-run TestX\"]\ninclude = [\"data/\"]\nenv = { \"a b\" = \"\" }\n", `
f:2:6: test.on: unknown time "saev": did you mean "save"?
f:3:10: test.flags[0]: must not be empty
f:3:14: test.flags[1]: each element is one argument: write "-run", "TestX"
f:4:12: test.include[0]: "data/": for everything in a folder write "data/**"
f:5:17: test.env.a b: "a b" cannot be the name of a variable`},
		{"web", "[web]\nport = 70000\ntarget = \"localhost\"\nwait = \"0s\"\nassets = [\"static/\"]\nupdate = \"moprh\"\nhosts = [\"http://x\", \"*.test\"]\n", `
f:2:8: web.port: want a port from 1 to 65535, or 0 for none, have 70000
f:3:10: web.target: "localhost" has no port from 1 to 65535: want an address such as ":8080"
f:4:8: web.wait: must be more than 0, have "0s"
f:5:11: web.assets[0]: "static/": for everything in a folder write "static/**"
f:6:10: web.update: unknown update "moprh": did you mean "morph"?
f:7:10: web.hosts[0]: "http://x" is no name of a host: want one such as "app.test", or ".app.test" for all below it
f:7:22: web.hosts[1]: "*.test" is no name of a host: want one such as "app.test", or ".app.test" for all below it`},
		{"web target", "[web]\ntarget = \"ftp://x:21\"\n", `
f:2:10: web.target: "ftp://x:21" is no address: want one such as ":8080" or "https://localhost:8443"`},
		{"plugin", "[plugin]\nmode = \"plugins\"\nsymbol = \"myFunc\"\npackages = [\"./...\"]\nnotify_signal = \"USR1\"\nmax_generations = 0\nmax_memory = \"1GB\"\n", `
f:2:8: plugin.mode: unknown mode "plugins": did you mean "plugin"?
f:3:10: plugin.symbol: "myFunc" cannot be the name of an exported function
f:4:13: plugin.packages[0]: "./..." does not name one package
f:5:17: plugin.notify_signal: unknown signal "USR1": did you mean "SIGUSR1"?
f:6:19: plugin.max_generations: must be more than 0, have 0
f:7:14: plugin.max_memory: want a whole number, have "1GB"`},
		{"sockets", "[run]\nsocket = [\":8080\", \"8080\", \":8080\", \":0\"]\nswap = \"ready\"\nready = { port = 8080 }", `
f:2:20: run.socket[1]: "8080": want a host, or none, and a port from 1 to 65535, such as ":8080" or "127.0.0.1:8080"
f:2:28: run.socket[2]: ":8080" is there twice
f:2:37: run.socket[3]: ":0": want a host, or none, and a port from 1 to 65535, such as ":8080" or "127.0.0.1:8080"
f:3:8: run.swap: run.ready would ask the program that runs whether the next one is ready: take it out, or use its log`},
		{"no socket", "[run]\nsocket = \":80\"\n[[program]]\nbuild.package = \"./a\"\nrun.swap = \"ready\"", `
f:2:10: run.socket: is of one program, and there is [[program]]: set it there`},
		{"routes", "[web]\nroutes = [\"/x\"]\n", `
f:2:10: web.routes: leads to one of several programs: set it in a [[program]]`},
		{"routes of programs", "[[program]]\nname = \"a\"\nweb.routes = [\"api\", \"/a?\"]\n[[program]]\nname = \"b\"\nweb.routes = [\"api\"]", `
f:3:15: program[0].web.routes[0]: there is no address that it leads from: set web.port of the program that gets all other requests
f:3:22: program[0].web.routes[1]: "/a?": want the beginning of a path such as "/api/", or the name of a host such as "admin.localhost"
f:6:15: program[1].web.routes[0]: "api" leads to a`},
		{"no such choice", "[run]\nstop_signal = \"please\"\n[watch]\npoll = \"\"", `
f:2:15: run.stop_signal: unknown signal "please": want one of SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGABRT, SIGALRM, SIGWINCH, SIGKILL
f:4:8: watch.poll: unknown mode "": want one of auto, always, never`},
		{"quiet above max", "[watch]\nquiet = \"600ms\"\n", `
f:2:9: watch.quiet: 600ms is longer than watch.max, 500ms`},
		{"max below quiet", "[watch]\nmax = \"10ms\"\n", `
f:2:7: watch.max: 10ms is shorter than watch.quiet, 20ms`},
		{"quiet and max, one of them nonsense", "[watch]\nquiet = \"600ms\"\nmax = \"-1s\"", `
f:3:7: watch.max: must be more than 0, have "-1s"`},

		{"flags", "[build]\nflags = [\"-o\", \"x\", \"--o=x\", \"-tags dev\", \"-ldflags\", \"-s -w\", \"-ldflags -X a=b\", \"\", \"./cmd\", \"-C=x\", \"-json\"]\n", `
f:2:10: build.flags[0]: the place of the binary is set by build.output
f:2:21: build.flags[2]: the place of the binary is set by build.output
f:2:30: build.flags[3]: "-tags dev" is one argument; write two: "-tags", "dev"
f:2:64: build.flags[6]: "-ldflags -X a=b" is one argument; write two: "-ldflags", "-X a=b"
f:2:83: build.flags[7]: must not be empty
f:2:87: build.flags[8]: "./cmd" is no flag; the package is set by build.package
f:2:96: build.flags[9]: the go command runs in the folder of this file
f:2:104: build.flags[10]: -json would change what hotdev reads from the go command`},
		{"commands", `[build]
before = [
  "",
  "a && b",
  "a 'b",
  "echo $HOME",
  "ls *.go",
  "FOO=1 go generate",
  5,
  [],
  ["go", 1],
]
`, `
f:3:3: build.before[0]: is an empty command
f:4:3: build.before[1]: ` + "`&&`" + ` needs a shell, and there is none: quote it with '…', or write ["sh", "-c", "…"]
f:5:3: build.before[2]: the quote ' is not closed
f:6:3: build.before[3]: ` + "`$`" + ` needs a shell, and there is none: quote it with '…', or write ["sh", "-c", "…"]
f:7:3: build.before[4]: ` + "`*`" + ` needs a shell, and there is none: quote it with '…', or write ["sh", "-c", "…"]
f:8:3: build.before[5]: "FOO=1" is no command: set variables in [build.env]
f:9:3: build.before[6]: want a command such as "go generate ./..." or ["go", "generate", "./..."], have 5
f:10:3: build.before[7]: is an empty command
f:11:10: build.before[8][1]: want a string such as "1", have 1`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := parse("f", "/", []byte(test.file))
			if err == nil {
				t.Fatalf("no error; read %+v", c)
			}
			if got := "\n" + err.Error(); got != test.want {
				t.Errorf("have%s\n\nwant%s", got, test.want)
			}
			var one *Error
			if !errors.As(err, &one) || one.File != "f" {
				t.Errorf("no *Error inside %#v", err)
			}
			if !reflect.DeepEqual(c, Config{}) {
				t.Errorf("a Config beside the error: %+v", c)
			}
		})
	}
}

// In a file with Windows' byte order mark and line ends, lines and columns are those
// that an editor shows.
func TestPlacesInWindowsFile(t *testing.T) {
	_, err := parse("f", "/", []byte("\ufeffx = 1\r\n[run]\r\ntty = 1\r\n"))
	want := "f:1:1: unknown key `x`\nf:3:7: run.tty: want true or false, have 1"
	if err == nil || err.Error() != want {
		t.Errorf("have %v\nwant %s", err, want)
	}
}

func TestLoadNamesWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "config: open "+path) {
		t.Errorf("have %v", err)
	}
	if _, err := Load(filepath.Dir(path)); err == nil {
		t.Error("a folder was read")
	}
}

func TestSplitCommand(t *testing.T) {
	for text, want := range map[string][]string{
		`go generate ./...`:        {"go", "generate", "./..."},
		"  a\t b  ":                {"a", "b"},
		`a 'b c' "d e"f ''`:        {"a", "b c", "d ef", ""},
		`a '$x && "y"' b`:          {"a", `$x && "y"`, "b"},
		`a b\ c \"d\" "e\"f" \\`:   {"a", "b c", `"d"`, `e"f`, `\`},
		`C:\tools\gen.exe .\in\x`:  {`C:\tools\gen.exe`, `.\in\x`},
		`sed -i 's/a/b\/' f`:       {"sed", "-i", `s/a/b\/`, "f"},
		`größe "ü ñ"`:              {"größe", "ü ñ"},
		`a "b;c|d" e=f`:            {"a", "b;c|d", "e=f"},
		"tool -x='several\nlines'": {"tool", "-x=several\nlines"},
	} {
		got, err := splitCommand(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: have %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a;b", "a | b", "a > b", "a & b", "(a)", "a `b`", `a "$b"`, "a ?", "a\nb", `"" b`, "a \"", "\t"} {
		if got, err := splitCommand(text); err == nil {
			t.Errorf("%q: have %q, want an error", text, got)
		}
	}
}

// A file of nothing but brackets or dots costs no more than its size: it does
// not end the test by memory or time, and it is an unknown key like any other.
func TestDeepNesting(t *testing.T) {
	for _, text := range []string{
		"x = " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"x = " + strings.Repeat("{a=", 9000) + "1" + strings.Repeat("}", 9000),
		"x" + strings.Repeat(".a", 9000) + " = 1",
	} {
		_, err := parse("f", "/", []byte(text+"\n[run]\ntty = 1\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "f:1:1: unknown ") || !strings.Contains(err.Error(), "\nf:3:7: run.tty") {
			t.Errorf("%.20s…: %v", text, err)
		}
	}
}

// FuzzParse: no file makes the parser panic, every error has a place in the
// file, and what is accepted keeps its promises.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "\ufeff", "[", "[[a.b]]\nc=[{d=[1,[2,{e=3}]]}]\n[[a.b]]\n[a.b.c]\n[[a.b.x]]\n",
		"[run]\nstop_timeout = \"5s\"\nenv = { A = \"b\" }\n", "[run.env]\n\"a\\u0000b\" = \"x\"\n",
		"[build]\nbefore = [\"go generate\", [\"a\"], [[]], {}]\nflags = [\"-o\"]\n", "[[\"\"]]\n\"\" = 1\n[[\"\"]]\n",
		"a = '''\n'''\nb=1979-05-27T07:32:00Z\n", "[watch]\ninclude = [\"a[\"]\nquiet = \"9999999h\"\n", "\"0\".\"1\" = {\"2\"=3}\n",
		"[build]\ncmd = \"FOO=1 go build -o x -tags a .\"\nkill_delay = 1000000\nfull_bin = \"A=b ./x 'c d'\"\ninclude_dir=[\"../x\"]\n[build.linux]\ncmd=5\n",
		"\"\\u000A\"=\"\"", "\r", "a=1\rb=2", "x.y=1\n[x]\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{Name, airName} {
			c, err := parse(name, "/", []byte(text))
			var all Errors
			switch {
			case err == nil:
				if c.Run.StopTimeout <= 0 || c.Watch.Quiet <= 0 || c.Watch.Quiet > c.Watch.Max {
					t.Errorf("%s accepted: %+v", name, c)
				}
				for _, argv := range c.Build.Before {
					if len(argv) == 0 {
						t.Errorf("%s: a command without a name", name)
					}
				}
			case errors.As(err, &all):
				for _, e := range all {
					if lines := strings.Count(text, "\n") + 1; e.Line < 1 || e.Line > lines || e.Column < 1 || strings.Contains(e.Message, "\n") {
						t.Errorf("%s: a place outside of the file's %d lines, or more than a line: %q", name, lines, e)
					}
				}
			default:
				t.Errorf("%s: %T %v", name, err, err)
			}
		}
	})
}
