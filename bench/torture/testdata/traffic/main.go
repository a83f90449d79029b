// A server that clients are connected to in every way, for a trial to change
// while it serves. It counts what it answers.
package main

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/app/part"
)

const version = 1

var served, streams, sockets atomic.Int64

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/page", page)
	http.HandleFunc("/events", events)
	http.HandleFunc("/echo", echo)
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, served.Load(), streams.Load(), sockets.Load())
	})
	fmt.Println("tag", l.Addr())
	fmt.Println(http.Serve(l, nil))
}

func page(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	fmt.Fprintf(w, "%d %d %s\n", version, served.Add(1), part.Page(string(body)))
}

// events is a stream of events that never ends.
func events(w http.ResponseWriter, r *http.Request) {
	streams.Add(1)
	w.Header().Set("Content-Type", "text/event-stream")
	for n := 1; r.Context().Err() == nil; n++ {
		fmt.Fprintf(w, "data: %s\n\n", part.Event(n))
		if http.NewResponseController(w).Flush() != nil {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// echo speaks the WebSocket protocol, as far as it takes to send text back.
func echo(w http.ResponseWriter, r *http.Request) {
	sum := sha1.Sum([]byte(r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer conn.Close()
	sockets.Add(1)
	fmt.Fprintf(rw, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if rw.Flush() != nil {
		return
	}
	for n := 1; ; n++ {
		text, err := readText(rw.Reader)
		if err != nil {
			return
		}
		answer := part.Echo(n, text)
		frame := binary.BigEndian.AppendUint16([]byte{0x81, 126}, uint16(len(answer)))
		if _, err := conn.Write(append(frame, answer...)); err != nil {
			return
		}
	}
}

// readText reads a masked frame of text.
func readText(r *bufio.Reader) (string, error) {
	head := make([]byte, 8) // FIN and opcode, mask and length, longer length, mask
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	if head[0] != 0x81 || head[1] != 0x80|126 {
		return "", errors.New("not a frame of text")
	}
	text := make([]byte, binary.BigEndian.Uint16(head[2:]))
	if _, err := io.ReadFull(r, text); err != nil {
		return "", err
	}
	for i := range text {
		text[i] ^= head[4+i%4]
	}
	return string(text), nil
}
