package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A round is a way in which new code comes, and an address at which requests are sent
// meanwhile.
type round struct {
	name, config string
	direct       bool // at the program's own address, not at hotdev's
}

// endure has new code come n times in each of several ways, while whole answers and
// uploads are asked for, and counts what is refused, cut, or answered with an error. Then
// it sends large bodies. only is a part of the names of the ways that are taken.
func endure(hotdev, dir string, n int, large int64, only string) error {
	port, appPort := freePort(), freePort()
	web := fmt.Sprintf("[web]\nport = %d\ntarget = \":%d\"\n", port, appPort)
	socket := fmt.Sprintf("[run]\nsocket = \"127.0.0.1:%d\"\n", appPort)
	rounds := []round{
		{"restarts, at the web address", "[live]\nmode = \"off\"\n" + web, false},
		{"patches, at the web address", web, false},
		{"restarts with run.socket, at the program's own address", "[live]\nmode = \"off\"\n" + socket, true},
		{"swaps, at the program's own address", "[live]\nmode = \"off\"\n" + socket + "swap = \"ready\"\n", true},
		{"swaps, at the web address", "[live]\nmode = \"off\"\n" + socket + "swap = \"ready\"\n" + web, false},
	}
	fmt.Println("| new code under load | times | GET | failed | POST | failed | the longest took | programs killed |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
	for i, r := range rounds {
		if !strings.Contains(r.name, only) {
			continue
		}
		project := filepath.Join(dir, fmt.Sprintf("endure%d", i))
		if err := os.MkdirAll(project, 0o755); err != nil {
			return err
		}
		address := fmt.Sprintf("http://127.0.0.1:%d", port)
		if r.direct {
			address = fmt.Sprintf("http://127.0.0.1:%d", appPort)
		}
		if err := one(hotdev, project, address, r, appPort, n, large); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

func one(hotdev, project, address string, r round, appPort, n int, large int64) error {
	write := func(version int) error {
		return os.WriteFile(filepath.Join(project, "main.go"), []byte(enduring(appPort, version)), 0o644)
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(project, "go.mod"), []byte("module example.com/app\n\ngo 1.24\n"), 0o644),
		os.WriteFile(filepath.Join(project, ".air-like.toml"), []byte(r.config), 0o644),
		write(0)); err != nil {
		return err
	}
	h, err := start(hotdev, project)
	if err != nil {
		return err
	}
	defer h.stop()
	if err := h.explain(until(address+"/version", "version 0.")); err != nil {
		return err
	}
	var gets, posts, failedGets, failedPosts, longest atomic.Int64
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			// What is sent over a connection that the program is closing is lost, as with any
			// server: nobody but hotdev knows when that will be. At the program's own address
			// some requests fail all the same: net/http answers none that it reads once Shutdown
			// has been called.
			via := &http.Transport{DisableKeepAlives: r.direct}
			defer via.CloseIdleConnections()
			for ctx.Err() == nil {
				begun := time.Now()
				count, failed, ask := &gets, &failedGets, getLong
				if i%3 == 0 {
					count, failed, ask = &posts, &failedPosts, postLong
				}
				count.Add(1)
				if err := ask(via, address); err != nil {
					failed.Add(1)
					fmt.Fprintf(os.Stderr, "%s: %v\n", r.name, err)
				}
				took := int64(time.Since(begun))
				for old := longest.Load(); took > old && !longest.CompareAndSwap(old, took); old = longest.Load() {
				}
			}
		})
	}
	for version := 1; version <= n; version++ {
		if err := h.explain(errors.Join(write(version), until(address+"/version", fmt.Sprintf("version %d.", version)))); err != nil {
			return err
		}
	}
	cancel()
	wg.Wait()
	h.mu.Lock()
	killed := h.killed
	h.mu.Unlock()
	fmt.Printf("| %s | %d | %d | %d | %d | %d | %d ms | %d |\n", r.name, n, gets.Load(), failedGets.Load(), posts.Load(), failedPosts.Load(), time.Duration(longest.Load()).Milliseconds(), killed)
	if large > 0 && !r.direct && strings.Contains(r.name, "patches") {
		return bodies(address, large)
	}
	return nil
}

