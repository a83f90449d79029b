package runner

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// programPlace is the word of a wrapper that stands for the program's path.
const programPlace = "{program}"

// CheckWrapper reports why the wrapper cannot be run; nil if it can, or if there
// is none.
func (s Spec) CheckWrapper() error {
	_, err := s.argv()
	return err
}

// argv is what is to be started, its first word an absolute path.
func (s Spec) argv() ([]string, error) {
	if !filepath.IsAbs(s.Path) && len(s.Wrapper) == 0 {
		path, err := s.Find(s.Path)
		if err != nil {
			return nil, fmt.Errorf("%q cannot be run: %w", s.Path, err)
		}
		return append([]string{path}, s.Args...), nil
	}
	argv := slices.Clone(s.Wrapper)
	if len(argv) > 0 {
		path, err := s.Find(argv[0])
		if err != nil {
			return nil, fmt.Errorf("the wrapper %q cannot be run: %w", s.Wrapper[0], err)
		}
		argv[0] = path
	}
	if i := slices.Index(argv, programPlace); i > 0 {
		argv[i] = s.Path
	} else {
		argv = append(argv, s.Path)
	}
	return append(argv, s.Args...), nil
}

// Find is the absolute path of a command, looked up as a shell in Dir with Env would.
func (s Spec) Find(name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) || strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(s.Dir, name)
		}
		return exec.LookPath(name)
	}
	// As os/exec would have it: of duplicates the last counts.
	search := os.Getenv("PATH")
	for _, entry := range (&exec.Cmd{Env: s.Env, Dir: s.Dir}).Environ() {
		if key, value, ok := strings.Cut(entry, "="); ok && (key == "PATH" || runtime.GOOS == "windows" && strings.EqualFold(key, "PATH")) {
			search = value
		}
	}
	for _, dir := range filepath.SplitList(search) {
		if !filepath.IsAbs(dir) {
			continue // not what happens to be in some folder
		}
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found, nil
		}
	}
	return "", errors.New("it is not in PATH: install it, or take it out of the configuration")
}
