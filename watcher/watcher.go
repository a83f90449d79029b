// Package watcher turns raw file-system noise into settled batches of changed files.
//
// It knows directories, names, contents and time. It does not know Go, builds
// or processes: what to watch is data (a [Set]), what happened is data (a
// [Batch]).
//
// # Theory of operation
//
// An operating system's event says only "look at this directory again". The
// truth is on disk, and compared with a snapshot of every watched file (size, times,
// identity, content hash). An event marks a directory as dirty; when the
// directory has been quiet for [Set.Quiet] (or the batch is [Set.Max] old) its
// files are compared with the snapshot, and only files whose content really
// differs, that appeared or that vanished are emitted. So a touch, a chmod, an
// editor's backup dance that ends where it began, or a second identical write
// is nothing at all. Polling is the same comparison on a timer, for directories
// whose file system delivers no events and for those that no longer fit into
// the kernel's limits.
//
// Subscriptions belong to directories, not to names: a directory is known by
// its identity (device and inode), and all names that lead to it, through links
// too, share one subscription. Besides the directories that hold watched files,
// their parents and the directories of the links on the way are subscribed to, since
// a name in them may change its meaning; no other names in them count. When a name
// comes to mean another directory, everything below it is walked again: first
// subscribed to, then read, so that no change is missed in between.
//
// One goroutine drains the system's events into a map at all times. [Watcher.Run]
// takes from it, decides when to look, and emits; [Watcher.Watch] and
// [Watcher.Settle] compare on their caller's goroutine. A lock around the tree
// keeps them apart.
package watcher

import "time"

// A Rule names watched files below one directory.
type Rule struct {
	// Dir is an absolute, clean path. It need not exist (yet).
	Dir string `json:"dir"`
	// Include and Exclude are doublestar patterns over slash-separated paths
	// relative to Dir. A file is watched if an Include matches and no Exclude
	// does; an Exclude that matches a folder speaks of all below it. A pattern
	// without "/" and without "**" speaks only of Dir's own entries. What editors
	// leave beside a file (backups, locks, swap files) never matches. Folders whose
	// name starts with "." or "_", and node_modules, are entered only where a pattern
	// names them literally. Links to folders are followed, once on any way, and not to
	// a folder above them. An Exclude that ends in a slash speaks of folders alone.
	Include []string `json:"include"`
	Exclude []string `json:"exclude,omitempty"`
	// Regexps are regular expressions as package regexp has them, in an Ignore
	// alone. A file below Dir is meant if its path contains a match: relative to Dir,
	// separated by slashes, with one in front.
	Regexps []string `json:"regexps,omitempty"`
	// Match says what may have a name that matches. The zero value is what the
	// lines above describe.
	Match Match `json:"match,omitempty"`
	// Boundary is the name of a file; empty is none. A folder below Dir that holds
	// one is somebody else's: nothing in it or below it is watched, but that the
	// boundary comes or goes is a change of this file.
	Boundary string `json:"boundary,omitempty"`
	// Skip is a regular expression; empty is none. "**" does not enter folders whose
	// name contains a match.
	Skip string `json:"skip,omitempty"`
	// Ignore is as that of a [Set], for this rule alone.
	Ignore []Rule `json:"ignore,omitempty"`
}

// A Match says what a [Rule] is about, other than files and links to them. With
// any of these, folders are entered whatever their names.
type Match string

// The matches. MatchAny is whatever has the name: that a folder, a socket or a
// link comes, goes or becomes something else is a change, too. MatchRegular is
// regular files alone; links are nothing, wherever they lead.
const (
	MatchAny     Match = "any"
	MatchRegular Match = "regular"
)

// A Poll mode says when directories are polled instead of subscribed to.
type Poll string

// The poll modes. PollAuto polls what delivers no events (by file-system type)
// and what exceeds the system's limits.
const (
	PollAuto   Poll = "auto"
	PollAlways Poll = "always"
	PollNever  Poll = "never"
)

// A Set is all there is to watch. It is a plain value; replacing it is how the
// watch changes.
type Set struct {
	// Roots are absolute directories (module roots). Every folder between a root
	// and a watched folder is subscribed to as well, so that a folder moved away
	// and back is seen.
	Roots []string `json:"roots,omitempty"`
	Rules []Rule   `json:"rules,omitempty"`
	// Ignore names files that are not watched, whatever Rules say, but for Files
	// and Rules with a Match; a Rule here has Dir, Include and Regexps alone. A pattern
	// that matches a folder speaks of all below it.
	Ignore []Rule `json:"ignore,omitempty"`
	// Files are absolute paths of single watched files, whatever their names; they
	// need not exist.
	Files []string `json:"files,omitempty"`
	// Hold are absolute paths (such as .git/index.lock): while one exists a batch
	// waits, but never longer than HoldMax.
	Hold []string `json:"hold,omitempty"`

	// Quiet is how long nothing must have happened before a batch is emitted,
	// Max the longest that a batch waits for quiet. Zero means the defaults.
	Quiet time.Duration `json:"quiet_ns,omitempty"`
	Max   time.Duration `json:"max_ns,omitempty"`

	Poll         Poll          `json:"poll,omitempty"`
	PollInterval time.Duration `json:"poll_interval_ns,omitempty"`
}

// Defaults for the zero values of a [Set].
const (
	// DefaultQuiet absorbs an editor's write-rename-chmod; a build can be
	// cancelled, so a wrong guess costs little.
	DefaultQuiet = 20 * time.Millisecond
	// DefaultMax keeps a noisy tree from starving the build.
	DefaultMax = 500 * time.Millisecond
	// DefaultPollInterval is a compromise between latency and the cost of a stat
	// per watched file over a network.
	DefaultPollInterval = 500 * time.Millisecond
	// HoldMax bounds how long an existing Hold file can delay a batch: longer
	// than a checkout of thousands of files, shorter than a user's patience with
	// a lock that a crashed git left behind.
	HoldMax = 3 * time.Second
)

// A Batch is one settled set of changes.
type Batch struct {
	// Paths are the absolute paths of files whose content changed, that appeared
	// or that vanished, sorted, without duplicates.
	Paths []string `json:"paths"`
	// Overflow: the system dropped events. The whole set was compared again, so
	// Paths is right for watched files, but folders may have come and gone.
	Overflow bool `json:"overflow,omitempty"`
	// Notices are sentences for the user (a limit reached, and how to raise it).
	// Each is emitted once.
	Notices []string `json:"notices,omitempty"`
	// First is when the first event of the batch was seen; zero if no event was
	// waited for.
	First time.Time `json:"first,omitzero"`
}

func (b Batch) isEmpty() bool { return len(b.Paths) == 0 && !b.Overflow && len(b.Notices) == 0 }
