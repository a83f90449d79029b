package compiler

import "context"

// Workers limit how many compilers and linkers run at a time, for all programs
// together. They may be used from several goroutines. Nil Workers set no limit.
type Workers struct{ free chan struct{} }

// NewWorkers returns n free workers.
func NewWorkers(n int) *Workers {
	w := &Workers{free: make(chan struct{}, n)}
	w.Give(n)
	return w
}

// Count returns the number of all workers.
func (w *Workers) Count() int { return cap(w.free) }

// Take waits for a worker, and takes as many more as are free at that moment, up to
// most. A caller that has some must not wait for more.
func (w *Workers) Take(ctx context.Context, most int) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	select {
	case <-w.free:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	for n = 1; n < most; n++ {
		select {
		case <-w.free:
		default:
			return n, nil
		}
	}
	return n, nil
}

// Give gives n workers back.
func (w *Workers) Give(n int) {
	for range n {
		w.free <- struct{}{}
	}
}
