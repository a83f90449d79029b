package main

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hotdev/hotdev/builder"
)

var (
	seed  = flag.Uint64("live.seed", 0, "replay the edits of this seed (0: new ones)")
	edits = flag.Int("live.edits", 0, "random edits (0: a few, or more if HOTDEV_LONG is set)")
)

// TestRandom is the short form of -random, with the library that needs no
// network.
func TestRandom(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("live code needs Linux on amd64")
	}
	t.Parallel()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	if *edits == 0 {
		*edits = 5
		if os.Getenv("HOTDEV_LONG") != "" { // .ci/run sets it
			*edits = 40
		}
	}
	t.Logf("replay with -live.seed=%d -live.edits=%d", *seed, *edits)
	if err := differential(t.Context(), t.TempDir(), *seed, *edits, "village", false); err != nil {
		t.Fatal(err)
	}
}

// TestRandomAppended is the short form of -append -random.
func TestRandomAppended(t *testing.T) {
	if _, ok := builder.CanAppend(); !ok || os.Getenv("HOTDEV_LONG") == "" {
		t.Skip("forty real builds: HOTDEV_LONG=1")
	}
	t.Parallel()
	n := uint64(time.Now().UnixNano())
	if *seed != 0 {
		n = *seed
	}
	t.Logf("replay with -live.seed=%d", n)
	if err := differential(t.Context(), t.TempDir(), n, 40, "village", true); err != nil {
		t.Fatal(err)
	}
}

// A program that answers something else than a fresh build is found out.
func TestLie(t *testing.T) {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("live code needs Linux on amd64")
	}
	t.Parallel()
	s, err := newSubject(t.Context(), libraries[0], filepath.Join(t.TempDir(), "lie"), rand.New(rand.NewPCG(1, 2)), false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.end()
	s.lie = func(text string) string { return strings.Replace(text, "asked ", "asked  ", 1) }
	for range 3 {
		if err := s.step(t.Context()); err != nil {
			if !strings.Contains(err.Error(), "and a fresh build") {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("nothing was seen of it")
}
