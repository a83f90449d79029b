package config

import (
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// With a mistake in the file, what has no effect is told all the same.
func TestAirNoticesBesideErrors(t *testing.T) {
	c, err := parse("/p/.air.toml", "/p", []byte("[build]\npoll = 1\nstop_on_error = true\n"))
	if err == nil || len(c.Notices) != 1 {
		t.Errorf("have %v, %v", err, c.Notices)
	}
}

// What is built, where, and what runs before. Where a part of cmd cannot be
// followed, a notice says so.
func TestAirCommand(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its shell is another")
	}
	const (
		none  = "has no effect: no `go build` is seen in it; set [build] package, flags and before in .air-like.toml"
		after = "is followed up to its `go build` only: hotdev runs what that builds"
	)
	argv := func(words ...string) []string { return words }
	for _, test := range []struct {
		cmd    string
		want   Build
		notice string
	}{
		{"go build", Build{Package: "."}, ""},
		{"go build .", Build{Package: "."}, ""},
		{"go build -o=./tmp/main -v ./cmd", Build{Package: "./cmd"}, ""},
		{"go build --o tmp/main main.go", Build{Package: "main.go"}, ""},
		{"go build -json -o $BIN .", Build{Package: "."}, ""},
		{"go build -o ./tmp/main main.go server.go", Build{Files: argv("main.go", "server.go")}, ""},
		{"go build -o ./tmp/main *.go", Build{Package: "."}, ""},
		{"go build -o ./tmp/main ./*.go", Build{Package: "."}, ""},
		{"go build -o ./tmp/main cmd/api/*.go", Build{Package: "./cmd/api"}, ""},
		{"go build -gcflags='all=-N -l' -tags 'a b' -o ./tmp/main ./cmd/api", Build{Package: "./cmd/api", Flags: argv("-gcflags=all=-N -l", "-tags", "a b")}, ""},
		{"cd cmd/api && go build -o ../../tmp/main .", Build{Dir: "/p/cmd/api", Package: "."}, ""},
		{"cd backend; cd cmd && go build -o ../../tmp/main ./api", Build{Dir: "/p/backend/cmd", Package: "./api"}, ""},
		{"cd /x && go build", Build{Dir: "/x", Package: "."}, ""},
		{"go build -C cmd/api -o ../../tmp/main .", Build{Dir: "/p/cmd/api", Package: "."}, ""},
		{"go generate ./... && go build -o ./tmp/main ./cmd/x", Build{Package: "./cmd/x", Before: [][]string{{"go", "generate", "./..."}}}, ""},
		{"templ generate && sqlc generate -f 'a b' && go build", Build{Package: ".", Before: [][]string{{"templ", "generate"}, {"sqlc", "generate", "-f", "a b"}}}, ""},
		{"templ generate\ngo build", Build{Package: ".", Before: [][]string{{"sh", "-c", "templ generate"}}}, ""},
		{"A=1 gen && go build", Build{Package: ".", Before: [][]string{{"sh", "-c", "A=1 gen"}}}, ""},
		{"echo $X > y && go build", Build{Package: ".", Before: [][]string{{"sh", "-c", "echo $X > y"}}}, ""},
		{"a || b && go build", Build{Package: ".", Before: [][]string{{"sh", "-c", "a || b"}}}, ""},
		{"cd web && npm run build && cd .. && go build ./api", Build{Package: "./api", Before: [][]string{{"sh", "-c", "cd web && npm run build && cd .."}}}, ""},
		{"export CGO_ENABLED=0 && GOOS=linux go build", Build{Package: ".", Env: map[string]string{"CGO_ENABLED": "0", "GOOS": "linux"}}, ""},
		{"env CGO_ENABLED=0 go build", Build{Package: ".", Env: map[string]string{"CGO_ENABLED": "0"}}, ""},
		{"set -e; go build", Build{Package: "."}, ""},
		{`go build -ldflags "-X main.v=$(git describe --tags | head -1)" -race -o ./tmp/main ./api`, Build{Package: "./api", Flags: argv("-race")},
			"is followed without -ldflags: there is no shell for its value; set [build] flags in .air-like.toml"},
		{"go build ./api && cp x y", Build{Package: "./api"}, after},
		{"go build ./api 2> log", Build{Package: "./api"}, after},
		{"go build ./api || exit 1", Build{Package: "./api"}, after},
		{"go build ./a ./b", Build{}, "has no effect: it builds ./a and ./b, and hotdev runs one program; set [build] package in .air-like.toml"},
		{"go build $PKG", Build{}, `has no effect: only a shell can expand "$PKG"; set [build] package in .air-like.toml`},
		{"go build cmd/*/main.go", Build{}, `has no effect: only a shell can expand "cmd/*/main.go"; set [build] package in .air-like.toml`},
		{"go build -o", Build{}, "has no effect: -o has no value"},
		{"make build", Build{}, none},
		{"go run .", Build{}, none},
		{"go", Build{}, none},
		{"A=1", Build{}, none},
		{"go build 'x", Build{}, none},
		{"go build $(x", Build{}, none},
		{"", Build{}, ""},
	} {
		got := air(t, "[build]\ncmd = '''\n"+test.cmd+"'''\n")
		test.want.Fast = true
		if !reflect.DeepEqual(got.Build, test.want) {
			t.Errorf("%s:\nhave %+v\nwant %+v", test.cmd, got.Build, test.want)
		}
		var want []string
		if test.notice != "" {
			want = []string{".air.toml:2: build.cmd " + test.notice}
		}
		if !reflect.DeepEqual(got.Notices, want) {
			t.Errorf("%s:\nhave %q\nwant %q", test.cmd, got.Notices, want)
		}
	}
}

