package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/exit"
	"github.com/hotdev/hotdev/internal/patience"
)

const underLoad = `package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"sync/atomic"

	"example.com/load/rules"
	"github.com/hotdev/hotdev/reload"
)

var answer = reload.Func(rules.Answer)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println("main pid", os.Getpid())
	fmt.Println("address", l.Addr())
	var hits atomic.Int64
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			for s := bufio.NewScanner(c); s.Scan(); {
				fmt.Fprintln(c, hits.Add(1), answer.Get()())
			}
		}()
	}
}
`

// TestReloadUnderLoad reloads a server again and again while it is asked all the
// time: no request fails and no connection ends, the counter in its memory never
// goes back, and it is one process from the first generation to the last.
func TestReloadUnderLoad(t *testing.T) {
	if !plugins(t) {
		t.Skip("plugins need cgo, a C compiler and no Windows")
	}
	t.Parallel()
	generations := 6
	if long {
		generations = 200
	}
	source, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file+".tmp", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".tmp", file); err != nil {
			t.Fatal(err)
		}
	}
	rules := func(n int) string {
		return fmt.Sprintf("package rules\n\nimport \"strconv\"\n\nfunc Answer() string { return \"generation \" + strconv.Itoa(%d) }\n", n)
	}
	write("go.mod", "module example.com/load\n\ngo 1.26.0\n\nrequire github.com/hotdev/hotdev v0.0.0\n\nreplace github.com/hotdev/hotdev => "+source+"\n")
	write(".air-like.toml", "[plugin]\nmax_generations = 1000\nmax_memory = 10000\n")
	write("main.go", underLoad)
	write("rules/rules.go", rules(0))
	h := &hot{}
	h.launch(t, dir, append(os.Environ(), "GOCACHE="+goEnv(t, "GOCACHE"), "XDG_CACHE_HOME="+shareTrial(t.TempDir()), "GOFLAGS=", "GOPROXY=off"), nil)
	t.Cleanup(h.kill)
	h.wait(t, "wrote", "~address 127")
	address := h.find(regexp.MustCompile(`address (127\.0\.0\.1:\d+)`))
	h.wait(t, "prepared")

	var asked, failed atomic.Int64
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			// So much load that no reload is without it, and so little that the
			// compiler gets its share of a small machine.
			next := time.NewTicker(5 * time.Millisecond)
			defer next.Stop()
			s, err := dial(address)
			if err != nil {
				failed.Add(1)
				t.Error(err)
				return
			}
			defer s.Close()
			last := 0
			for {
				select {
				case <-done:
					return
				case <-next.C:
				}
				n, _, err := s.ask()
				asked.Add(1)
				if err != nil || n <= last {
					failed.Add(1)
					t.Errorf("request %d: %d after %d, %v", asked.Load(), n, last, err)
					return
				}
				last = n
			}
		})
	}
	for n := 1; n <= generations; n++ {
		write("rules/rules.go", rules(n))
		h.wait(t, "cycle", "outcome=reloaded")
		if _, said, err := askNew(address); err != nil || said != fmt.Sprint("generation ", n) {
			t.Errorf("generation %d answers %q, %v", n, said, err)
			break
		}
	}
	close(done)
	wg.Wait()
	if n := h.matching("started"); n != 1 {
		t.Errorf("%d starts", n)
	}
	t.Logf("%d generations, %d requests, %d failed", generations, asked.Load(), failed.Load())
	if err := h.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	h.end(t, exit.OK)
}

// A server is a connection to one.
type server struct {
	net.Conn
	answers *bufio.Scanner
}

func dial(address string) (server, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return server{}, err
	}
	return server{c, bufio.NewScanner(c)}, nil
}

// ask asks for the server's counter and its answer.
func (s server) ask() (n int, said string, err error) {
	if _, err := fmt.Fprintln(s, "?"); err != nil {
		return 0, "", err
	}
	answered := make(chan bool, 1)
	go func() { answered <- s.answers.Scan() }()
	if ok, err := patience.Receive(answered); err != nil {
		s.Close() // ends the goroutine
		return 0, "", err
	} else if !ok {
		return 0, "", fmt.Errorf("the connection ended: %v", s.answers.Err())
	}
	number, said, _ := strings.Cut(s.answers.Text(), " ")
	_, err = fmt.Sscan(number, &n)
	return n, said, err
}

// askNew asks by a connection of its own.
func askNew(address string) (n int, said string, err error) {
	s, err := dial(address)
	if err != nil {
		return 0, "", err
	}
	defer s.Close()
	return s.ask()
}

// find is the first group of a pattern in an event so far.
func (h *hot) find(pattern *regexp.Regexp) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.lines {
		if m := pattern.FindStringSubmatch(l); m != nil {
			return m[1]
		}
	}
	return ""
}
