// Command web measures what hotdev's web address costs and how soon a save reaches a
// page:
//
//	go run ./bench/web [-restarts N] [-other NAME=COMMAND]
//	go run ./bench/web -endure N [-large MB]
//
// It runs a small program under hotdev and asks it directly and through the address:
// one request after the other, and by 64 connections at once. Then it saves a style
// sheet, a template and code, as a page would see it: a stream of events says that
// something changed, and a request brings the new content. At last it restarts the
// program, which does not end gracefully, again and again while requests come, and
// counts those that fail.
//
// Another proxy can be measured beside it: COMMAND is run in the program's folder with
// PORT and APP_PORT set.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if to := os.Getenv("HOTDEV_BENCH_PROXY"); to != "" {
		fmt.Fprintln(os.Stderr, bare(to, os.Getenv("PORT")))
		os.Exit(1)
	}
	restarts := flag.Int("restarts", 20, "how often the program is restarted under load")
	other := flag.String("other", "", "`name=command` of another proxy")
	long := flag.Int("endure", 0, "in place of all this, have new code come `n` times in each way while requests come, and send large bodies")
	only := flag.String("ways", "", "of the ways, only those with this in their `name`")
	large := flag.Int64("large", 1<<10, "of how many `MB` these are")
	seconds := flag.Duration("time", 2*time.Second, "how long each load lasts")
	flag.Parse()
	if err := run(*restarts, *other, *seconds, *long, *large<<20, *only); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

func run(restarts int, other string, load time.Duration, long int, large int64, only string) error {
	dir, err := os.MkdirTemp("", "hotdev-web-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	hotdev := filepath.Join(dir, "hotdev")
	if out, err := exec.Command("go", "build", "-o", hotdev, "./cmd/hotdev").CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if long > 0 {
		return endure(hotdev, dir, long, large, only)
	}
	project := filepath.Join(dir, "app")
	port, appPort := freePort(), freePort()
	for name, text := range files(port, appPort) {
		path := filepath.Join(project, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			return err
		}
	}
	h, err := start(hotdev, project)
	if err != nil {
		return err
	}
	defer h.stop()
	through, direct := fmt.Sprintf("http://127.0.0.1:%d", port), fmt.Sprintf("http://127.0.0.1:%d", appPort)
	if err := until(through+"/text", "hello 0"); err != nil {
		return err
	}
	fmt.Println("| | one after the other, p50 | 64 connections | |\n| --- | --- | --- | --- |")
	base := measure(direct+"/text", load)
	fmt.Printf("| the program itself | %v | %.0f/s | 1.00× |\n", base.p50, base.rate)
	m := measure(through+"/text", load)
	fmt.Printf("| through hotdev | %v | %.0f/s | %.2f× |\n", m.p50, m.rate, m.rate/base.rate)
	self, err := os.Executable()
	if err != nil {
		return err
	}
	os.Setenv("HOTDEV_BENCH_PROXY", direct)
	err = measureOther("a bare httputil.ReverseProxy="+self, project, appPort, load, base)
	os.Unsetenv("HOTDEV_BENCH_PROXY")
	if err != nil {
		return err
	}
	if other != "" {
		if err := measureOther(other, project, appPort, load, base); err != nil {
			return err
		}
	}

	page, err := open(through)
	if err != nil {
		return err
	}
	defer page.Close()
	fmt.Println("\n| saved | a page has it after |\n| --- | --- |")
	for _, s := range []struct {
		what, file, from string
		text             func(n int) string
	}{
		{"a style sheet", "static/a.css", "/a.css", func(n int) string { return fmt.Sprintf("h1 { width: %dpx }", n) }},
		{"a template", "page.html", "/", func(n int) string { return fmt.Sprintf("<!doctype html><title>page %d</title>", n) }},
		{"code, restarted", "main.go", "/text", func(n int) string { return source(appPort, n) }},
	} {
		var all []time.Duration
		for n := 1; n <= 9; n++ {
			text := s.text(n)
			want := regexp.MustCompile(`hello \d+|page \d+|\d+px`).FindString(text)
			begun := time.Now()
			if err := os.WriteFile(filepath.Join(project, s.file), []byte(text), 0o644); err != nil {
				return err
			}
			if err := page.next(through+s.from, want); err != nil {
				return fmt.Errorf("%s: %w", s.what, err)
			}
			all = append(all, time.Since(begun))
			time.Sleep(300 * time.Millisecond) // the next save is another one
		}
		slices.Sort(all)
		fmt.Printf("| %s | %d ms |\n", s.what, all[len(all)/2].Milliseconds())
	}
	return underLoad(h, project, through, appPort, restarts)
}

// underLoad restarts the program while requests come.
func underLoad(h *hot, project, through string, appPort, restarts int) error {
	var done atomic.Bool
	var asked, failed atomic.Int64
	var worst atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			via := &http.Transport{}
			defer via.CloseIdleConnections()
			for !done.Load() {
				begun := time.Now()
				text, err := fetch(via, through+"/long")
				asked.Add(1)
				if err != nil || len(text) != longSize {
					failed.Add(1)
					fmt.Fprintf(os.Stderr, "failed: %v, %d bytes\n", err, len(text))
				}
				worst.Store(max(worst.Load(), int64(time.Since(begun))))
			}
		})
	}
	for n := range restarts {
		if err := os.WriteFile(filepath.Join(project, "main.go"), []byte(source(appPort, 100+n)), 0o644); err != nil {
			return err
		}
		if err := until(through+"/text", fmt.Sprintf("hello %d", 100+n)); err != nil {
			return err
		}
	}
	done.Store(true)
	wg.Wait()
	fmt.Printf("\n%d restarts under load: %d requests of %d bytes, %d failed, the longest took %d ms\n", restarts, asked.Load(), longSize, failed.Load(), time.Duration(worst.Load()).Milliseconds())
	return nil
}

