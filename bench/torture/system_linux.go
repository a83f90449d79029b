package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func init() {
	mishaps = append(mishaps, []struct {
		name string
		run  func(ctx context.Context, a *arena, dir string) error
	}{
		{"the disk of the binary full", fullDisk},
		{"a cache folder that cannot be written", readOnlyCache},
		{"a folder that cannot be read", closedFolder},
		{"no inotify watches left", noWatches},
		{"no inotify instance left", noInstance},
		{"few file descriptors", fewDescriptors},
	}...)
}

// fullDisk puts the binary on a file system with room for one, but not two.
func fullDisk(ctx context.Context, a *arena, dir string) error {
	disk, project := filepath.Join(dir, "disk"), filepath.Join(dir, "project")
	if err := os.Mkdir(disk, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("none", disk, "tmpfs", 0, "size=16m"); err != nil {
		return fmt.Errorf("%w: mount: %w", errSkip, err)
	}
	defer func() { _ = unix.Unmount(disk, unix.MNT_DETACH) }()
	l, err := a.begin(ctx, project, "[build]\noutput = \""+disk+"/app\"\n", plainBody, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	filler := filepath.Join(disk, "filler")
	version := 1
	for range a.either(200, 1) {
		// Leave a random amount: the link fails early, late, or not at all.
		f, err := os.Create(filler)
		if err != nil {
			return err
		}
		var st unix.Statfs_t
		if err := unix.Statfs(disk, &st); err != nil {
			return err
		}
		free := int64(st.Bavail) * st.Bsize
		block := make([]byte, 4096)
		for n := free - a.rng.Int64N(3<<20); n > 0; n -= 4096 {
			if _, err := f.Write(block); err != nil {
				break
			}
		}
		f.Close()
		version++
		before := l.seen("cycle")
		if err := writeProgram(project, version, plainBody); err != nil {
			return err
		}
		if err := l.until("the build's end", func() bool { return l.seen("cycle") > before }); err != nil {
			return err
		}
		if err := os.Remove(filler); err != nil {
			return err
		}
		version++
		if err := writeProgram(project, version, plainBody); err != nil {
			return err
		}
		if err := l.says(fmt.Sprintf("now %d", version)); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
	}
	if err := l.quit(); err != nil {
		return err
	}
	if left := filesIn(disk); len(left) != 1 {
		return fmt.Errorf("left on the disk: %v", left)
	}
	return a.nothingLeft(l)
}

// unprivileged returns a command that removes root's right to open every file. If the
// tests run as root, it needs setpriv.
func unprivileged() ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	argv := []string{"setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"}
	if err := exec.Command(argv[0], append(argv[1:], "true")...).Run(); err != nil {
		return nil, fmt.Errorf("%w: setpriv: %w", errSkip, err)
	}
	return argv, nil
}

func readOnlyCache(ctx context.Context, a *arena, dir string) error {
	wrap, err := unprivileged()
	if err != nil {
		return err
	}
	project, cache := filepath.Join(dir, "project"), filepath.Join(dir, "cache")
	if err := writeModule(project, ""); err != nil {
		return err
	}
	if err := writeProgram(project, 1, plainBody); err != nil {
		return err
	}
	if err := os.Mkdir(cache, 0o555); err != nil {
		return err
	}
	return a.complains(ctx, project, options{wrap: wrap, env: []string{"XDG_CACHE_HOME=" + cache}}, "permission denied", "build.output")
}

func closedFolder(ctx context.Context, a *arena, dir string) error {
	wrap, err := unprivileged()
	if err != nil {
		return err
	}
	if err := writeModule(dir, "[watch]\ninclude = [\"**/*.sql\"]\n"); err != nil {
		return err
	}
	closed := filepath.Join(dir, "closed")
	if err := os.Mkdir(closed, 0); err != nil {
		return err
	}
	defer func() { _ = os.Chmod(closed, 0o755) }()
	return a.works(ctx, dir, options{wrap: wrap})
}

// noWatches gives hotdev a user namespace with very few watches.
func noWatches(ctx context.Context, a *arena, dir string) error {
	if err := exec.CommandContext(ctx, "unshare", "-r", "sh", "-c", "echo 2 > /proc/sys/user/max_inotify_watches").Run(); err != nil {
		return fmt.Errorf("%w: a user namespace: %w", errSkip, err)
	}
	for _, d := range []string{"a", "b", "c", "d"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, d, "x.go"), []byte("package "+d+"\n"), 0o644); err != nil {
			return err
		}
	}
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "imports.go"), []byte("package main\n\nimport (\n\t_ \"example.com/t/a\"\n\t_ \"example.com/t/b\"\n\t_ \"example.com/t/c\"\n\t_ \"example.com/t/d\"\n)\n"), 0o644); err != nil {
		return err
	}
	told := make(chan struct{}, 1)
	err := a.works(ctx, dir, options{
		wrap: []string{"unshare", "-r", "sh", "-c", `echo 2 > /proc/sys/user/max_inotify_watches; exec "$@"`, "sh"},
		tee: func(line string) {
			if strings.Contains(line, "max_user_watches") {
				select {
				case told <- struct{}{}:
				default:
				}
			}
		},
	})
	if err != nil {
		return err
	}
	select {
	case <-told:
		return nil
	default:
		return fmt.Errorf("it worked, but did not say that watches are short")
	}
}

// noInstance gives hotdev a user namespace without inotify instances.
func noInstance(ctx context.Context, a *arena, dir string) error {
	wrap := []string{"unshare", "-r", "sh", "-c", `echo 0 > /proc/sys/user/max_inotify_instances; exec "$@"`, "sh"}
	if err := exec.CommandContext(ctx, wrap[0], append(wrap[1:], "true")...).Run(); err != nil {
		return fmt.Errorf("%w: a user namespace: %w", errSkip, err)
	}
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	return a.works(ctx, dir, options{wrap: wrap})
}

// fewDescriptors leaves hotdev just enough descriptors, then too few: it works, or says
// why not and can be ended.
func fewDescriptors(ctx context.Context, a *arena, dir string) error {
	if _, err := exec.LookPath("prlimit"); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	// Open files of this process would count against a limit so low that below it the
	// Go runtime itself dies.
	if err := unix.CloseRange(3, math.MaxUint32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		return fmt.Errorf("%w: close_range: %w", errSkip, err)
	}
	if err := a.works(ctx, dir, options{wrap: []string{"prlimit", "--nofile=64:64"}}); err != nil {
		return fmt.Errorf("64: %w", err)
	}
	limits := []string{"24", "16", "8", "20", "12"}
	for _, n := range limits[:a.either(5, 3)] {
		if err := a.answers(ctx, dir, options{wrap: []string{"prlimit", "--nofile=" + n + ":" + n}}); err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
	}
	return nil
}

// answers starts hotdev where it may not be able to work. It must end with a sentence;
// or it must report how its first cycle ended, or that the program could not be
// started, and end at ctrl-C.
func (a *arena) answers(ctx context.Context, dir string, o options) error {
	l, err := a.start(ctx, dir, o)
	if err != nil {
		return err
	}
	defer l.kill()
	err = l.until("an answer", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.counts["cycle"] > 0 || l.last["exited"].Exit.Err != ""
	})
	if err == nil {
		err = l.quit()
	} else if strings.Contains(l.stderr.String(), "hotdev: ") {
		err = nil
	}
	if err != nil {
		return err
	}
	return a.nothingLeft(l)
}
