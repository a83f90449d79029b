package builder

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/hotdev/hotdev/builder/internal/compiler"
)

// Programs have their turns side by side, as many as there are places; one that writes
// what others may read has its turn alone, until it shares it. Who gives up waiting
// leaves nothing taken.
func TestQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New()
		b.queue = newQueue(2)
		turns := map[string]*turn{}
		begin := func(ctx context.Context, name string, alone bool) {
			go func() {
				if turn, err := b.own(ctx, b.program(name), alone); err == nil {
					turns[name] = turn
				}
			}()
			synctest.Wait()
		}
		has := func(want ...string) {
			t.Helper()
			synctest.Wait()
			for _, name := range want {
				if turns[name] == nil {
					t.Errorf("%s waits", name)
				}
			}
			if len(turns) != len(want) {
				t.Errorf("%d have a turn, want %v", len(turns), want)
			}
		}
		end := func(name string) {
			turn := turns[name]
			delete(turns, name)
			turn.done()
			synctest.Wait()
		}

		begin(t.Context(), "a", false)
		has("a")
		begin(t.Context(), "a", false) // another build of it
		has("a")
		begin(t.Context(), "b", false)
		begin(t.Context(), "c", false)
		has("a", "b")
		end("b")
		has("a", "c")
		end("c")
		end("a")
		has("a")

		hurried, giveUp := context.WithCancel(t.Context())
		begin(hurried, "b", true) // it has one place, and waits for that of a
		begin(t.Context(), "c", true)
		has("a")
		giveUp()
		has("a")
		end("a")
		has("c")
		begin(t.Context(), "a", false)
		has("c")
		turns["c"].share()
		has("a", "c")
		begin(t.Context(), "b", false)
		has("a", "c")
		end("a")
		end("c")
		has("b")
		end("b")
		has()
		if len(b.queue.places) != 2 || len(b.queue.all) != 1 {
			t.Errorf("%d places are free, of 2", len(b.queue.places))
		}
	})
}

// A go build takes the workers that are free, and lets the next begin when it comes to
// its own main package.
func TestGoBuilds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New()
		b.workers = compiler.NewWorkers(4)
		first, err := b.goBuild(t.Context())
		if err != nil || first.flags(nil) != nil {
			t.Fatalf("alone: %v, %v", first.flags(nil), err)
		}
		var second *goBuild
		go func() { second, _ = b.goBuild(t.Context()) }()
		synctest.Wait()
		if second != nil {
			t.Fatal("two compile at a time")
		}
		first.linking()
		synctest.Wait()
		if second == nil || len(second.flags(nil)) != 1 || second.flags(nil)[0] != "-p=3" {
			t.Fatalf("the second has %+v", second)
		}
		first.linking() // once more: nothing is given back twice
		first.done()
		second.linking() // and then finds that it has to compile once more
		if err := second.again(t.Context()); err != nil || second.flags(nil) != nil {
			t.Errorf("once more: %v, %v", second.flags(nil), err)
		}
		second.done()
		if n, err := b.workers.Take(t.Context(), 5); n != 4 || err != nil {
			t.Errorf("%d workers are free, want 4: %v", n, err)
		}
	})
}