// What starts the program: words in front of it are its wrapper, as long as
// hotdev can answer for what that starts.
func TestAirStart(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its shell is another")
	}
	const (
		seen = "has no effect: hotdev runs what it builds, and that is not seen in it; what starts the program goes into [run] wrapper in .air-like.toml"
		sudo = "is followed without sudo: hotdev could not stop what another user runs; run hotdev itself as that user"
	)
	argv := func(words ...string) []string { return words }
	for _, test := range []struct {
		cmd, start string
		want       Run
		notice     string
	}{
		{"", `full_bin = "./tmp/main"`, Run{}, ""},
		{"", `full_bin = "./tmp/main -a 'b c'"`, Run{Args: argv("-a", "b c")}, ""},
		{"", `full_bin = "APP_ENV=dev ./tmp/main"`, Run{Env: map[string]string{"APP_ENV": "dev"}}, ""},
		{"", `full_bin = "env A=x B='y z' ./tmp/main -a"`, Run{Env: map[string]string{"A": "x", "B": "y z"}, Args: argv("-a")}, ""},
		{"", `full_bin = "exec ./tmp/main -a"`, Run{Args: argv("-a")}, ""},
		{"", `full_bin = "env -u A ./tmp/main -a"`, Run{Wrapper: argv("env", "-u", "A"), Args: argv("-a")}, ""},
		{"", `full_bin = "A=x doppler run -- ./tmp/main -a"`, Run{Wrapper: argv("doppler", "run", "--"), Env: map[string]string{"A": "x"}, Args: argv("-a")}, ""},
		{"", `full_bin = "dlv exec --headless --listen :2345 ./tmp/main -- -addr :80"`, Run{Wrapper: argv("dlv", "exec", "--headless", "--listen", ":2345", "{program}", "--"), Args: argv("-addr", ":80")}, ""},
		{"", `entrypoint = ["dlv", "exec", "--listen=:8999", "./tmp/main"]`, Run{Wrapper: argv("dlv", "exec", "--listen=:8999")}, ""},
		{"", `entrypoint = ["./scripts/wrap.sh", "./tmp/main", "-a"]` + "\nargs_bin = ['b']", Run{Wrapper: argv("/p/scripts/wrap.sh"), Args: argv("-a", "b")}, ""},
		{"", `full_bin = "sudo -E ./tmp/main -a"`, Run{Args: argv("-a")}, sudo},
		{"", `full_bin = "env -i sudo ./tmp/main"`, Run{}, sudo},
		{"", `full_bin = "docker compose exec app ./tmp/main"`, Run{}, "is followed without docker: hotdev runs the program where it builds it; run hotdev there"},
		{"", `full_bin = "./tmp/main -addr $ADDR"` + "\nargs_bin = ['b']", Run{Wrapper: argv("sh", "-c", `"$0" -addr $ADDR "$@"`), Args: argv("b")}, ""},
		{"", `full_bin = "./tmp/main -a | tee log"`, Run{Wrapper: argv("sh", "-c", `"$0" "$@" -a | tee log`)}, ""},
		{"", `full_bin = ". ./env.sh && ./tmp/main -a"`, Run{Wrapper: argv("sh", "-c", `. ./env.sh && "$0" -a "$@"`)}, ""},
		{"", `full_bin = "(cd web; tee log)"`, Run{}, "has no effect: the program that build.cmd builds is not seen in it; set [run] args, env and wrapper in .air-like.toml"},
		{"", `full_bin = "./scripts/run.sh -x"`, Run{}, seen},
		{"", `full_bin = "'x"`, Run{}, "has no effect: it cannot be read; set [run] args, env and wrapper in .air-like.toml"},
		{"go build -o bin/api ./cmd/api", `full_bin = "./bin/api serve"`, Run{Args: argv("serve")}, ""},
		{"go build -o bin/ ./cmd/api", `full_bin = "x ./bin/api serve"`, Run{Wrapper: argv("x"), Args: argv("serve")}, ""},
		{"go build ./cmd/api", `full_bin = "x ./api"`, Run{Wrapper: argv("x")}, ""},
		{"cd cmd/api && go build -o api", `full_bin = "x ./cmd/api/api"`, Run{Wrapper: argv("x")}, ""},
		{"cd cmd/api && go build -o ../../tmp/main .", `full_bin = "./tmp/main"`, Run{}, ""},
		{"go build", `full_bin = "x ./app serve"`, Run{Wrapper: argv("x"), Args: argv("serve")}, ""},
		{"make build", `full_bin = "x -c y ./bin/api serve"`, Run{Wrapper: argv("x", "-c", "y"), Args: argv("serve")}, "-"},
	} {
		text := "[build]\n" + test.start + "\n"
		if test.cmd != "" {
			text += "cmd = '" + test.cmd + "'\n"
		}
		got := air(t, text)
		run := got.Run
		if len(run.Args) == 0 {
			run.Args = nil
		}
		if equal(t, run.WrapperAt != nil, len(run.Wrapper) > 0); run.WrapperAt != nil {
			key, _, _ := strings.Cut(test.start, " ")
			equal(t, *run.WrapperAt, Place{File: ".air.toml", Line: 2, Key: "build." + key})
			run.WrapperAt = nil
		}
		test.want.StopSignal, test.want.StopTimeout, test.want.Swap, test.want.Stdin = run.StopSignal, run.StopTimeout, run.Swap, run.Stdin
		if !reflect.DeepEqual(run, test.want) {
			t.Errorf("%s; %s:\nhave %+v\nwant %+v", test.cmd, test.start, run, test.want)
		}
		equal(t, got.Build.Debug, strings.Contains(test.start, "dlv"))
		if test.notice == "-" {
			continue // cmd's
		}
		var want []string
		if key, _, _ := strings.Cut(test.start, " "); test.notice != "" {
			want = []string{".air.toml:2: build." + key + " " + test.notice}
		}
		if !reflect.DeepEqual(got.Notices, want) {
			t.Errorf("%s; %s:\nhave %q\nwant %q", test.cmd, test.start, got.Notices, want)
		}
	}
}

