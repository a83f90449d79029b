package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/bench/internal/module"
)

// A history is a sequence of states of the sources, oldest first.
type history interface {
	len() int
	name(i int) string
	// checkOut changes the folder to state i, and writes only files that differ.
	checkOut(ctx context.Context, i int) error
}

// open prepares dir for the last n states of a repository, and the one before them.
func open(ctx context.Context, repository, dir string, n int) (history, error) {
	if _, err := os.Stat(repository); err == nil {
		return openClone(ctx, repository, dir, n)
	}
	return openModule(ctx, repository, dir, n)
}

// A clone replays the commits of a git repository, along first parents.
type clone struct {
	dir     string
	commits []string
}

func openClone(ctx context.Context, repository, dir string, n int) (history, error) {
	if _, err := output(ctx, ".", "git", "clone", "--quiet", "--no-checkout", repository, dir); err != nil {
		return nil, err
	}
	out, err := output(ctx, dir, "git", "rev-list", "--first-parent", fmt.Sprintf("--max-count=%d", n+1), "HEAD")
	if err != nil {
		return nil, err
	}
	commits := strings.Fields(out)
	slices.Reverse(commits)
	return &clone{dir, commits}, nil
}

func (c *clone) len() int          { return len(c.commits) }
func (c *clone) name(i int) string { return c.commits[i][:12] }

func (c *clone) checkOut(ctx context.Context, i int) error {
	_, err := output(ctx, c.dir, "git", "checkout", "--quiet", "--force", "--detach", c.commits[i])
	return err
}

// releases replays the versions of a module, in the order of the go command.
type releases struct {
	path, dir string
	versions  []string
}

func openModule(ctx context.Context, path, dir string, n int) (history, error) {
	out, err := output(ctx, "", "go", "list", "-m", "-json", "-versions", path+"@latest")
	if err != nil {
		return nil, fmt.Errorf("%s is neither a folder nor a module: %w", path, err)
	}
	var m struct{ Versions []string }
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		return nil, err
	}
	if len(m.Versions) < 2 {
		return nil, fmt.Errorf("%s has no two versions", path)
	}
	return &releases{path, dir, m.Versions[max(0, len(m.Versions)-n-1):]}, nil
}

func (m *releases) len() int          { return len(m.versions) }
func (m *releases) name(i int) string { return m.versions[i] }

func (m *releases) checkOut(ctx context.Context, i int) error {
	return module.Copy(ctx, m.path+"@"+m.versions[i], m.dir)
}

// output returns what a command prints; without a folder it runs outside of any module.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	if cmd.Dir = dir; dir == "" {
		cmd.Dir = os.TempDir()
	}
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return string(out), nil
}
