package config

import (
	"path/filepath"
	"testing"
	"time"
)

func TestProcesses(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, Name, `
run.after = ["db:ready"]

[[process]]
name = "db"
cmd = "postgres -D 'my data'"
dir = "pg"
env = { PGPORT = "5433" }
env_files = ["db.env"]
tty = true
stop_signal = "SIGQUIT"
stop_timeout = "1s"
restart = "on-failure"
watch = ["./pg/*.conf"]
ready = { command = "pg_isready -p 5433", timeout = "3s" }
after = ["setup:succeeded"]

[[process]]
name = "setup"
cmd = ["./setup.sh", "a b"]
ready.log = "^done"
`)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Run.After, []string{"db:ready"})
	equal(t, c.Processes, []Process{
		{
			Name: "db", Cmd: Command{"postgres", "-D", "my data"}, Dir: filepath.Join(dir, "pg"),
			Env: map[string]string{"PGPORT": "5433"}, EnvFiles: []string{filepath.Join(dir, "db.env")}, TTY: true,
			Stdin: "none", StopSignal: "SIGQUIT", StopTimeout: time.Second, Restart: "on-failure", Watch: []string{"pg/*.conf"},
			After: []string{"setup:succeeded"}, Ready: Ready{Command: Command{"pg_isready", "-p", "5433"}, Timeout: 3 * time.Second},
		},
		{
			Name: "setup", Cmd: Command{filepath.Join(dir, "setup.sh"), "a b"}, Dir: dir,
			Stdin: "none", StopSignal: "SIGINT", StopTimeout: 5 * time.Second, Restart: "never", Ready: Ready{Log: "^done"},
		},
	})
}

// Mistakes in processes, and in what comes after what.
func TestProcessErrors(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"one table", "[process]\nname = \"a\"\n", `
f:1:2: process: want a table [[process]] for each process, have a table`},
		{"nothing", "[[process]]\n", `
f:1:3: this process has no command: write cmd = "postgres -D data"
f:1:3: this process has no name: write name = "db"`},
		{"misspelt", "[[procss]]\nname = \"a\"\n[[service]]\nname = \"b\"\n", "\n" +
			"f:1:3: unknown table `[[procss]]`: did you mean `[[process]]`?\n" +
			"f:3:3: unknown table `[[service]]`: there are [[program]], [[process]], [[task]]"},
		{"values", `
[[process]]
name = "a b"
cmd = "a && b"
stop_signal = "INT"
stop_timeout = "0s"
restart = "on-failrue"
watch = ["../x"]
env = { "A B" = "" }
ready = { port = 99999, http = "localhost", log = "(", timeout = "-1s" }
[[process]]
name = 5
cmd = []
ready = { prot = 1, command = "" }
restrat = 1
[[process]]
name = "c"
stdin = "line"
cmd = 5
ready.http = "localhost:80"
[[process]]
name = "d"
cmd = "d"
ready.log = "("
[[process]]
use = "vitte"
[[process]]
use = "sqlc"
`, "\n" +
			`f:3:8: process[0].name: "a b": want letters, digits, "-", "_" and "."` + "\n" +
			"f:4:7: process[0].cmd: `&&` needs a shell, and there is none: quote it with '…', or write [\"sh\", \"-c\", \"…\"]\n" +
			`f:5:15: process[0].stop_signal: unknown signal "INT": did you mean "SIGINT"?
f:6:16: process[0].stop_timeout: must be more than 0, have "0s"
f:7:11: process[0].restart: unknown mode "on-failrue": did you mean "on-failure"?
f:8:10: process[0].watch[0]: "../x": patterns are relative to the folder of this file and stay in it
f:9:17: process[0].env.A B: "A B" cannot be the name of a variable
f:10:9: process[0].ready: port and http and log: one way is enough
f:12:8: process[1].name: want a string such as "5", have 5
f:13:7: process[1].cmd: is an empty command
` + "f:14:11: unknown key `[[process]] ready.prot`: did you mean `ready.port`?\n" +
			`f:14:31: process[1].ready.command: is an empty command
` + "f:15:1: unknown key `[[process]] restrat`: did you mean `restart`?\n" +
			`f:18:9: process[2].stdin: unknown input "line": did you mean "lines"?
f:19:7: process[2].cmd: want a command such as "go generate ./..." or ["go", "generate", "./..."], have 5
f:20:14: process[2].ready.http: want a URL such as "http://localhost:8080/health", have "localhost:80"
f:24:13: process[3].ready.log: missing closing ): ` + "`(`" + `
f:26:7: process[4].use: unknown preset "vitte": did you mean "vite"?
f:28:7: process[5].use: sqlc ends: make it a [[task]], which runs when its files change`},
		{"after", `
[[program]]
name = "api"
build.package = "."
run.after = ["db:raedy", "dbb:ready", "api:ready", "db", "worker:done"]
[[program]]
name = "worker"
build.package = "./worker"
run.after = ["db:ready"]
[[process]]
name = "db"
cmd = "db"
after = ["worker:started", "api:ready", "xyzzy:done"]
[[process]]
name = "api"
cmd = "x"
`, `
f:5:14: program[0].run.after[0]: unknown word "raedy": did you mean "ready"?
f:5:26: program[0].run.after[1]: no program or process is called "dbb": did you mean "db:ready"?
f:5:39: program[0].run.after[2]: "api:ready": nothing comes after itself
f:5:52: program[0].run.after[3]: "db": say how far it is to come, as in "db:ready"
f:13:10: process[0].after[0]: comes back to where it began: db after worker after db
f:13:28: process[0].after[1]: comes back to where it began: db after api after worker after db
f:13:41: process[0].after[2]: no program or process is called "xyzzy": there are api, worker, db
f:15:8: process[1].name: "api" is also the name of what line 3 is about: give it another`},
		{"after nothing", "[run]\nafter = [\"db:ready\"]\n", `
f:2:10: run.after[0]: no program or process is called "db": there is neither [[program]] nor [[process]]`},
		{"a key in a table", "[run]\nready.prot = 1\n", "\nf:2:7: unknown key `[run] ready.prot`: did you mean `ready.port`?"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := parse("f", "/", []byte(test.file))
			if err == nil {
				t.Fatalf("no error; read %+v", c)
			}
			if got := "\n" + err.Error(); got != test.want {
				t.Errorf("have%s\n\nwant%s", got, test.want)
			}
		})
	}
}