// air's paths are relative to root, those in its commands aside.
func TestAirRoot(t *testing.T) {
	text := `
root = "%s"
tmp_dir = "out"
env_files = [".env"]
[build]
cmd = "go build -o src/out/main ./src"
entrypoint = ["out/main", "x"]
include_ext = ["html"]
include_file = ["a.yaml"]
exclude_dir = ["web"]
`
	for _, root := range []string{"src", "./src/", "/p/src"} {
		got := air(t, strings.Replace(text, "%s", root, 1))
		equal(t, got.Run.EnvFiles, []string{filepath.Join("/p", "src", ".env")})
		equal(t, got.Run.Args, []string{"x"})
		equal(t, got.Build.Package, "./src")
		equal(t, got.Watch.Include, []string{"src/**/*.html", "src/a.yaml"})
		equal(t, got.Watch.Exclude, []string{"src/web/**", "src/out/**"})
		equal(t, got.Notices, []string(nil))
	}
}

// The file may be where air looks second, or have the name of one program.
func TestAirNames(t *testing.T) {
	for name, want := range map[string]string{"/p/.config/air.toml": "/p", "/p/.air.api.toml": "/p", "/p/conf/air.toml": "/p/conf", "/p/.config/.air.toml": "/p/.config"} {
		c, err := parse(name, filepath.Dir(name), []byte("[build]\ncmd = 'go build ./x'\nstop_on_error = true\n"))
		if err != nil || c.Dir != filepath.FromSlash(want) || c.Build.Package != "./x" {
			t.Errorf("%s: have %q, %q, %v", name, c.Dir, c.Build.Package, err)
		}
		if file := strings.TrimPrefix(name, want+"/"); len(c.Notices) != 1 || !strings.HasPrefix(c.Notices[0], file+":3: build.stop_on_error ") {
			t.Errorf("%s: have %q", name, c.Notices)
		}
	}
	for _, name := range []string{Name, "airport.toml", "air.yaml"} {
		if isAir(name) {
			t.Errorf("%s is not air's", name)
		}
	}
}

