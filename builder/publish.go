package builder

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/gocmd"
)

// scratch is the working place of one build: a temporary binary and a folder, both in
// the folder of the output, so that the last step is a rename and never a copy across
// file systems.
type scratch struct {
	temp string // the binary's file, written by go build
	work string // the folder of the go command's own temporary files
}

// scratch creates the working place of a build.
func (b *Builder) scratch(output string) (scratch, error) {
	if !filepath.IsAbs(output) {
		return scratch{}, fmt.Errorf("output %q is not an absolute path", output)
	}
	dir, name := filepath.Split(output)
	if st, err := os.Stat(output); err == nil && st.IsDir() {
		return scratch{}, fmt.Errorf("output %s is a folder, and the binary needs a file's name", output)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return scratch{}, fmt.Errorf("output folder: %w", err)
	}
	b.mu.Lock()
	b.count++
	n := b.count
	b.mu.Unlock()
	p := b.program(output)
	p.mu.Lock()
	swept := p.swept
	p.swept = true
	p.mu.Unlock()
	if !swept {
		sweepTemps(dir, name)
	}
	s := scratch{temp: filepath.Join(dir, tempPrefix(name)+strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(n))}
	s.work = s.temp + ".work"
	// A dead process that had the same pid has left a folder of this name.
	s.remove()
	if err := os.Mkdir(s.work, 0o700); err != nil {
		return scratch{}, fmt.Errorf("output folder: %w", err)
	}
	return s, nil
}

// environ returns env with its temporary folder set to the work folder.
func (s scratch) environ(env []string) []string { return gocmd.WorkIn(env, s.work) }

func (s scratch) remove() {
	_ = os.Remove(s.temp)
	s.removeWork()
}

func (s scratch) removeWork() { _ = os.RemoveAll(s.work) }

// tempPrefix begins the names of all temporary files beside a binary; the pid
// of their hotdev follows. A name near the file system's limit is cut.
func tempPrefix(name string) string {
	return "." + name[:min(len(name), 100)] + ".hotdev-"
}

// sweepTemps removes what killed hotdevs left beside an output.
func sweepTemps(dir, name string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), tempPrefix(name))
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, "-")
		pid, err := strconv.Atoi(number)
		if err != nil || pid <= 0 || pid == os.Getpid() || gocmd.Alive(pid) {
			continue
		}
		_ = os.RemoveAll(filepath.Join(dir, e.Name()))
	}
}

// Publish renames a built binary over the last one. A reader sees, at any moment, the
// old binary or the new one.
func (b *Builder) Publish(a Artifact) error {
	if err := replace(a.Temp, a.Path); err != nil {
		return fmt.Errorf("publish %s: %w", a.Path, err)
	}
	p := b.program(a.Path)
	if made, ok := p.forget(a.Temp); ok {
		p.publish(made)
	}
	return nil
}

// Keep links or copies the file at path to keep, replacing the file there, so that
// it survives the next Publish over path.
func (b *Builder) Keep(path, keep string) error {
	if err := os.MkdirAll(filepath.Dir(keep), 0o700); err != nil {
		return err
	}
	temp := keep + ".new"
	_ = os.Remove(temp)
	if err := os.Link(path, temp); err != nil {
		if err := copyFile(path, temp); err != nil {
			_ = os.Remove(temp)
			return fmt.Errorf("keep %s: %w", path, err)
		}
	}
	return replace(temp, keep)
}

func copyFile(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, f)
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}

// Discard removes a binary that will not be published.
func (b *Builder) Discard(a Artifact) {
	if a.Temp == "" {
		return
	}
	_ = os.Remove(a.Temp)
	b.program(a.Path).forget(a.Temp)
}
