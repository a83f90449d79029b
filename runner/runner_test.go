//go:build unix

package runner

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// A transcript is what a Process emitted.
type transcript struct {
	mu    sync.Mutex
	lines []Line
	more  chan struct{} // closed and replaced with every line
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (tr *transcript) emit(lines []Line) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.lines = append(tr.lines, lines...)
	close(tr.more)
	tr.more = make(chan struct{})
}

// await waits for a line that begins with prefix.
func (tr *transcript) await(prefix string) Line {
	for {
		tr.mu.Lock()
		more := tr.more
		for _, l := range tr.lines {
			if strings.HasPrefix(l.Text, prefix) {
				tr.mu.Unlock()
				return l
			}
		}
		tr.mu.Unlock()
		<-more
	}
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var b strings.Builder
	for _, l := range tr.lines {
		if l.Partial {
			b.WriteString("partial ")
		}
		b.WriteString(string(l.Stream) + ": " + l.Text + "\n")
	}
	return b.String()
}

// run starts a role.
func run(t *testing.T, spec Spec, args ...string) (*Process, *transcript) {
	t.Helper()
	tr := newTranscript()
	spec.Path, spec.Args = os.Args[0], append([]string{"play"}, args...)
	if spec.StopTimeout == 0 {
		spec.StopTimeout = time.Minute // only what is meant to run out does
	}
	p, err := Start(spec, tr.emit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		<-p.Done()
	})
	return p, tr
}

func ends(t *testing.T, p *Process, want Exit) {
	t.Helper()
	<-p.Done()
	got := p.Exit()
	if got.Uptime <= 0 && got.Err == "" {
		t.Errorf("uptime %v", got.Uptime)
	}
	got.Uptime = 0
	if got != want {
		t.Errorf("exit:\n got %+v\nwant %+v", got, want)
	}
}

func TestExit(t *testing.T) {
	p, tr := run(t, Spec{}, "exit", "7")
	ends(t, p, Exit{Code: 7})
	if s := tr.String(); s != "stdout: out\nstderr: err\n" && s != "stderr: err\nstdout: out\n" {
		t.Errorf("output:\n%s", s)
	}
}

func TestStop(t *testing.T) {
	tests := []struct {
		name   string
		spec   Spec
		args   []string
		living int
		want   Exit
	}{
		{"polite", Spec{}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},
		{"other signal", Spec{StopSignal: "SIGUSR1"}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},
		{"dies of it", Spec{}, []string{"plain"}, 1, Exit{Code: -1, Signal: "SIGINT", Stopped: true}},
		{"deaf", Spec{StopTimeout: time.Millisecond}, []string{"deaf"}, 1, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true}},
		{"stopped", Spec{}, []string{"stopped"}, 1, Exit{Code: -1, Signal: "SIGINT", Stopped: true}},
		{"terminal", Spec{TTY: true}, []string{"polite"}, 1, Exit{Code: 3, Stopped: true}},

		{"group", Spec{}, []string{"spawn", "group", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"session", Spec{}, []string{"spawn", "session", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"daemon", Spec{}, []string{"spawn", "daemon", "polite", "polite"}, 2, Exit{Code: 3, Stopped: true}},
		{"deaf group", Spec{}, []string{"spawn", "group", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"deaf daemon", Spec{}, []string{"spawn", "daemon", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"deaf daemon, terminal", Spec{TTY: true}, []string{"spawn", "daemon", "deaf", "polite"}, 2, Exit{Code: 3, Stopped: true, Left: 1}},
		{"all deaf", Spec{StopTimeout: time.Millisecond}, []string{"spawn", "daemon", "deaf", "deaf"}, 2, Exit{Code: -1, Signal: "SIGKILL", Stopped: true, Killed: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newRoll(t)
			p, _ := run(t, test.spec, test.args...)
			all := r.join(test.living)
			p.Stop()
			p.Stop()
			ends(t, p, test.want)
			r.extinct(all...)
		})
	}
}
