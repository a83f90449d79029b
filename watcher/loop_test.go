package watcher

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A script is a source whose answers are written down.
type script struct {
	p       pace
	noise   bool            // events do not matter
	unready int             // so many looks find the batch unsettled
	waited  []time.Duration // at each look
	polls   []time.Duration // since the start
	news    map[int]bool    // polls with news
	start   time.Time
	batch   Batch
}

func (s *script) absorb(context.Context, marks) bool { return !s.noise }
func (s *script) pace(context.Context) pace          { return s.p }
func (s *script) poll(context.Context) bool {
	s.polls = append(s.polls, time.Since(s.start))
	return s.news[len(s.polls)]
}
func (s *script) look(_ context.Context, waited time.Duration) (Batch, bool) {
	s.waited = append(s.waited, waited)
	if s.unready > 0 {
		s.unready--
		return Batch{}, false
	}
	return s.batch, true
}

const ms = time.Millisecond

// play runs the loop over s in fake time and gives when it emitted. During
// act, which sends events, time passes only by its sleeping.
func play(t *testing.T, s *script, act func(event func(), wake func())) (emitted []time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s.start = time.Now()
		if s.p == (pace{}) {
			s.p = pace{quiet: 20 * ms, max: 500 * ms}
		}
		if s.batch.Paths == nil {
			s.batch.Paths = []string{"x"}
		}
		ctx, cancel := context.WithCancel(t.Context())
		in, wake, ended := make(chan marks), make(chan struct{}, 1), make(chan struct{})
		go func() {
			defer close(ended)
			loop(ctx, in, wake, s, func(Batch) { emitted = append(emitted, time.Since(s.start)) })
		}()
		act(func() { in <- marks{} }, func() { wake <- struct{}{} })
		synctest.Wait()
		cancel()
		<-ended
	})
	return emitted
}

func same(t *testing.T, what string, got []time.Duration, want ...time.Duration) {
	t.Helper()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		ok = got[i] == want[i]
	}
	if !ok {
		t.Errorf("%s at %v, want %v", what, got, want)
	}
}

func TestQuiet(t *testing.T) {
	s := &script{}
	got := play(t, s, func(event, _ func()) {
		event() // 0
		time.Sleep(15 * ms)
		event() // 15
		time.Sleep(15 * ms)
		event() // 30
		time.Sleep(time.Second)
		event()
		time.Sleep(time.Second)
	})
	same(t, "emitted", got, 50*ms, 1050*ms)
}

func TestMax(t *testing.T) {
	s := &script{}
	got := play(t, s, func(event, _ func()) {
		for range 110 { // to 1100
			event()
			time.Sleep(10 * ms)
		}
		time.Sleep(time.Second)
	})
	// The second batch begins with the event at 500.
	same(t, "emitted", got[:1], 500*ms)
	if len(got) != 3 || got[1] > 1010*ms {
		t.Errorf("emitted at %v", got)
	}
}

func TestNoiseNeitherBeginsNorDelays(t *testing.T) {
	s := &script{}
	got := play(t, s, func(event, _ func()) {
		s.noise = true
		event()
		time.Sleep(time.Second)
		synctest.Wait()
		s.noise = false
		event() // 1000
		synctest.Wait()
		s.noise = true
		time.Sleep(15 * ms)
		event()
		time.Sleep(time.Second)
	})
	same(t, "emitted", got, 1020*ms)
}

func TestUnsettledIsAskedAgain(t *testing.T) {
	s := &script{unready: 3}
	got := play(t, s, func(event, _ func()) {
		event()
		time.Sleep(30 * ms)
		event() // does not bring the next look forward
		time.Sleep(time.Second)
	})
	same(t, "emitted", got, 90*ms)
	same(t, "looked", s.waited, 20*ms, 50*ms, 70*ms, 90*ms)
}

// Unsettled past the maximum, with events all the time: looks keep their
// distance, and each is told how long it has been.
func TestUnsettledForLong(t *testing.T) {
	s := &script{unready: 40}
	got := play(t, s, func(event, _ func()) {
		for range 200 {
			event()
			time.Sleep(10 * ms)
		}
		time.Sleep(time.Second)
	})
	if len(got) < 1 || got[0] != 500*ms+40*20*ms {
		t.Errorf("emitted at %v", got)
	}
}

func TestNothingFoundIsNoBatch(t *testing.T) {
	s := &script{batch: Batch{Paths: []string{}}}
	got := play(t, s, func(event, _ func()) {
		event()
		time.Sleep(time.Second)
	})
	same(t, "emitted", got)
	same(t, "looked", s.waited, 20*ms)
	s = &script{batch: Batch{Paths: []string{}, Overflow: true}}
	same(t, "overflow emitted", play(t, s, func(event, _ func()) {
		event()
		time.Sleep(time.Second)
	}), 20*ms)
	s = &script{batch: Batch{Paths: []string{}, Notices: []string{"x"}}}
	same(t, "notice emitted", play(t, s, func(_, wake func()) {
		wake()
		time.Sleep(time.Second)
	}), 20*ms)
}

func TestPolling(t *testing.T) {
	s := &script{p: pace{quiet: 20 * ms, max: 500 * ms, poll: 100 * ms}, news: map[int]bool{3: true}}
	got := play(t, s, func(_, _ func()) { time.Sleep(550 * ms) })
	same(t, "polled", s.polls, 100*ms, 200*ms, 300*ms, 400*ms, 500*ms)
	same(t, "emitted", got, 320*ms)
}

func TestPollingGoesOnAmidEvents(t *testing.T) {
	s := &script{p: pace{quiet: 20 * ms, max: 50 * ms, poll: 100 * ms}}
	play(t, s, func(event, _ func()) {
		for range 35 {
			event()
			time.Sleep(10 * ms)
		}
	})
	if len(s.polls) != 3 {
		t.Errorf("polled at %v", s.polls)
	}
}

func TestPollingBeginsAndEnds(t *testing.T) {
	s := &script{}
	play(t, s, func(_, wake func()) {
		time.Sleep(time.Second)
		synctest.Wait()
		s.p.poll = 100 * ms
		wake()
		time.Sleep(250 * ms)
		synctest.Wait()
		s.p.poll = 0
		wake()
		time.Sleep(time.Second)
	})
	// Nobody tells the loop of a new pace but by waking it, so the wake counts.
	same(t, "polled", s.polls, 1100*ms, 1200*ms)
}

func TestNoBusyLoop(t *testing.T) {
	// A loop that span would never let fake time pass, and the test would hang.
	s := &script{p: pace{quiet: 20 * ms, max: 500 * ms, poll: 100 * ms}, unready: 1 << 30}
	play(t, s, func(event, _ func()) {
		event()
		time.Sleep(10 * time.Second)
	})
	if len(s.waited) > 600 {
		t.Errorf("%d looks", len(s.waited))
	}
}
