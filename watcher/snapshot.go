package watcher

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// coarse is how far a file's time may lie behind the clock at the moment of
	// the write: kernels stamp files with the time of the last timer tick, and
	// ticks are at most 10 ms apart. Doubled, because what it guards against is
	// a lost save, and what it costs is one more hash.
	coarse = 20 * time.Millisecond
	// coarsest is the same for file systems that count whole seconds; FAT counts
	// in twos.
	coarsest = 2 * time.Second
	// hashLimit bounds what is read to tell a write from a touch. Beyond it
	// (a database, a video) size and time are compared instead.
	hashLimit = 64 << 20
)

// leadsNowhere is the size of a link without a target. It is not the same as no
// file: a build fails at it, and works again once it is removed.
const leadsNowhere = -1

// irregular is the size of what is no file, where that matters as well.
const irregular = -2

// content is what a file holds, as far as a change of it matters. The sum has
// 64 bits, seeded anew in every process: a real edit goes unnoticed once in
// 2^64 edits.
type content struct {
	exists bool
	size   int64
	sum    uint64
	link   bool // where the file is watched as MatchAny
}

// stamp is what the file system says about a file without reading it. While
// it stays the same, so does the content, unless the stamp was taken so soon
// after a write that the next write would bear the same times.
type stamp struct {
	size         int64
	mtime, ctime int64 // nanoseconds; ctime is 0 where the system has none
	id           identity
}

// latest is when the file was last written, renamed or linked.
func (s stamp) latest() time.Time { return time.Unix(0, max(s.mtime, s.ctime)) }

// racy reports whether a write after now could leave the same stamp.
func (s stamp) racy(now time.Time) bool {
	window := coarse
	if s.latest().Nanosecond() == 0 {
		window = coarsest
	}
	return now.Sub(s.latest()) < window
}

// A file is one entry of the snapshot.
type file struct {
	path string
	// match is how it was found last: the most that any rule wants to know of it.
	match Match
	// base is what was last told (or taken as known), cur what was last seen.
	base, cur content
	// stamp belongs to cur. It is trusted if an equal stamp proves equal content.
	stamp   stamp
	trusted bool
	// forced: counts as changed although base is cur.
	forced bool
	// blocked: exists, but could not be read the last time; cur is older.
	blocked bool
	// altered: the last check saw another content than the one before.
	altered bool
}

func (f *file) changed() bool { return f.forced || f.base != f.cur }

// emptied reports whether f is empty and was not: a writer may be between its
// truncate and its write.
func (f *file) emptied() bool {
	return f.cur.exists && f.cur.size == 0 && (!f.base.exists || f.base.size != 0)
}

// check compares f with the disk. It reads through buf.
func (f *file) check(seed maphash.Seed, buf []byte) {
	was := f.cur
	f.blocked = false
	info, err := os.Stat(f.path)
	link := false
	if f.match != "" {
		at, err := os.Lstat(f.path)
		link = err == nil && at.Mode().Type() == fs.ModeSymlink
	}
	switch {
	case link && f.match == MatchRegular:
		f.cur, f.stamp, f.trusted = content{}, stamp{}, false
	case gone(err):
		f.cur, f.stamp, f.trusted = content{}, stamp{}, false
		if link, err := os.Lstat(f.path); err == nil && link.Mode().Type() == fs.ModeSymlink {
			f.cur, f.stamp = content{exists: true, size: leadsNowhere}, stampOf(link)
		}
	case err == nil && !info.Mode().IsRegular() && f.match == MatchAny:
		f.cur, f.stamp, f.trusted = content{exists: true, size: irregular, link: link}, stampOf(info), false
	case err == nil && !info.Mode().IsRegular():
		f.cur, f.stamp, f.trusted = content{}, stamp{}, false
	case err != nil:
		f.blocked = true
	case f.trusted && f.cur.exists && stampOf(info) == f.stamp:
	default:
		f.read(seed, buf)
	}
	if f.cur.exists {
		f.cur.link = link && f.match == MatchAny
	}
	f.altered = f.cur != was
}

func (f *file) read(seed maphash.Seed, buf []byte) {
	r, err := os.Open(f.path)
	if gone(err) {
		f.cur, f.stamp, f.trusted = content{}, stamp{}, false
		return
	}
	if err != nil {
		f.blocked = true
		return
	}
	defer r.Close()
	now := time.Now()
	before, err := r.Stat()
	if err != nil || !before.Mode().IsRegular() {
		f.blocked = true
		return
	}
	st := stampOf(before)
	var h maphash.Hash
	h.SetSeed(seed)
	size := before.Size()
	if size > hashLimit {
		maphash.WriteComparable(&h, st.mtime)
	} else if size, err = io.CopyBuffer(&h, struct{ io.Reader }{r}, buf); err != nil {
		f.blocked = true
		return
	}
	after, err := r.Stat()
	f.cur = content{exists: true, size: size, sum: h.Sum64()}
	f.stamp = st
	f.trusted = err == nil && stampOf(after) == st && !st.racy(now)
}

// checkAll checks files on a few goroutines, which it joins. If ctx ends early
// some are left unchecked.
func checkAll(ctx context.Context, files []*file, seed maphash.Seed) error {
	// A goroutine for fewer than this many files costs more than it saves.
	const share = 16
	workers := min(runtime.GOMAXPROCS(0), (len(files)+share-1)/share)
	var next atomic.Int64
	work := func() {
		buf := make([]byte, 32<<10)
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= len(files) {
				return
			}
			files[i].check(seed, buf)
		}
	}
	if workers <= 1 {
		work()
		return ctx.Err()
	}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(work)
	}
	wg.Wait()
	return ctx.Err()
}

// gone reports whether err says that nothing exists at a path, also because one of
// its folders has become a file, or because a link leads to itself.
func gone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.ELOOP)
}
