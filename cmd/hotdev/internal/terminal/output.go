package terminal

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/hotdev/hotdev/internal/argv"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui"
)

// outputFolder is the pattern of the folder for the pager's file; a number replaces the
// star.
const outputFolder = "hotdev-output-*"

// pager writes the output to a file that only the user can read, and returns the
// command that shows it: $PAGER, else the editor. done removes the file. If the editor
// has a window of its own, it may read the file after its command has ended; then the
// file is left to the system, which cleans up temporary files.
func pager(dir, editor string, getenv func(string) string, write func(io.Writer) error) (c tui.Command, terminal bool, done func(), err error) {
	folder, err := os.MkdirTemp("", outputFolder) // 0700
	if err != nil {
		return nil, false, nil, err
	}
	remove := func() { os.RemoveAll(folder) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	file := filepath.Join(folder, "output.log")
	if err := newFile(file, 0o600, write); err != nil {
		return nil, false, nil, err
	}
	command, terminal := []string(nil), true
	if p := getenv("PAGER"); p != "" {
		command, err = argv.Split(p, argv.POSIX)
		command = append(command, file)
	} else {
		command, terminal, err = tui.Editor(editor, getenv, file, 0, 0)
		if errors.Is(err, tui.ErrNoEditor) {
			err = errors.New("set PAGER, or an editor")
		}
	}
	if err != nil {
		return nil, false, nil, err
	}
	done = remove
	if !terminal {
		done = func() {}
	}
	return runner.Foreground(dir, os.Environ(), command...), terminal, done, nil
}

// saveNew writes the output to a new file, below dir unless name is absolute.
func saveNew(dir, name string, write func(io.Writer) error) (string, error) {
	file := name
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return file, newFile(file, 0o644, write)
}

// newFile writes a file that must not exist yet. After an error it removes the
// incomplete file.
func newFile(name string, mode os.FileMode, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	err = write(f)
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err != nil {
		os.Remove(name)
	}
	return err
}
