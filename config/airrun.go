package config

import (
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/internal/argv"
)

// run reads how the program is started: its arguments, its variables, its wrapper,
// and which program it is, where several are built.
func (r *airReading) run(a airConfig, built product, c *Config) {
	isProgram := func(name string) bool {
		switch {
		case built.path != "":
			return built.is(within(".", name)) || built.is(within(r.root, name))
		case a.Build.Bin != "" && executable(a.Build.Bin) == executable(name):
			return true
		}
		// Some file of the project.
		return strings.ContainsAny(name, `/\`) && !strings.HasPrefix(name, "-") && path.Ext(name) != ".sh"
	}
	args := r.args(a.Build.ArgsBin)
	entry := r.entrypoint(a.Build.Entrypoint)
	key, program := "build.bin", ""
	bin := a.Build.Bin
	if bin == "" {
		key, bin = "build.cmd", path.Join(filepath.ToSlash(a.TmpDir), "main")
	}
	switch {
	case a.Build.FullBin != "":
		key = "build.full_bin"
		program = r.fullBin(a.Build.FullBin, isProgram, c)
	case len(entry) > 0:
		key = "build.entrypoint"
		program = r.start(key, entry, isProgram, c)
	case isProgram(bin):
		program = bin
	case a.Build.Bin != "":
		r.notice(key, "has no effect: hotdev runs what it builds")
	}
	if built.several && program != "" && executable(within(".", program)) != executable(built.path) {
		at := r.at(key)
		c.Build.Program, c.Build.ProgramAt = path.Base(executable(program)), &at
	}
	c.Run.Args = append(c.Run.Args, args...)
}

// args splits arguments as the shell does that air puts them into, so that one
// may be several words.
func (r *airReading) args(given []string) (args []string) {
	for _, arg := range given {
		words, err := splitCommand(arg)
		if err != nil {
			if strings.ContainsAny(arg, "$`") {
				r.notice("build.args_bin", "is passed as it is where it has %q: there is no shell; set [run] args in %s", arg, Name)
			}
			words = []string{arg}
		}
		args = append(args, words...)
	}
	return args
}

// fullBin reads build.full_bin, a command line for a shell, and gives the program in
// it; empty if it is not seen.
func (r *airReading) fullBin(line string, isProgram func(string) bool, c *Config) (program string) {
	const key = "build.full_bin"
	steps, err := splitShell(line)
	if err != nil || len(steps) == 0 {
		r.notice(key, "has no effect: it cannot be read; set [run] args, env and wrapper in %s", Name)
		return ""
	}
	if words, ok := steps[0].texts(); ok && len(steps) == 1 {
		return r.start(key, words, isProgram, c)
	}
	if runtime.GOOS == "windows" {
		r.notice(key, "has no effect: it needs a shell; set [run] args, env and wrapper in %s", Name)
		return ""
	}
	// The shell runs it here too, with the program as $0 and its arguments as $@.
	for i, s := range steps {
		for _, w := range s.words {
			if len(w.Special) > 0 || !isProgram(w.Text) {
				continue
			}
			before, after := line[:w.From], line[w.To:]
			script := before + `"$0" "$@"` + after
			if i == len(steps)-1 && s.more == "" {
				script = before + `"$0"` + strings.TrimRight(after, " \t\r\n;") + ` "$@"`
			}
			r.wrap(key, []string{"sh", "-c", script}, s.words, c)
			return w.Text
		}
	}
	r.notice(key, "has no effect: the program that build.cmd builds is not seen in it; set [run] args, env and wrapper in %s", Name)
	return ""
}

// start reads the words that start the program, and gives that as fullBin does.
func (r *airReading) start(key string, words []string, isProgram func(string) bool, c *Config) (program string) {
	env, words := leadingEnv(words)
	if len(words) > 1 && words[0] == "exec" {
		words = words[1:]
	}
	c.Run.Env = merge(c.Run.Env, env)
	at := slices.IndexFunc(words, isProgram)
	if at < 0 {
		r.notice(key, "has no effect: hotdev runs what it builds, and that is not seen in it; what starts the program goes into [run] wrapper in %s", Name)
		return ""
	}
	wrapper, args := words[:at], words[at+1:]
	if at > 0 {
		if len(args) > 0 && args[0] == "--" {
			// What divides the wrapper's arguments from the program's is the wrapper's.
			wrapper, args = append(slices.Clone(wrapper), ProgramPlace, "--"), args[1:]
		}
		var front []argv.Token
		for _, text := range words[:at] {
			front = append(front, argv.Token{Text: text})
		}
		r.wrap(key, wrapper, front, c)
	}
	c.Run.Args = args
	return words[at]
}

// wrap takes a wrapper over, if hotdev can still answer for what it starts. words
// are the command's own.
func (r *airReading) wrap(key string, wrapper []string, words []argv.Token, c *Config) {
	for _, w := range words {
		switch name := path.Base(filepath.ToSlash(w.Text)); name {
		case "sudo", "doas", "su", "pkexec":
			r.notice(key, "is followed without %s: hotdev could not stop what another user runs; run hotdev itself as that user", name)
			return
		case "docker", "docker-compose", "podman", "nerdctl", "kubectl", "ssh", "wsl":
			r.notice(key, "is followed without %s: hotdev runs the program where it builds it; run hotdev there", name)
			return
		case "dlv", "gdb", "rr":
			c.Build.Debug = true
		}
	}
	at := r.at(key)
	c.Run.Wrapper, c.Run.WrapperAt = wrapper, &at
}

// executable is a program's path in a form to compare.
func executable(program string) string {
	return strings.TrimSuffix(path.Clean(strings.ReplaceAll(program, `\`, "/")), ".exe")
}

func (r *airReading) entrypoint(value any) []string {
	at := []string{"build", "entrypoint"}
	switch v := value.(type) {
	case nil:
	case string:
		if v != "" {
			return []string{v}
		}
	default:
		texts, _ := r.texts(at, v)
		return texts
	}
	return nil
}
