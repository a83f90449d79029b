package config

import (
	"path/filepath"
	"testing"
	"time"
)

// What stands outside of [[program]] holds for all; what a program says itself, it
// says for itself alone.
func TestPrograms(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, Name, `
build.flags = ["-race"]
run.env = { LOG = "debug", PORT = "1" }
run.dir = "run"
watch = { include = ["*.sql"], quiet = "30ms" }
keys.clear = "ctrl+l"

[[program]]
name = "api"
build.package = "./cmd/api"
run.env.PORT = "8080"
run.dir = "api"
run.stop_timeout = "1s"

[[program]]
build = { package = "./cmd/worker", flags = [] }
watch.include = []
`)
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	each := c.Each()
	if len(each) != 2 {
		t.Fatalf("%d programs", len(each))
	}
	api, worker := each[0], each[1]
	equal(t, []string{api.Name, worker.Name}, []string{"api", "worker"})
	equal(t, []string{api.Build.Package, worker.Build.Package}, []string{"./cmd/api", "./cmd/worker"})
	equal(t, api.Build.Flags, []string{"-race"})
	equal(t, worker.Build.Flags, []string(nil))
	equal(t, api.Run.Env, map[string]string{"LOG": "debug", "PORT": "8080"})
	equal(t, worker.Run.Env, map[string]string{"LOG": "debug", "PORT": "1"})
	equal(t, []string{api.Run.Dir, worker.Run.Dir}, []string{filepath.Join(dir, "api"), filepath.Join(dir, "run")})
	equal(t, []time.Duration{api.Run.StopTimeout, worker.Run.StopTimeout}, []time.Duration{time.Second, 5 * time.Second})
	equal(t, []int{api.DirAt.Line, worker.DirAt.Line}, []int{12, 4})
	equal(t, []int{api.PackageAt.Line, worker.PackageAt.Line}, []int{10, 16})
	equal(t, api.Watch.Include, []string{"*.sql"})
	equal(t, worker.Watch.Include, []string(nil))
	equal(t, worker.Watch.Quiet, 30*time.Millisecond)
	equal(t, worker.Keys, c.Keys)
	equal(t, api.Dir, dir)

	one, err := parse(Name, dir, []byte("[build]\npackage = \".\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, one.Each(), []Config{one})
	here, err := parse(Name, "/shop", []byte("[[program]]\nbuild.package = \".\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, here.Programs[0].Name, "shop")
}

// Mistakes in programs have their place, are said once, and name what was meant.
func TestProgramErrors(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"one table", "[program]\nname = \"a\"\n", `
f:1:2: program: want a table [[program]] for each program, have a table`},
		{"no tables", "program = [1]\n", `
f:1:12: program[0]: want a table [[program]], have 1`},
		{"names", `
[[program]]
name = "api"
build.package = "./api"
[[program]]
build.package = "./cmd/api"
[[program]]
name = "a b"
[[program]]
[[program]]
name = "API"
[[program]]
name = "api"
[[program]]
name = 5
`, `
f:5:3: program[1].name: "api" is also the name of what line 3 is about: give it another
f:8:8: program[2].name: "a b": want letters, digits, "-", "_" and "."
f:9:3: this program has no name: write name = "api"
f:13:8: program[5].name: "api" is also the name of what line 3 is about: give it another
f:15:8: program[6].name: want a string such as "5", have 5`},
		{"keys", `
[[program]]
name = "api"
package = "."
biuld.package = "."
build.pakage = "."
run.exclude = 1
screen.theme = "dark"
xyzzyxyzzy = 1
nme = 1
`, "\n" +
			"f:4:1: unknown key `[[program]] package`: write `build.package`\n" +
			"f:5:1: unknown key `[[program]] biuld`: did you mean `build`?\n" +
			"f:6:7: unknown key `[[program]] build.pakage`: did you mean `build.package`?\n" +
			"f:7:5: unknown key `[[program]] run.exclude`: the keys are run.args, run.wrapper, run.env, run.env_files, run.dir, run.tty, run.stdin, run.port, run.socket, run.swap, run.stop_signal, run.stop_timeout, run.restart_on_crash, run.after, run.ready\n" +
			"f:8:1: unknown key `[[program]] screen`: there is one screen for all programs: write it as [screen]\n" +
			"f:9:1: unknown key `[[program]] xyzzyxyzzy`: the keys are name, build, run, live, plugin, watch, web\n" +
			"f:10:1: unknown key `[[program]] nme`: did you mean `name`?"},
		{"values, each blamed where it is", `
[build]
flags = ["x"]
[run]
stop_signal = "INT"
[[program]]
name = "a"
build.flags = ["-o"]
build.before = ["go generate", ["a", 1]]
[[program]]
name = "b"
run.stop_signal = "TERM"
watch = { quiet = "1s", include = ["/x"] }
`, `
f:3:10: build.flags[0]: "x" is no flag; the package is set by build.package
f:5:15: run.stop_signal: unknown signal "INT": did you mean "SIGINT"?
f:8:16: program[0].build.flags[0]: the place of the binary is set by build.output
f:9:38: program[0].build.before[1][1]: want a string such as "1", have 1
f:12:19: program[1].run.stop_signal: unknown signal "TERM": did you mean "SIGTERM"?
f:13:19: program[1].watch.quiet: holds for all programs: set it in [watch]
f:13:36: program[1].watch.include[0]: "/x": patterns are relative to the folder of this file and stay in it`},
		{"a program outside", "[build]\npackage = \".\"\noutput = \"x\"\n[web]\nport = 80\n[[program]]\nname = \"a\"\n", `
f:2:11: build.package: is of one program, and there is [[program]]: set it there
f:3:10: build.output: is of one program, and there is [[program]]: set it there
f:5:8: web.port: is of one program, and there is [[program]]: set it there`},
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
