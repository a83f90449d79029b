package reload

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func double(n int) int { return n * 2 }

var doubled = Func(double)

func TestSlot(t *testing.T) {
	if got := doubled.Get()(21); got != 42 {
		t.Errorf("%d", got)
	}
	if Generation() != 0 {
		t.Errorf("generation %d", Generation())
	}
}

func TestFuncRefuses(t *testing.T) {
	for _, f := range []func(){func() { Func((func())(nil)) }, func() { Func(3) }} {
		func() {
			defer func() {
				if v, _ := recover().(string); !strings.Contains(v, "reload.Func: want a function") {
					t.Errorf("panic %q", v)
				}
			}()
			f()
			t.Error("no panic")
		}()
	}
}

func TestOnLoad(t *testing.T) {
	called := false
	OnLoad(func(ctx context.Context) error { called = ctx.Err() == nil; return nil })
	if !called {
		t.Error("the program's own generation did not load")
	}
	defer func() {
		if err, _ := recover().(error); err == nil || err.Error() != "reload.OnLoad: no" {
			t.Errorf("panic %v", err)
		}
	}()
	OnLoad(func(context.Context) error { return errors.New("no") })
}

func TestKeep(t *testing.T) {
	a := Keep("counter", func() *int { return new(int) })
	*a = 7
	if *a != 7 {
		t.Error("what is kept is not the value")
	}
}

var sink int

// Get costs what a function variable costs (inert), or an atomic load more.
func BenchmarkGet(b *testing.B) {
	for b.Loop() {
		sink = doubled.Get()(1)
	}
}

var variable = double

func BenchmarkVariable(b *testing.B) {
	for b.Loop() {
		sink = variable(1)
	}
}
