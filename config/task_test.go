package config

import (
	"path/filepath"
	"testing"
)

func TestTasks(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, Name, `
run.after = ["migrate:succeeded"]

[[task]]
use = "templ"
cmd = "go tool templ generate"
before = ["migrate"]

[[task]]
name = "migrate"
cmd = ["./migrate.sh", "up"]
dir = "db"
env = { PGPORT = "5433" }
files = ["./db/*.sql"]
outputs = ["db/schema.go"]
after = ["db:ready"]
on = "save"

[[task]]
name = "down"
cmd = "docker compose down"
on = "quit"

[[process]]
name = "db"
cmd = "postgres"
`)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Tasks, []Task{
		{
			Name: "templ", Use: "templ", Cmd: Command{"go", "tool", "templ", "generate"}, Dir: dir,
			Files: []string{"**/*.templ"}, Outputs: []string{"**/*_templ.go", "**/*_templ.txt"}, Before: []string{"migrate"}, On: "start",
		},
		{
			Name: "migrate", Cmd: Command{filepath.Join(dir, "db", "migrate.sh"), "up"}, Dir: filepath.Join(dir, "db"),
			Env: map[string]string{"PGPORT": "5433"}, Files: []string{"db/*.sql"}, Outputs: []string{"db/schema.go"},
			BeforeAll: true, After: []string{"db:ready"}, On: "save",
		},
		{Name: "down", Cmd: Command{"docker", "compose", "down"}, Dir: dir, On: "quit"},
	})
}

// Each preset has all that a task needs, or an example of the command that is missing.
func TestPresets(t *testing.T) {
	for _, p := range presets() {
		text := "[[task]]\nuse = \"" + p.name + "\"\n"
		if p.cmd == nil {
			text += "cmd = '''" + p.example + "'''\n"
		}
		if p.files == nil {
			text += "files = [\"a.go\"]\n"
		}
		c, err := parse("f", t.TempDir(), []byte(text))
		if err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		if one := c.Tasks[0]; one.Name != p.name || len(one.Cmd) == 0 || len(one.Files) == 0 {
			t.Errorf("%s is %+v", p.name, one)
		}
	}
}

func TestRunners(t *testing.T) {
	for _, name := range Runners() {
		c, err := parse("f", t.TempDir(), []byte("[[process]]\nuse = \""+name+"\"\ndir = \"web\"\n"))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if one := c.Processes[0]; one.Name != name || len(one.Cmd) < 2 {
			t.Errorf("%s is %+v", name, one)
		}
	}
	c, err := parse("f", "/p", []byte("[[process]]\nuse = \"pnpm\"\nname = \"web\"\ncmd = \"pnpm start\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Processes[0].Name, "web")
	equal(t, c.Processes[0].Cmd, Command{"pnpm", "start"})
}

func TestTaskErrors(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"one table", "[task]\nname = \"a\"\n", `
f:1:2: task: want a table [[task]] for each task, have a table`},
		{"nothing", "[[task]]\n", `
f:1:3: this task has no command: write cmd = "templ generate", or use = "templ"
f:1:3: this task has no files: write files = ["**/*.sql"], those whose change it runs for
f:1:3: this task has no name: write name = "templ"`},
		{"values", `
[[task]]
name = "a b"
cmd = "a && b"
files = []
outputs = ["../x"]
env = { "A B" = "" }
[[task]]
use = "tailwindd"
[[task]]
use = "vite"
[[task]]
use = "tailwind"
filse = 1
[[task]]
use = "generate"
`, "\n" +
			`f:3:8: task[0].name: "a b": want letters, digits, "-", "_" and "."` + "\n" +
			"f:4:7: task[0].cmd: `&&` needs a shell, and there is none: quote it with '…', or write [\"sh\", \"-c\", \"…\"]\n" +
			`f:5:9: task[0].files: must not be empty: the task runs when one of these changes
f:6:12: task[0].outputs[0]: "../x": patterns are relative to the folder of this file and stay in it
f:7:17: task[0].env.A B: "A B" cannot be the name of a variable
f:9:7: task[1].use: unknown preset "tailwindd": did you mean "tailwind"?
f:11:7: task[2].use: vite keeps running and does not end: make it a [[process]] with this use
f:12:3: this task has no command, which depends on the project: write cmd = "npx @tailwindcss/cli -i assets/app.css -o static/app.css"
` + "f:14:1: unknown key `[[task]] filse`: did you mean `files`?\n" +
			`f:15:3: this task has no files: write files = ["**/*.sql"], those whose change it runs for`},
		{"times", `
run.after = ["down:done"]
[[task]]
name = "down"
cmd = "x"
on = "quit"
files = ["a"]
before = ["gen"]
[[task]]
name = "gen"
cmd = "x"
files = ["a"]
on = "saves"
before = ["down"]
`, `
f:2:14: run.after[0]: "down:done": it runs when all else has ended (on = "quit")
f:7:9: task[0].files: is of no use: on = "quit" has the task run when all else has ended
f:8:10: task[0].before: is of no use: on = "quit" has the task run when all else has ended
f:13:6: task[1].on: unknown time "saves": did you mean "save"?
f:14:11: task[1].before[0]: "down": it runs when all else has ended (on = "quit")`},
		{"before and after", `
[[program]]
name = "api"
build.package = "."
run.after = ["templ:ready"]
[[task]]
use = "templ"
before = ["apii", "templ", "nobody"]
[[task]]
use = "sqlc"
before = ["api"]
after = ["api:ready"]
[[task]]
use = "buf"
after = ["api:started"]
`, `
f:5:14: program[0].run.after[0]: "templ:ready": a task is never ready: want "templ:succeeded", or "templ:done"
f:8:11: task[0].before[0]: no program, process or task is called "apii": did you mean "api"?
f:8:19: task[0].before[1]: "templ": nothing comes before itself
f:8:28: task[0].before[2]: no program, process or task is called "nobody": there are api, templ, sqlc, buf
f:12:10: task[1].after[0]: comes back to where it began: sqlc after api after sqlc
f:15:10: task[2].after[0]: comes back to where it began: buf after api after buf`},
		{"flat", `
build.package = "./cmd/api"
[[task]]
use = "templ"
before = ["api"]
`, `
f:5:11: task[0].before[0]: no process or task is called "api"; the program itself has no name here: leave before out, and it waits`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parse("f", "/", []byte(test.file))
			if err == nil {
				t.Fatal("no error")
			}
			equal(t, "\n"+err.Error(), test.want)
		})
	}
}
