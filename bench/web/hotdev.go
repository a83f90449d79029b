package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// A hot is hotdev at work.
type hot struct {
	cmd *exec.Cmd

	mu   sync.Mutex // guards what follows
	said []string   // the last events
	pid  int        // of the program that was started last
	// killed counts the programs that did not stop in time.
	killed int
}

func start(hotdev, dir string) (*hot, error) {
	h := &hot{cmd: exec.Command(hotdev, "--json")}
	h.cmd.Dir = dir
	h.cmd.Stderr = os.Stderr
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	go h.listen(out) // ends with hotdev
	return h, nil
}

// listen keeps the last of what hotdev says.
func (h *hot) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e struct {
			Event string
			Pid   int
			Exit  struct{ Killed bool }
		}
		_ = json.Unmarshal(lines.Bytes(), &e)
		if e.Event == "sampled" {
			continue
		}
		h.mu.Lock()
		if e.Event == "started" {
			h.pid = e.Pid
		}
		if e.Exit.Killed {
			h.killed++
			fmt.Fprintln(os.Stderr, lines.Text())
		}
		const most = 40
		h.said = append(h.said[max(0, len(h.said)-most):], fmt.Sprintf("%.1000s", lines.Text()))
		h.mu.Unlock()
	}
}

// explain says what hotdev did last, if err is not nil.
func (h *hot) explain(err error) error {
	if err == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Errorf("%w; the last events were\n%s", err, strings.Join(h.said, "\n"))
}

func (h *hot) program() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.pid
}

func (h *hot) stop() {
	h.cmd.Process.Signal(os.Interrupt)
	h.cmd.Wait()
}

func fetch(via *http.Transport, address string) (string, error) {
	return ask(context.Background(), via, http.MethodGet, address, nil)
}

// patience is how long new code may take until it answers, and stuck when an answer is
// given up.
const (
	patience = time.Minute
	stuck    = 20 * time.Second
)

func ask(ctx context.Context, via *http.Transport, method, address string, body io.Reader) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return "", err
	}
	res, err := via.RoundTrip(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, text)
	}
	return string(text), err
}

// until asks until the answer is want.
func until(address, want string) error {
	via := &http.Transport{}
	defer via.CloseIdleConnections()
	var text string
	var err error
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(2 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), stuck)
		text, err = ask(ctx, via, http.MethodGet, address, nil)
		cancel()
		if err == nil && strings.Contains(text, want) {
			return nil
		}
	}
	return fmt.Errorf("%s: no %q within %v, but %.100q, %v", address, want, patience, text, err)
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
