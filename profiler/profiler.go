// Package profiler knows the profiles of a running program: how to get one from live
// code, or from net/http/pprof at a port of the program, where it is kept, and what is
// at its top.
//
// It knows nothing of screens or processes: its caller passes what asks live code, and
// the addresses that the program listens on. Without either there are no profiles, and
// the error says what to add.
//
// # Theory of operation
//
//	live code ──► stacks ────────────────────────────────────┐
//	without it: which address answers /debug/pprof/ ──► the profile ──► a file
//	                                                            └──► Rows, the heaviest first
package profiler

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hotdev/hotdev/internal/atomicfile"
)

// A Kind is a kind of profile.
type Kind struct {
	// Name is short, and a part of file names.
	Name string
	// Shows says what a profile of this kind shows; Needs says what the program must do
	// for it, if net/http/pprof alone is not enough.
	Shows, Needs string
	// Takes is how long the profile observes the program; 0 if the answer comes at
	// once.
	Takes time.Duration
	// Direct: live code can give it without net/http/pprof; see [Program.Live].
	Direct bool
	// Trace: it is an execution trace, which has no Rows.
	Trace bool

	path string // below /debug/pprof/
	// waits: the stacks are those of waiting goroutines, and end in the runtime or the
	// standard library. The place of interest is the first one outside of them.
	waits bool
}

// Kinds returns all kinds, in the order of a menu.
func Kinds() []Kind {
	return []Kind{
		{Name: "cpu", Shows: "where the processor's time goes, for 10 s", Takes: 10 * time.Second, Direct: true, path: "profile"},
		{Name: "heap", Shows: "memory in use, by what allocated it", Direct: true, path: "heap?gc=1"},
		{Name: "goroutines", Shows: "goroutines, by where they are in your code", Direct: true, path: "goroutine", waits: true},
		{Name: "leaks", Shows: "goroutines that nothing can wake any more", path: "goroutineleak", waits: true,
			Needs: "Go 1.27, or Go 1.26 and GOEXPERIMENT=goroutineleakprofile when the program is built"},
		{Name: "block", Shows: "where goroutines wait for channels and locks, for 10 s", Takes: 10 * time.Second, Direct: true, path: "block", waits: true,
			Needs: "runtime.SetBlockProfileRate(1) at the start of the program"},
		{Name: "mutex", Shows: "where locks are held that others wait for, for 10 s", Takes: 10 * time.Second, Direct: true, path: "mutex", waits: true,
			Needs: "runtime.SetMutexProfileFraction(1) at the start of the program"},
		{Name: "trace", Shows: "what runs when, for 3 s: go tool trace shows it", Takes: 3 * time.Second, Direct: true, Trace: true, path: "trace"},
	}
}

// For returns k with another observation time; it changes nothing if d is 0, or if the
// kind answers at once.
func (k Kind) For(d time.Duration) Kind {
	if k.Takes > 0 && d > 0 {
		k.Takes = d
	}
	return k
}

// A Program is what Take profiles.
type Program struct {
	// Addrs are the addresses that it listens on: "127.0.0.1:8080", "[::]:6060".
	Addrs []string
	// Live has live code take a profile of a kind that is Direct. It returns as soon as
	// ctx or the program has ended. An error that is ErrNotLive says why live code
	// cannot be asked. Live may be nil.
	Live func(ctx context.Context, k Kind) (Direct, error)
}

// ErrNotLive is that live code cannot be asked for a profile, so that the program's
// ports are.
var ErrNotLive = errors.New("live code gives no profile")

// fromLive is Profile.From if live code gave it.
const fromLive = "live code"

// A Profile is a profile that was taken.
type Profile struct {
	Kind Kind
	// File is its absolute path, in the format of go tool pprof or go tool trace.
	File string
	// From is where it came from: an address ("http://127.0.0.1:6060") or "live code".
	From string
	// Total is the sum over all samples, in Unit: "nanoseconds", "bytes" or "count".
	Total int64
	Unit  string
	// Rows are its functions, sorted by Flat, the largest first.
	Rows []Row
}

// A Row is a function in a profile.
type Row struct {
	Function string
	// File and Line are the place in the function with the most samples.
	File string
	Line int
	// Flat is the part of Total in the function itself; Cum is that of all stacks that
	// contain it. In a profile of waiting goroutines, Flat counts those that wait in a
	// call from the function into the standard library.
	Flat, Cum int64
	// Library: the function belongs to the standard library or to a downloaded module.
	Library bool
}

// Take gets a profile of the program, and writes it to a new file in folder, which it
// creates if needed. It blocks for Kind.Takes and the time of the transfer, or until ctx
// ends.
func Take(ctx context.Context, k Kind, program Program, folder string) (Profile, error) {
	data, from, err := program.give(ctx, k)
	if err != nil {
		return Profile{}, err
	}
	p := Profile{Kind: k, From: from}
	if !k.Trace {
		if err := p.read(data); err != nil {
			return Profile{}, fmt.Errorf("what %s gave is no profile: %w", from, err)
		}
		if p.Total == 0 {
			return Profile{}, p.empty()
		}
	}
	p.File, err = keep(folder, k, data)
	return p, err
}

// give gets a profile from live code or, if that gives none, from net/http/pprof.
func (p Program) give(ctx context.Context, k Kind) (data []byte, from string, err error) {
	notLive := ErrNotLive
	if k.Direct && p.Live != nil {
		direct, err := p.Live(ctx, k)
		switch {
		case err == nil && direct.File != nil:
			return direct.File, fromLive, nil
		case err == nil:
			data, err = direct.encode(k)
			return data, fromLive, err
		case !errors.Is(err, ErrNotLive) || ctx.Err() != nil:
			return nil, "", err
		}
		notLive = err
	}
	from, err = find(ctx, p.Addrs)
	switch {
	case err != nil && k.Direct && ctx.Err() == nil:
		return nil, "", fmt.Errorf("%w, and %w", notLive, err)
	case err != nil:
		return nil, "", err
	}
	data, err = fetch(ctx, from, k)
	return data, from, err
}

// empty explains why a profile may be empty.
func (p Profile) empty() error {
	k := p.Kind
	switch {
	case k.Name == "leaks":
		return errors.New("there is none: something can still wake every goroutine")
	case k.Name == "mutex" || k.Name == "block":
		why := fmt.Sprintf("nothing waited in these %v: use the program while the profile is taken", k.Takes)
		if p.From != fromLive {
			why += fmt.Sprintf("; or the program does not record it, which needs %s", k.Needs)
		}
		return errors.New(why)
	case k.Takes > 0:
		return fmt.Errorf("the program did nothing in these %v: use it while the profile is taken", k.Takes)
	}
	return errors.New("there is nothing in it")
}

// kept is the number of profiles of a project that are kept. A trace can have tens of
// megabytes.
const kept = 20

// keep writes a profile to a new file, and removes the oldest ones.
func keep(folder string, k Kind, data []byte) (string, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	ending := ".pb.gz"
	if k.Trace {
		ending = ".trace"
	}
	// Sorted by name, they are sorted by time.
	file := filepath.Join(folder, time.Now().Format("20060102-150405.000")+"-"+k.Name+ending)
	if err := atomicfile.Write(file, data, 0o600); err != nil {
		return "", err
	}
	all, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(e fs.DirEntry) bool {
		return !strings.HasSuffix(e.Name(), ".pb.gz") && !strings.HasSuffix(e.Name(), ".trace")
	})
	for _, e := range all[:max(0, len(all)-kept)] {
		// Another hotdev on the project may have removed it.
		if err := os.Remove(filepath.Join(folder, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	return file, nil
}
