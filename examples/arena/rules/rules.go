// Package rules is the part of the arena that is changed while it runs.
package rules

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/hotdev/hotdev/reload"
)

// A Hit is what a visitor did.
type Hit struct {
	Strength int
	Combo    int
}

// hits are kept: the number goes on counting when this package is reloaded.
var hits = reload.Keep("hits", func() *atomic.Int64 { return new(atomic.Int64) })

// Score says what a hit is worth. Change it, save, and hit again.
func Score(h Hit) int {
	hits.Add(1)
	return h.Strength * 10
}

// Headline stands above the page and in every event.
func Headline(started time.Time) string {
	return fmt.Sprintf("Arena: %d hits, generation %d, up for %v",
		hits.Load(), reload.Generation(), time.Since(started).Round(time.Second))
}