// Where cmd builds several programs, what is started says which is meant.
func TestAirProgram(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its shell is another")
	}
	argv := func(words ...string) []string { return words }
	for _, test := range []struct {
		cmd, start, program string
		names               []string
		notice              string
	}{
		{"go build -o ./tmp/ ./...", `bin = "./tmp/api"`, "api", argv("./..."), ""},
		{"go build -o ./tmp ./...", `bin = "tmp/api"`, "api", argv("./..."), ""},
		{"go build -o tmp/ ./cmd/...", `full_bin = "A=x dlv exec ./tmp/api -- -addr :80"`, "api", argv("./cmd/..."), ""},
		{"go build -o tmp/ ./cmd/...", `full_bin = ". ./env && ./tmp/api"`, "api", argv("./cmd/..."), ""},
		{"go build -o tmp/ ./cmd/api ./cmd/worker", `entrypoint = ["./tmp/worker", "-x"]`, "worker", argv("./cmd/api", "./cmd/worker"), ""},
		{"go build -o tmp/ ./cmd/api ./cmd/worker", `bin = "./tmp/worker.exe"`, "worker", argv("./cmd/api", "./cmd/worker"), ""},
		{"cd server && go build -o ../bin/ ./cmd/...", `bin = "./bin/api"`, "api", argv("./cmd/..."), ""},
		{"go build -o tmp/ ./...", "", "main", argv("./..."), ""}, // air's own bin
		{"go build -o tmp/main ./...", `bin = "./tmp/main"`, "", argv("./..."), ""},
		{"go build -o bin/ ./...", "", "", argv("./..."), ""},
		{"go build -o bin/ ./...", `bin = "./tmp/api"`, "", argv("./..."), ".air.toml:3: build.bin has no effect: hotdev runs what it builds"},
		{"go build -o tmp ./cmd/api", `bin = "./tmp/api"`, "", argv("./cmd/api"), ""},
		{"go build -o tmp/ .", `bin = "./tmp/app"`, "", argv("."), ""},
	} {
		got := air(t, "[build]\ncmd = '"+test.cmd+"'\n"+test.start+"\n")
		if b := got.Build; b.Program != test.program || (b.ProgramAt != nil) != (test.program != "") || !reflect.DeepEqual(b.Names(), test.names) {
			t.Errorf("%s, %s: program %q at %v of %q, want %q of %q", test.cmd, test.start, b.Program, b.ProgramAt, b.Names(), test.program, test.names)
		}
		if notices := strings.Join(got.Notices, "\n"); notices != test.notice {
			t.Errorf("%s, %s: %q, want %q", test.cmd, test.start, notices, test.notice)
		}
	}
}
