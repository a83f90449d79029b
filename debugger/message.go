package debugger

import (
	"bufio"
	"encoding/json"
	"net"
	"sync"
	"time"

	"github.com/google/go-dap"
)

// A message is one of the protocol's. Its contents stay encoded, because most messages only
// pass through.
type message struct {
	Seq        int             `json:"seq"`
	Type       string          `json:"type"`
	Command    string          `json:"command,omitempty"`
	Arguments  json.RawMessage `json:"arguments,omitempty"`
	RequestSeq *int            `json:"request_seq,omitempty"` // of a response; 0 is a number like any other
	Success    *bool           `json:"success,omitempty"`     // of a response
	Message    string          `json:"message,omitempty"`
	Event      string          `json:"event,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
}

func (m message) ok() bool { return m.Success != nil && *m.Success }

// encode encodes a value that can always be encoded.
func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

// fields returns the fields of an object, or none if raw is not an object.
func fields(raw json.RawMessage) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &m)
	return m
}

// A link is a connection that messages are read from and written to.
type link struct {
	conn net.Conn
	in   chan message // closed at its end
	seq  int          // of the last message that was written

	once   sync.Once
	closed chan struct{}
}

// open returns a link that reads conn on a goroutine, which ends with conn. wg joins it.
func open(conn net.Conn, wg *sync.WaitGroup) *link {
	l := &link{conn: conn, in: make(chan message), closed: make(chan struct{})}
	wg.Go(l.read)
	return l
}

func (l *link) read() {
	defer close(l.in)
	r := bufio.NewReader(l.conn)
	for {
		text, err := dap.ReadBaseMessage(r)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(text, &m) != nil {
			return
		}
		select {
		case l.in <- m:
		case <-l.closed:
			return
		}
	}
}

// patience is how long the other side may take to read a message, or to hang up when it is
// asked to.
const patience = 2 * time.Second

// write sends the message under a new number, and returns the number. It closes the link if
// the other side does not read.
func (l *link) write(m message) int {
	l.seq++
	m.Seq = l.seq
	_ = l.conn.SetWriteDeadline(time.Now().Add(patience))
	if dap.WriteBaseMessage(l.conn, encode(m)) != nil {
		l.close()
	}
	return m.Seq
}

func (l *link) close() {
	l.once.Do(func() {
		close(l.closed)
		l.conn.Close()
	})
}

func (l *link) event(name string, body any) {
	l.write(message{Type: "event", Event: name, Body: encode(body)})
}

func (l *link) respond(to message, body json.RawMessage) {
	ok := true
	l.write(message{Type: "response", Command: to.Command, RequestSeq: &to.Seq, Success: &ok, Body: body})
}

// refuse answers a request with an error. With dialog, the client is to show it in one.
func (l *link) refuse(to message, why string, dialog bool) {
	ok := false
	body := dap.ErrorResponseBody{Error: &dap.ErrorMessage{Id: 1, Format: why, ShowUser: dialog}}
	l.write(message{Type: "response", Command: to.Command, RequestSeq: &to.Seq, Success: &ok, Message: why, Body: encode(body)})
}
