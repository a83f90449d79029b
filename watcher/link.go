package watcher

import (
	"os"
	"path/filepath"
	"strings"
)

// An entry is a name in a directory. The directory's path holds no links.
type entry struct {
	dir, name string
}

// trail lists the directory entries that decide where the symlink at path
// leads: each further link on the way, and the end of the trail, or the first name
// on the way that does not exist. path itself is not among them; if it is
// no link, there are none. dir is path's directory, without links.
func trail(dir, path string) []entry {
	target, err := os.Readlink(path)
	if err != nil {
		return nil
	}
	var entries []entry
	at := dir
	rest := splice(&at, target, nil)
	// The kernel gives up at 40 links, too.
	for links := 0; len(rest) > 0 && links < 40; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, name)
		target, err := os.Readlink(next)
		if err == nil {
			links++
			entries = append(entries, entry{at, name})
			rest = splice(&at, target, rest)
			continue
		}
		if _, err := os.Lstat(next); err != nil {
			return append(entries, entry{at, name})
		}
		at = next
	}
	if parent := filepath.Dir(at); parent != at {
		entries = append(entries, entry{parent, filepath.Base(at)})
	}
	return entries
}

// splice puts a link's target in front of the names that are still to be
// walked, and moves at to the root if the target is absolute.
func splice(at *string, target string, rest []string) []string {
	if filepath.IsAbs(target) {
		volume := filepath.VolumeName(target)
		*at = volume + string(filepath.Separator)
		target = target[len(volume):]
	}
	return append(strings.Split(filepath.ToSlash(target), "/"), rest...)
}
