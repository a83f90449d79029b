package compiler

import "testing"

func TestStartHeap(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		available  uint64
		processors int
		want       int
	}{
		{22 * gb, 2, 1024},
		{18 * gb, 10, 921},
		{6 * gb, 8, 384},
		{2 * gb, 8, 256},
		{0, 4, 256},
	} {
		if got := startHeap(c.available, c.processors); got != c.want {
			t.Errorf("%d bytes, %d processors: %d MB, want %d", c.available, c.processors, got, c.want)
		}
	}
	if availableMemory() == 0 {
		t.Error("the memory of this machine is not known")
	}
}
