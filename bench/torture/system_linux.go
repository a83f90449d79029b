package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

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
	if err := writeModule(project, "[build]\noutput = \""+disk+"/app\"\n"); err != nil {
		return err
	}
	if err := writeProgram(project, 1, plainBody); err != nil {
		return err
	}
	l, err := a.start(ctx, project, options{})
	if err != nil {
		return err
	}
	defer l.kill()
	if err := l.says("now 1"); err != nil {
		return err
	}
	filler := filepath.Join(disk, "filler")
	version := 1
	for range a.times(200) {
		// All but a random rest: the link fails early, late, or not at all.
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

// nobody runs hotdev without root's rights, in folders of its own.
func nobody(dir string) (func(*exec.Cmd), error) {
	if os.Getuid() != 0 {
		return func(*exec.Cmd) {}, nil
	}
	const uid = 65534
	err := filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, uid, uid)
	})
	return func(c *exec.Cmd) {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}, err
}

// reachable has others than root enter all folders above dir.
func reachable(a *arena) {
	for d := filepath.Dir(a.hotdev); len(d) > 4 && strings.HasPrefix(d, os.TempDir()); d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755)
	}
	_ = os.Chmod(a.dir, 0o755)
}

func readOnlyCache(ctx context.Context, a *arena, dir string) error {
	project, cache, gocache := filepath.Join(dir, "project"), filepath.Join(dir, "cache"), filepath.Join(dir, "gocache")
	if err := writeModule(project, ""); err != nil {
		return err
	}
	if err := writeProgram(project, 1, plainBody); err != nil {
		return err
	}
	for _, d := range []string{cache, gocache} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	reachable(a)
	prep, err := nobody(dir)
	if err != nil {
		return err
	}
	if err := os.Chmod(cache, 0o555); err != nil {
		return err
	}
	return a.complains(ctx, project, options{prep: prep, env: []string{"XDG_CACHE_HOME=" + cache, "GOCACHE=" + gocache, "HOME=" + dir}}, "permission denied", "build.output")
}

func closedFolder(ctx context.Context, a *arena, dir string) error {
	project := filepath.Join(dir, "project")
	if err := writeModule(project, "[watch]\ninclude = [\"**/*.sql\"]\n"); err != nil {
		return err
	}
	closed := filepath.Join(project, "closed")
	gocache := filepath.Join(dir, "gocache")
	for _, d := range []string{closed, gocache} {
		if err := os.Mkdir(d, 0o755); err != nil {
			return err
		}
	}
	reachable(a)
	if err := writeProgram(project, 1, plainBody); err != nil {
		return err
	}
	prep, err := nobody(dir)
	if err != nil {
		return err
	}
	if err := os.Chmod(closed, 0); err != nil {
		return err
	}
	defer func() { _ = os.Chmod(closed, 0o755) }()
	return a.works(ctx, project, options{prep: prep, env: []string{"XDG_CACHE_HOME=" + dir + "/cache", "GOCACHE=" + gocache, "HOME=" + dir}})
}

// noWatches gives hotdev a user namespace with very few of them.
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

// fewDescriptors leaves hotdev just enough, then too few: it works or says why
// not, and does not hang.
func fewDescriptors(ctx context.Context, a *arena, dir string) error {
	if _, err := exec.LookPath("prlimit"); err != nil {
		return fmt.Errorf("%w: %w", errSkip, err)
	}
	if err := writeModule(dir, ""); err != nil {
		return err
	}
	if err := a.works(ctx, dir, options{wrap: []string{"prlimit", "--nofile=64:64"}}); err != nil {
		return fmt.Errorf("64: %w", err)
	}
	for _, n := range []string{"24", "16", "12", "8"} {
		l, err := a.start(ctx, dir, options{wrap: []string{"prlimit", "--nofile=" + n + ":" + n}})
		if err != nil {
			return err
		}
		defer l.kill()
		err = l.until("an answer", func() bool { return l.seen("cycle") > 0 })
		if err != nil && !strings.Contains(l.stderr.String(), "hotdev: ") {
			return fmt.Errorf("%s: %w", n, err)
		}
		l.kill()
		if err := a.nothingLeft(l); err != nil {
			return fmt.Errorf("%s: %w", n, err)
		}
	}
	return nil
}