// A hot is hotdev at work.
type hot struct{ cmd *exec.Cmd }

func start(hotdev, dir string) (*hot, error) {
	cmd := exec.Command(hotdev, "--json")
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	return &hot{cmd}, cmd.Start()
}

func (h *hot) stop() {
	h.cmd.Process.Signal(os.Interrupt)
	h.cmd.Wait()
}

func measureOther(other, project string, appPort int, load time.Duration, base figures) error {
	name, command, _ := strings.Cut(other, "=")
	port := freePort()
	words := strings.Fields(command)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir = project
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port), fmt.Sprintf("APP_PORT=%d", appPort))
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() }()
	address := fmt.Sprintf("http://127.0.0.1:%d/text", port)
	if err := until(address, "hello 0"); err != nil {
		return err
	}
	m := measure(address, load)
	fmt.Printf("| through %s | %v | %.0f/s | %.2f× |\n", name, m.p50, m.rate, m.rate/base.rate)
	return nil
}

type figures struct {
	p50  time.Duration
	rate float64
}

func measure(address string, load time.Duration) (f figures) {
	one := &http.Transport{}
	var all []time.Duration
	for range 3000 {
		begun := time.Now()
		fetch(one, address)
		all = append(all, time.Since(begun))
	}
	one.CloseIdleConnections()
	slices.Sort(all)
	f.p50 = all[len(all)/2].Round(time.Microsecond)
	const connections = 64
	many := &http.Transport{MaxIdleConnsPerHost: connections}
	defer many.CloseIdleConnections()
	var n atomic.Int64
	ctx, cancel := context.WithTimeout(context.Background(), load)
	defer cancel()
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := fetch(many, address); err == nil {
					n.Add(1)
				}
			}
		})
	}
	wg.Wait()
	f.rate = float64(n.Load()) / load.Seconds()
	return f
}

func fetch(via *http.Transport, address string) (string, error) {
	return ask(via, http.MethodGet, address, nil)
}

func ask(via *http.Transport, method, address string, body io.Reader) (string, error) {
	r, err := http.NewRequest(method, address, body)
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
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(2 * time.Millisecond) {
		if text, err := fetch(via, address); err == nil && strings.Contains(text, want) {
			return nil
		}
	}
	return fmt.Errorf("%s: no %q within a minute", address, want)
}

// A page is what a browser would be: a stream of snapshots, and requests.
type page struct {
	io.Closer
	lines *bufio.Reader
	seq   int
}

func open(through string) (*page, error) {
	r, err := http.NewRequest(http.MethodGet, through+"/", nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Dest", "document")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, _ := io.ReadAll(res.Body)
	res.Body.Close()
	token := regexp.MustCompile(`data-token="(\w+)"`).FindSubmatch(text)
	if token == nil {
		return nil, fmt.Errorf("no tag in %s", text)
	}
	events, err := http.Get(through + "/.hotdev/events?token=" + string(token[1])) //nolint:bodyclose // the page does
	if err != nil {
		return nil, err
	}
	p := &page{Closer: events.Body, lines: bufio.NewReader(events.Body)}
	return p, p.wait(func(snapshot) bool { return true })
}

type snapshot struct {
	Seq   int
	Phase string
}

func (p *page) wait(for_ func(snapshot) bool) error {
	for {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			return err
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		var s snapshot
		if err := json.Unmarshal([]byte(data), &s); err != nil {
			return err
		}
		if for_(s) {
			p.seq = s.Seq
			return nil
		}
	}
}

// next waits for an update, and for what it promises.
func (p *page) next(address, want string) error {
	for {
		if err := p.wait(func(s snapshot) bool { return s.Seq > p.seq && s.Phase == "serving" }); err != nil {
			return err
		}
		text, err := fetch(http.DefaultTransport.(*http.Transport), address)
		if err != nil || strings.Contains(text, want) {
			return err
		}
	}
}

// bare is the least that a proxy written in Go does.
func bare(to, port string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	p := httputil.NewSingleHostReverseProxy(u)
	p.Transport = &http.Transport{MaxIdleConnsPerHost: 512, DisableCompression: true}
	return http.ListenAndServe("127.0.0.1:"+port, p)
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

const longSize = 100_000

func files(port, appPort int) map[string]string {
	return map[string]string{
		"go.mod":         "module example.com/app\n\ngo 1.24\n",
		"main.go":        source(appPort, 0),
		"page.html":      "<!doctype html><title>page 0</title>",
		"static/a.css":   "h1 { width: 0px }",
		".air-like.toml": fmt.Sprintf("[live]\nmode = \"off\"\n[web]\nport = %d\nassets = [\"static/**\", \"page.html\"]\n", port),
	}
}

func source(port, n int) string {
	return fmt.Sprintf(`package main

import (
	"bytes"
	"fmt"
	"net/http"
)

func main() {
	long := bytes.Repeat([]byte("x"), %d)
	http.HandleFunc("/text", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello %d") })
	http.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) { w.Write(long) })
	http.HandleFunc("/a.css", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "static/a.css") })
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, "page.html") })
	if err := http.ListenAndServe("127.0.0.1:%d", nil); err != nil {
		panic(err)
	}
}
`, longSize, n, port)
}
