package proxy

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"time"
)

// echo serves a page that keeps a websocket and a stream of events, and both, until ctx
// ends. What it sends over them, say makes. TestConnectionsOfCode makes a program of this
// file.
func echo(ctx context.Context, say func(string) string) http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, echoPage) }
	mux.HandleFunc("/{$}", page)
	mux.HandleFunc("/alone", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "script-src 'unsafe-inline'") // keeps hotdev's script out
		page(w, r)
	})
	mux.HandleFunc("/socket", func(w http.ResponseWriter, r *http.Request) {
		c, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		defer context.AfterFunc(ctx, func() { c.Close() })()
		accept := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-Websocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(accept[:]))
		for rw.Flush() == nil {
			head := make([]byte, 2+4) // a masked frame of less than 126 bytes
			if _, err := io.ReadFull(rw, head); err != nil || head[0] != 0x81 {
				return
			}
			text := make([]byte, head[1]&0x7f)
			if _, err := io.ReadFull(rw, text); err != nil {
				return
			}
			for i := range text {
				text[i] ^= head[2+i%4]
			}
			answer := say(string(text))
			rw.Write([]byte{0x81, byte(len(answer))})
			rw.WriteString(answer)
		}
	})
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for ctx.Err() == nil && r.Context().Err() == nil {
			fmt.Fprintf(w, "retry: 10\ndata: %s\n\n", say("event"))
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	})
	return mux
}

// The page counts how often each connection was tried, opened and lost.
const echoPage = `<!doctype html><title>echo</title><link rel="icon" href="data:"><script>
var socket, heard = '', event = '', tried = 0, opened = 0, lost = 0, streams = 0, cuts = 0;
function connect() {
	tried++;
	socket = new WebSocket('ws://' + location.host + '/socket');
	socket.onopen = () => { opened++; };
	socket.onmessage = (e) => { heard = e.data; };
	socket.onclose = () => { lost++; setTimeout(connect, 10); };
}
connect();
var stream = new EventSource('/events');
stream.onopen = () => { streams++; };
stream.onmessage = (e) => { event = e.data; };
stream.onerror = () => { cuts++; };
function counts() { return [tried, opened, lost, streams, cuts].join(' '); }
</script>`
