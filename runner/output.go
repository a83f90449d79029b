package runner

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

const (
	// chunkSize is a pipe's whole capacity (see widen). Four times Linux's own: a
	// program that prints without end changes places with hotdev a quarter as
	// often.
	chunkSize = 256 << 10
	// quiet is how long an unfinished line may stay unshown: a prompt seems to
	// come at once, and a line written in two halves does not flicker.
	quiet = 50 * time.Millisecond
	// Once nothing of the tree is alive, its pipes end by themselves, unless one
	// was handed to a stranger (over a socket, or to a daemon that the system let
	// escape). Then the wait is bounded: by drainIdle for the next byte, and by
	// drainBytes, which is more than any pipe held when the tree ended.
	drainIdle  = 250 * time.Millisecond
	drainBytes = 2 << 20
)

// A source is the reading end of one stream.
type source struct {
	stream Stream
	from   io.ReadCloser
}

// An output reads a program's streams and emits their lines. One goroutine for
// each source reads, one filters and emits; [output.wait] joins them.
type output struct {
	sources []source
	raw     func([]byte) // gets all that is read, before it is filtered; may be nil
	wg      sync.WaitGroup
}

// A chunk is what one read gave. Its data is the reader's again once the next
// chunk of the same source was received.
type chunk struct {
	source int
	data   []byte
	last   bool
}

// collect starts to read. emit is called on one goroutine; while it blocks, the
// sources fill up.
func collect(emit func([]Line), raw func([]byte), sources ...source) *output {
	o := &output{sources: sources, raw: raw}
	chunks := make(chan chunk)
	for i := range sources {
		o.wg.Go(func() { o.read(i, chunks) })
	}
	o.wg.Go(func() { o.pump(chunks, emit) })
	return o
}

// wait returns when everything has been emitted. Nothing may write to the sources
// any more.
func (o *output) wait() {
	for _, s := range o.sources {
		d, ok := s.from.(deadliner)
		if ok && d.SetReadDeadline(time.Now()) == nil {
			continue // the reader awakes, and drains what is left
		}
		defer time.AfterFunc(drainIdle, func() { s.from.Close() }).Stop()
	}
	o.wg.Wait()
	for _, s := range o.sources {
		s.from.Close()
	}
}

// A deadliner is a file whose blocked Read can be ended.
type deadliner interface{ SetReadDeadline(time.Time) error }

// read sends what the source gives, until its end.
func (o *output) read(i int, chunks chan<- chunk) {
	from := o.sources[i].from
	var buf, spare = make([]byte, chunkSize), make([]byte, chunkSize)
	draining, left := false, drainBytes
	for {
		n, err := from.Read(buf)
		if n > 0 {
			chunks <- chunk{source: i, data: buf[:n]}
			buf, spare = spare, buf
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && !draining {
			draining, err = true, nil
		}
		if draining {
			left -= n
			from.(deadliner).SetReadDeadline(time.Now().Add(drainIdle))
		}
		// EIO is how a pseudo-terminal says EOF; other errors end it as well.
		if err != nil || left <= 0 {
			chunks <- chunk{source: i, last: true}
			return
		}
	}
}

// pump filters and emits until the last chunk of every source.
func (o *output) pump(chunks <-chan chunk, emit func([]Line)) {
	type state struct {
		*filter
		timer *time.Timer
		armed bool
	}
	states := make([]state, len(o.sources))
	for i, s := range o.sources {
		t := time.NewTimer(time.Hour)
		t.Stop()
		defer t.Stop()
		states[i] = state{filter: newFilter(s.stream), timer: t}
	}
	var never <-chan time.Time
	timer := func(i int) <-chan time.Time {
		if i < len(states) {
			return states[i].timer.C
		}
		return never
	}
	show := func(lines []Line) {
		if len(lines) > 0 {
			emit(lines)
		}
	}
	for open := len(states); open > 0; {
		select {
		case c := <-chunks:
			s := &states[c.source]
			if c.last {
				s.timer.Stop()
				show(s.close())
				open--
				continue
			}
			if o.raw != nil {
				o.raw(c.data)
			}
			lines := s.write(c.data)
			show(lines)
			// The clock runs from a line's first byte, so that progress which never
			// pauses is seen as well. In a flood this is one Reset a read.
			if fresh := len(lines) > 0 || !s.armed; fresh && s.changed() {
				s.timer.Reset(quiet)
				s.armed = true
			} else if fresh && s.armed {
				s.timer.Stop()
				s.armed = false
			}
		case <-timer(0):
			states[0].armed = false
			show(states[0].partial())
		case <-timer(1):
			states[1].armed = false
			show(states[1].partial())
		}
	}
}
