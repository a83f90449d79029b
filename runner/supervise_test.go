package runner

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A fakeTree lives in fake time. Its program and its rest each react to being asked
// or killed after a while; never is -1.
type fakeTree struct {
	begun time.Time
	mu    sync.Mutex // what follows is also used by timers
	log   []string
	ended chan Exit
	gone  chan struct{}

	program, rest    bool // alive
	asked, restAsked time.Duration
	killed           time.Duration // both
}

const never time.Duration = -1

func (f *fakeTree) say(format string, args ...any) {
	f.log = append(f.log, fmt.Sprintf("%v "+format, append([]any{time.Since(f.begun)}, args...)...))
}

func (f *fakeTree) alive() (n int) {
	if f.program {
		n++
	}
	if f.rest {
		n++
	}
	return n
}

func (f *fakeTree) endProgram() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.program {
		f.program = false
		f.ended <- Exit{Code: 1, Uptime: time.Since(f.begun)}
		f.empty()
	}
}

func (f *fakeTree) endRest() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rest {
		f.rest = false
		f.empty()
	}
}

func (f *fakeTree) empty() {
	if !f.program && !f.rest {
		close(f.gone)
	}
}

func (f *fakeTree) interrupt() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.say("interrupt")
	n := f.alive()
	if f.asked != never {
		time.AfterFunc(f.asked, f.endProgram)
	}
	if f.restAsked != never {
		time.AfterFunc(f.restAsked, f.endRest)
	}
	return n
}

func (f *fakeTree) kill() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.ContainsFunc(f.log, func(s string) bool { return s[len(s)-4:] == "kill" }) {
		f.say("kill") // the first of many
	}
	n := f.alive()
	if f.killed != never {
		time.AfterFunc(f.killed, func() { f.endProgram(); f.endRest() })
	}
	return n
}

func TestSupervise(t *testing.T) {
	ms := time.Millisecond
	tests := []struct {
		name string
		tree *fakeTree
		at   map[time.Duration]string // what happens when
		log  []string
		want Exit
		took time.Duration
	}{
		{
			name: "ends by itself",
			at:   map[time.Duration]string{100 * ms: "end"},
			want: Exit{Code: 1, Uptime: 100 * ms}, took: 100 * ms,
		},
		{
			name: "the rest follows",
			tree: &fakeTree{rest: true},
			at:   map[time.Duration]string{100 * ms: "end", 110 * ms: "end rest"},
			want: Exit{Code: 1, Uptime: 100 * ms}, took: 110 * ms,
		},
		{
			name: "the rest is asked",
			tree: &fakeTree{rest: true, restAsked: 30 * ms},
			at:   map[time.Duration]string{100 * ms: "end"},
			log:  []string{"120ms interrupt"},
			want: Exit{Code: 1, Uptime: 100 * ms, Left: 1}, took: 150 * ms,
		},
		{
			name: "the rest is deaf",
			tree: &fakeTree{rest: true, restAsked: never},
			at:   map[time.Duration]string{100 * ms: "end"},
			log:  []string{"120ms interrupt", "620ms kill"},
			want: Exit{Code: 1, Uptime: 100 * ms, Left: 1}, took: 620 * ms,
		},
		{
			name: "stop",
			tree: &fakeTree{asked: 70 * ms, rest: true, restAsked: 90 * ms},
			at:   map[time.Duration]string{10 * ms: "stop", 20 * ms: "stop"},
			log:  []string{"10ms interrupt"},
			want: Exit{Code: 1, Uptime: 80 * ms, Stopped: true}, took: 100 * ms,
		},
		{
			name: "stop, the rest is deaf",
			tree: &fakeTree{asked: 70 * ms, rest: true, restAsked: never},
			at:   map[time.Duration]string{10 * ms: "stop"},
			log:  []string{"10ms interrupt", "580ms kill"},
			want: Exit{Code: 1, Uptime: 80 * ms, Stopped: true, Left: 1}, took: 580 * ms,
		},
		{
			name: "stop, all deaf",
			tree: &fakeTree{asked: never, rest: true, restAsked: never},
			at:   map[time.Duration]string{10 * ms: "stop"},
			log:  []string{"10ms interrupt", "5.01s kill"},
			want: Exit{Code: 1, Uptime: 5010 * ms, Stopped: true, Killed: true, Overdue: DefaultStopTimeout}, took: 5010 * ms,
		},
		{
			name: "kill",
			tree: &fakeTree{asked: never, rest: true, restAsked: never},
			at:   map[time.Duration]string{10 * ms: "kill"},
			log:  []string{"10ms kill"},
			want: Exit{Code: 1, Uptime: 10 * ms, Stopped: true, Killed: true}, took: 10 * ms,
		},
		{
			name: "kill during stop",
			tree: &fakeTree{asked: never, killed: 3 * ms},
			at:   map[time.Duration]string{10 * ms: "stop", 50 * ms: "kill"},
			log:  []string{"10ms interrupt", "50ms kill"},
			want: Exit{Code: 1, Uptime: 53 * ms, Stopped: true, Killed: true}, took: 53 * ms,
		},
		{
			name: "kill of what was left",
			tree: &fakeTree{rest: true, restAsked: never},
			at:   map[time.Duration]string{100 * ms: "end", 200 * ms: "kill"},
			log:  []string{"120ms interrupt", "200ms kill"},
			want: Exit{Code: 1, Uptime: 100 * ms, Left: 1}, took: 200 * ms,
		},
		{
			name: "stop comes too late",
			tree: &fakeTree{rest: true, restAsked: never},
			at:   map[time.Duration]string{100 * ms: "end", 110 * ms: "stop"},
			log:  []string{"120ms interrupt", "620ms kill"},
			want: Exit{Code: 1, Uptime: 100 * ms, Left: 1}, took: 620 * ms,
		},
		{
			name: "the owner dies",
			tree: &fakeTree{asked: never, rest: true, restAsked: never},
			at:   map[time.Duration]string{10 * ms: "close"},
			log:  []string{"10ms kill"},
			want: Exit{Code: 1, Uptime: 10 * ms, Stopped: true, Killed: true}, took: 10 * ms,
		},
		{
			name: "undying",
			tree: &fakeTree{rest: true, asked: never, killed: never},
			at:   map[time.Duration]string{10 * ms: "kill"},
			log:  []string{"10ms kill"},
			want: Exit{Code: -1, Stopped: true, Killed: true, Err: "2 processes survive SIGKILL"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := test.tree
				if f == nil {
					f = &fakeTree{}
				}
				f.begun, f.program = time.Now(), true
				f.ended, f.gone = make(chan Exit, 1), make(chan struct{})
				orders := make(chan order)
				for at, what := range test.at {
					time.AfterFunc(at, map[string]func(){
						"end":      f.endProgram,
						"end rest": f.endRest,
						"stop":     func() { orders <- orderStop },
						"kill":     func() { orders <- orderKill },
						"close":    func() { close(orders) },
					}[what])
				}
				got := supervise(f, orders, f.ended, f.gone, DefaultStopTimeout)
				if got != test.want {
					t.Errorf("exit:\n got %+v\nwant %+v", got, test.want)
				}
				if took := time.Since(f.begun); test.took > 0 && took != test.took || took > time.Minute {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if !slices.Equal(f.log, test.log) {
					t.Errorf("log:\n got %q\nwant %q", f.log, test.log)
				}
			})
		})
	}
}
