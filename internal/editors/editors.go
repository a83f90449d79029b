// Package editors saves files as editors do, for tests: with backups, lock files,
// probes and renames, in several writes.
package editors

import (
	"os"
	"path/filepath"
)

// Save writes text to the existing file in one of the ways of editors, which [Ways]
// lists.
func Save(how, file string, text []byte) error {
	dir, name := filepath.Split(file)
	var err error
	do := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	write := func(path string, text []byte) func() error {
		return func() error { return os.WriteFile(path, text, 0o644) }
	}
	rename := func(from, to string) func() error { return func() error { return os.Rename(from, to) } }
	remove := func(path string) func() error { return func() error { return os.Remove(path) } }
	switch how {
	case "plain":
		do(write(file, text))
	case "rename": // write a new file and rename it, as many tools do
		do(write(dir+"."+name+".tmp1234", text))
		do(rename(dir+"."+name+".tmp1234", file))
	case "vim": // 'backup' with the rename dance, and the probe file
		do(write(dir+"4913", nil))
		do(remove(dir + "4913"))
		do(rename(file, file+"~"))
		do(write(file, text))
		do(func() error { return os.Chmod(file, 0o644) })
		do(remove(file + "~"))
	case "emacs": // lock link, backup by renaming, auto-save file
		do(func() error { return os.Symlink("user@host.1234:1", dir+".#"+name) })
		do(write(dir+"#"+name+"#", text))
		do(rename(file, file+"~"))
		do(write(file, text))
		do(remove(dir + "#" + name + "#"))
		do(remove(dir + ".#" + name))
	case "vscode": // truncate, then write
		do(func() error { return os.Truncate(file, 0) })
		do(write(file, text))
	case "jetbrains": // safe write
		do(write(file+"___jb_tmp___", text))
		do(rename(file, file+"___jb_old___"))
		do(rename(file+"___jb_tmp___", file))
		do(remove(file + "___jb_old___"))
	case "gofmt": // saved as typed, then formatted on save
		do(write(file, append([]byte("\n\n"), text...)))
		do(write(file, text))
	case "pieces":
		do(func() error {
			f, err := os.Create(file)
			if err != nil {
				return err
			}
			defer f.Close()
			for i := 0; i < len(text); i += 10 {
				if _, err := f.Write(text[i:min(i+10, len(text))]); err != nil {
					return err
				}
			}
			return nil
		})
	default:
		panic("no such way to save: " + how)
	}
	return err
}

// Ways are all ways that Save knows.
var Ways = []string{"plain", "rename", "vim", "emacs", "vscode", "jetbrains", "gofmt", "pieces"}
