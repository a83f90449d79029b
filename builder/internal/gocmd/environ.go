package gocmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Environ returns the whole environment of a request.
func Environ(env []string) []string {
	if env == nil {
		return os.Environ()
	}
	return env
}

// Getenv returns a variable's value in env; the last one counts, as for a process.
func Getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		k, v, ok := strings.Cut(env[i], "=")
		if ok && (k == name || runtime.GOOS == "windows" && strings.EqualFold(k, name)) {
			return v
		}
	}
	return ""
}

// Setenv returns env with name=value at its end, where it takes precedence.
func Setenv(env []string, name, value string) []string {
	return append(env[:len(env):len(env)], name+"="+value)
}

// LookPath finds a command in the PATH of env, not in that of hotdev's own environment.
func LookPath(name, dir string, env []string) (string, error) {
	if strings.ContainsRune(name, '/') || strings.ContainsRune(name, filepath.Separator) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return exec.LookPath(name)
	}
	for _, folder := range filepath.SplitList(Getenv(env, "PATH")) {
		if folder == "" {
			continue // it would mean the current folder, which exec refuses as well
		}
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(dir, folder)
		}
		if path, err := exec.LookPath(filepath.Join(folder, name)); err == nil {
			return path, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// WorkIn makes the go command, its tools and the C compiler use a folder of hotdev's
// for temporary files: if they are killed, they leave them behind.
func WorkIn(env []string, folder string) []string {
	env = Setenv(env, "GOTMPDIR", folder)
	for _, name := range TempVariables() {
		env = Setenv(env, name, folder)
	}
	return env
}

// TempVariables are the environment variables that set the folder of temporary files.
func TempVariables() []string {
	if runtime.GOOS == "windows" {
		return []string{"TMP", "TEMP"}
	}
	return []string{"TMPDIR"}
}
