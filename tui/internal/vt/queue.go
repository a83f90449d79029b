package vt

import "sync"

const (
	// keyRoom is how many bytes may wait for a program that does not read: more than a
	// person types, and than most people paste.
	keyRoom = 1 << 20
	// answerRoom is how many bytes of that may be used by answers: a program that asks
	// without end and reads nothing gets no more of them.
	answerRoom = 64 << 10
)

// A queue is the input on its way to the program.
type queue struct {
	more chan struct{} // has a token if there may be something to take

	mu     sync.Mutex
	buf    []byte
	end    bool // after buf the input ends
	closed bool
}

// close makes take return.
func (q *queue) close() {
	q.mu.Lock()
	q.buf, q.closed = nil, true
	q.mu.Unlock()
	q.signal()
}

func (q *queue) signal() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// add queues b, completely or not at all: ok is false if more than room bytes would
// wait, or if the queue is closed.
func (q *queue) add(b []byte, room int) (ok bool) {
	q.mu.Lock()
	if ok = !q.closed && !q.end && len(q.buf)+len(b) <= room; ok {
		q.buf = append(q.buf, b...)
	}
	q.mu.Unlock()
	q.signal()
	return ok
}

// finish queues the end of the input.
func (q *queue) finish() {
	q.mu.Lock()
	q.end = true
	q.mu.Unlock()
	q.signal()
}

// take waits for what is queued, and returns it once; ok is false when the queue is
// closed.
func (q *queue) take() (b []byte, end, ok bool) {
	for {
		q.mu.Lock()
		b, end, q.buf = q.buf, q.end, nil
		closed := q.closed
		q.mu.Unlock()
		if closed {
			return nil, false, false
		}
		if len(b) > 0 || end {
			return b, end, true
		}
		<-q.more
	}
}
