package main

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The number of clients of each kind.
const (
	pagers   = 8
	readers  = 6
	speakers = 6
)

// traffic changes a server while clients request pages, read event streams and use
// WebSockets. No request may fail, no connection may end, no number may be missing; all
// clients must see each version.
func traffic(ctx context.Context, a *arena, p *patched) error {
	addr := ""
	if err := p.loop.until("the server listens", func() bool {
		addr = strings.TrimPrefix(p.loop.said("tag"), "tag ")
		return addr != ""
	}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &clients{addr: addr, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: pagers}}}
	var wg sync.WaitGroup
	run := func(i int, f func(ctx context.Context, i int) error) {
		wg.Go(func() { // ends with ctx, or at the first failure
			if err := f(ctx, i); err != nil && ctx.Err() == nil {
				c.failed.CompareAndSwap(nil, &err)
			}
		})
	}
	defer wg.Wait()
	defer cancel()
	for i := range pagers {
		run(i, c.pages)
	}
	for i := range readers {
		run(pagers+i, c.events)
	}
	for i := range speakers {
		run(pagers+readers+i, c.speak)
	}
	n := a.times(200)
	if a.short {
		n = 4
	}
	const server, file = "main.go", "part/part.go"
	for v := 1; ; v++ {
		if err := p.loop.until(fmt.Sprintf("all clients see version %d", v), func() bool { return c.failed.Load() != nil || c.all(int64(v)) }); err != nil {
			return err
		}
		if err := c.failed.Load(); err != nil {
			return *err
		}
		if v > n || a.over() || ctx.Err() != nil {
			break
		}
		files := map[string]string{file: withVersion(p.files[file], v+1)}
		if v%5 == 0 { // also change the server's own package
			files[server] = withVersion(p.files[server], v+1)
		}
		if err := p.save(files); err != nil {
			return err
		}
	}
	cancel()
	wg.Wait()
	said, err := c.get(context.Background(), "/count", "")
	if err != nil {
		return err
	}
	// A request that was in progress at the end may or may not have been counted.
	var served, streams, sockets int64
	if _, err := fmt.Sscan(said, &served, &streams, &sockets); err != nil {
		return fmt.Errorf("the server counts %q: %w", said, err)
	}
	if served < c.asked.Load() || served > c.asked.Load()+pagers || streams != readers || sockets != speakers {
		return fmt.Errorf("the server counted %d requests, %d streams and %d sockets; the clients %d, %d and %d", served, streams, sockets, c.asked.Load(), readers, speakers)
	}
	a.count("traffic: requests, none failed", "%d", c.asked.Load())
	a.count(fmt.Sprintf("traffic: events on %d streams, none cut", readers), "%d", c.told.Load())
	a.count(fmt.Sprintf("traffic: answers on %d WebSockets, none cut", speakers), "%d", c.spoken.Load())
	return nil
}

func withVersion(text string, v int) string {
	return strings.Replace(text, "const version = 1\n", fmt.Sprintf("const version = %d\n", v), 1)
}

// clients are the clients of one server.
type clients struct {
	addr                string
	http                *http.Client
	seen                [pagers + readers + speakers]atomic.Int64 // the last version that each client has seen
	failed              atomic.Pointer[error]
	asked, told, spoken atomic.Int64
}

// all reports whether every client has seen a version.
func (c *clients) all(version int64) bool {
	for i := range c.seen {
		if c.seen[i].Load() < version {
			return false
		}
	}
	return true
}

// saw records a version. An older one must not follow a newer one.
func (c *clients) saw(i int, version int64) error {
	if old := c.seen[i].Swap(version); old > version {
		return fmt.Errorf("version %d answers after version %d", version, old)
	}
	return nil
}

func (c *clients) get(ctx context.Context, path, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+c.addr+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", answer.StatusCode, text)
	}
	return string(text), err
}

// pages requests pages, one after the other.
func (c *clients) pages(ctx context.Context, i int) error {
	for n := 0; ctx.Err() == nil; n++ {
		text, err := c.get(ctx, "/page", fmt.Sprintf("w%d b a", n%50))
		if err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		c.asked.Add(1)
		var main, served, part int64
		if _, err := fmt.Sscan(text, &main, &served, &part); err != nil || !strings.HasSuffix(text, fmt.Sprintf(" a b w%d\n", n%50)) {
			return fmt.Errorf("request %d is answered by %q", n, text)
		}
		if err := c.saw(i, part); err != nil {
			return err
		}
		pause(ctx)
	}
	return nil
}

// pause leaves the processor to hotdev.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(4 * time.Millisecond):
	}
}

// events reads one stream.
func (c *clients) events(ctx context.Context, i int) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.addr+"/events", nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for want := int64(1); lines.Scan(); {
		text, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var version, n int64
		if _, err := fmt.Sscan(text, &version, &n); err != nil || n != want {
			return fmt.Errorf("event %q, want number %d", text, want)
		}
		if err := c.saw(i, version); err != nil {
			return err
		}
		want++
		c.told.Add(1)
	}
	return fmt.Errorf("a stream of events ended: %w", lines.Err())
}

// speak sends messages through a WebSocket and expects them back.
func (c *clients) speak(ctx context.Context, i int) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	const key = "AAECAwQFBgcICQoLDA0ODw=="
	fmt.Fprintf(conn, "GET /echo HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n", c.addr, key)
	in := bufio.NewReader(conn)
	answer, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // it has no body
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if answer.StatusCode != http.StatusSwitchingProtocols || answer.Header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]) {
		return fmt.Errorf("no WebSocket: %s", answer.Status)
	}
	for n := int64(1); ctx.Err() == nil; n++ {
		text := strings.Repeat("wörd", int(n%100)) + "."
		if err := say(conn, text, byte(n)); err != nil {
			return fmt.Errorf("a WebSocket ended: %w", err)
		}
		got, err := hear(in)
		if err != nil {
			return fmt.Errorf("a WebSocket ended: %w", err)
		}
		var version, number int64
		var echo string
		if _, err := fmt.Sscan(got, &version, &number, &echo); err != nil || number != n || echo != text {
			return fmt.Errorf("%q is answered by %q as number %d", text, got, n)
		}
		if err := c.saw(i, version); err != nil {
			return err
		}
		c.spoken.Add(1)
		pause(ctx)
	}
	return nil
}

// say sends a frame of text, masked.
func say(w io.Writer, text string, mask byte) error {
	frame := binary.BigEndian.AppendUint16([]byte{0x81, 0x80 | 126}, uint16(len(text)))
	frame = append(frame, mask, mask+1, mask+2, mask+3)
	for i := range len(text) {
		frame = append(frame, text[i]^frame[4+i%4])
	}
	_, err := w.Write(frame)
	return err
}

// hear reads a frame that is not masked.
func hear(r io.Reader) (string, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	if head[0] != 0x81 || head[1] != 126 {
		return "", errors.New("not a frame of text")
	}
	text := make([]byte, binary.BigEndian.Uint16(head[2:]))
	_, err := io.ReadFull(r, text)
	return string(text), err
}
