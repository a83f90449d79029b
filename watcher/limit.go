package watcher

import (
	"errors"
	"fmt"
	"syscall"
)

// A limit is a resource of the system that ran out.
type limit string

const (
	limitWatches   limit = "watches"   // subscribed directories
	limitInstances limit = "instances" // notifiers
	limitFiles     limit = "files"     // open files, of this process or of all
)

// limitOf classifies an error of opening a notifier (or of adding to one).
func limitOf(err error, opening bool) (limit, bool) {
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return limitWatches, true
	case errors.Is(err, syscall.ENFILE):
		return limitFiles, true
	case errors.Is(err, syscall.EMFILE):
		if opening {
			return limitInstances, true
		}
		return limitFiles, true
	}
	return "", false
}

// instead says what is done with folders that are not subscribed to.
func (p *plan) instead(folders int) string {
	noun := "folders are"
	if folders == 1 {
		noun = "folder is"
	}
	if p.set.Poll == PollNever {
		return fmt.Sprintf("%d %s not watched, because polling is off", folders, noun)
	}
	return fmt.Sprintf("%d %s polled every %v instead", folders, noun, p.set.PollInterval)
}

// Eventless names the kind of file system that dir is on, if that kind does not report
// all changes, so that it is polled where polling is automatic. It is empty if the file
// system reports them, or if this is not known.
func Eventless(dir string) string { return eventless(dir) }