func getLong(via *http.Transport, address string) error {
	text, err := fetch(via, address+"/long")
	if err == nil && len(text) != longSize {
		err = fmt.Errorf("%d bytes", len(text))
	}
	return err
}

func postLong(via *http.Transport, address string) error {
	body := bytes.Repeat([]byte("x"), 100_000)
	want := fmt.Sprintf("%x", sha256.Sum256(body))
	got, err := ask(context.Background(), via, http.MethodPost, address+"/sum", bytes.NewReader(body))
	if err == nil && got != want {
		err = fmt.Errorf("%.40s of a body", got)
	}
	return err
}

// bodies sends a large body, with a length and without, and asks for random ranges.
func bodies(address string, large int64) error {
	via := &http.Transport{}
	defer via.CloseIdleConnections()
	for _, known := range []bool{true, false} {
		sum := sha256.New()
		body := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{1}), large), sum)
		r, err := http.NewRequest(http.MethodPost, address+"/sum", body)
		if err != nil {
			return err
		}
		if known {
			r.ContentLength = large
		}
		begun := time.Now()
		res, err := via.RoundTrip(r)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || string(text) != fmt.Sprintf("%x", sum.Sum(nil)) {
			return fmt.Errorf("a body of %d bytes arrives as another: %s, %w", large, text, err)
		}
		fmt.Printf("\na body of %d MB, its length known: %v, arrives as it was sent, in %.1f s\n", large>>20, known, time.Since(begun).Seconds())
	}
	whole := long()
	const ranges = 500
	for range ranges {
		from := rand.IntN(longSize)
		to := from + rand.IntN(longSize-from)
		r, err := http.NewRequest(http.MethodGet, address+"/file", nil)
		if err != nil {
			return err
		}
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
		r.Header.Set("Sec-Fetch-Dest", []string{"document", "video"}[from%2])
		res, err := via.RoundTrip(r)
		if err != nil {
			return err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusPartialContent || !bytes.Equal(text, whole[from:to+1]) {
			return fmt.Errorf("bytes %d to %d: %s, %d bytes, %w", from, to, res.Status, len(text), err)
		}
	}
	fmt.Printf("%d random ranges are what was asked for\n\n", ranges)
	return nil
}

// long is the file of which ranges are asked for.
func long() []byte {
	text := make([]byte, longSize)
	for i := range text {
		text[i] = byte(i*i>>3 + i)
	}
	return text
}

// enduring is a program that ends its answers before it ends, as programs should, and
// takes a socket if it is given one.
func enduring(port, version int) string {
	return fmt.Sprintf(`package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

//go:noinline
func version() string { return "version %d." }

func main() {
	text := make([]byte, %d)
	for i := range text {
		text[i] = byte(i*i>>3 + i)
	}
	http.HandleFunc("/version", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, version()) })
	http.HandleFunc("/long", func(w http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(text); i += len(text) / 4 {
			w.Write(text[i : i+len(text)/4])
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
	})
	http.HandleFunc("/sum", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		if _, err := io.Copy(sum, r.Body); err != nil {
			panic(err)
		}
		fmt.Fprintf(w, "%%x", sum.Sum(nil))
	})
	http.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "file.html", time.Time{}, bytes.NewReader(text))
	})
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var l net.Listener
	var err error
	if os.Getenv("LISTEN_FDS") != "" {
		l, err = net.FileListener(os.NewFile(3, "socket"))
	} else {
		l, err = net.Listen("tcp", "127.0.0.1:%d")
	}
	if err != nil {
		panic(err)
	}
	server := &http.Server{}
	go server.Serve(l)
	<-ctx.Done()
	server.Shutdown(context.Background())
}
`, version, longSize, port)
}
