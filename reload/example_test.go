package reload_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/hotdev/hotdev/reload"
)

func price(cents int) string { return fmt.Sprintf("$%d.%02d", cents/100, cents%100) }

// A call through a slot runs the newest code of the function.
func ExampleFunc() {
	slot := reload.Func(price)
	fmt.Println(slot.Get()(1999))
	// Output: $19.99
}

// What is kept outlives the code that made it: a later generation gets the same
// counter instead of a new one.
func ExampleKeep() {
	hits := reload.Keep("hits", func() *atomic.Int64 { return new(atomic.Int64) })
	hits.Add(1)
	fmt.Println(hits.Load())
	// Output: 1
}

// A page that is open in browsers is loaded again when its code has changed.
// Without hotdev, OnPatch does nothing.
func ExampleOnPatch() {
	changed := make(chan reload.Patch, 1)
	reload.OnPatch(func(p reload.Patch) {
		select {
		case changed <- p: // the handler of an event stream tells its browser
		default:
		}
	})
	fmt.Println(len(changed), "patches so far")
	// Output: 0 patches so far
}

// The goroutines of a generation end with its context. Register in the package's
// init.
func ExampleOnLoad() {
	reload.OnLoad(func(ctx context.Context) error {
		go func() {
			<-ctx.Done() // the next generation has taken over
		}()
		fmt.Println("started")
		return nil
	})
	// Output: started
}
