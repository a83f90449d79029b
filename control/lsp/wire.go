package lsp

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// A message is a request, a notification (without an ID) or, from the editor, an
// answer, which has no method.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params,omitempty"`
}

const (
	// maxHeader and maxBody bound what an editor sends: its capabilities are the
	// longest that concerns us; of others it may send whole files.
	maxHeader = 4 << 10
	maxBody   = 64 << 20
)

// read takes a message. The error is io.EOF at the end between two of them.
func read(in *bufio.Reader) (message, error) {
	var m message
	size, seen := -1, 0
	for {
		line, err := in.ReadSlice('\n')
		seen += len(line)
		switch {
		case errors.Is(err, io.EOF) && seen == 0:
			return m, io.EOF
		case errors.Is(err, bufio.ErrBufferFull), seen > maxHeader:
			return m, errors.New("a header has no end")
		case err != nil:
			return m, fmt.Errorf("a header: %w", err)
		}
		head := strings.TrimRight(string(line), "\r\n")
		if head == "" {
			break
		}
		if name, value, _ := strings.Cut(head, ":"); strings.EqualFold(name, "Content-Length") {
			if size, err = strconv.Atoi(strings.TrimSpace(value)); err != nil || size < 0 || size > maxBody {
				return m, fmt.Errorf("a header: %s", head)
			}
		}
	}
	if size < 0 {
		return m, errors.New("a header without Content-Length")
	}
	body, err := io.ReadAll(io.LimitReader(in, int64(size))) // as much memory as really comes
	if err != nil || len(body) < size {
		return m, fmt.Errorf("a message of %d bytes ended after %d", size, len(body))
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("a message: %w", err)
	}
	return m, nil
}

// A writer sends messages, from any goroutine.
type writer struct {
	mu  sync.Mutex
	out io.Writer
	err error // of the first write that failed
}

func (w *writer) send(v any) {
	text, err := json.Marshal(v)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return
	}
	if err == nil {
		_, err = fmt.Fprintf(w.out, "Content-Length: %d\r\n\r\n%s", len(text), text)
	}
	w.err = err
}

// answer is what a request is answered with.
func (w *writer) answer(id json.RawMessage, result any) {
	w.send(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Result  any             `json:"result"`
	}{"2.0", id, result})
}

// refuse answers a request that is not known.
func (w *writer) refuse(id json.RawMessage, method string) {
	const methodNotFound = -32601
	type fault struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	w.send(struct {
		Version string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Error   fault           `json:"error"`
	}{"2.0", id, fault{methodNotFound, "hotdev only publishes diagnostics: no " + method}})
}

func (w *writer) notify(method string, params any) {
	w.send(struct {
		Version string `json:"jsonrpc"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
	}{"2.0", method, params})
}
