// Package wire is the language in which hotdev and a program that it runs communicate
// over an inherited socket: one JSON object per line, in both directions.
package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Version is the version of the language. hotdev does not communicate with a program
// whose Hello has another one.
const Version = 1

// Variable is the environment variable that has the descriptor of the socket.
const Variable = "HOTDEV_CONTROL"

// The types of messages. The program sends Hello first, then a Slot for each function
// that it can replace, and Assets for each folder of files that it reads on demand;
// then Loaded or Refused for each Load. hotdev sends Load, Plugin for a program that
// loads its plugins itself, and Patch to a program that was patched.
const (
	Hello   = "hello"
	Slot    = "slot"
	Assets  = "assets"
	Loaded  = "loaded"
	Refused = "refused"
	Load    = "load"
	Plugin  = "plugin"
	Patch   = "patch"
)

// A Message is one line. Its Type decides which fields are used.
type Message struct {
	Type string `json:"type"`
	// Version and Able belong to Hello: Able is whether the program can load anything,
	// and if not, Why is the reason.
	Version int  `json:"version,omitempty"`
	Able    bool `json:"able,omitempty"`
	// Name is the full name of a Slot's function, Signature its type; if it cannot be
	// replaced, Why is the reason.
	Name      string `json:"name,omitempty"`
	Signature string `json:"signature,omitempty"`
	Why       string `json:"why,omitempty"`
	// Gen is the generation of a Load, and of its answer. Path is the plugin's file, or
	// the folder of Assets. Symbol is the function to look up in the plugin; if empty,
	// the plugin has the list that hotdev's plugins contain. Package is the import path
	// of a Plugin.
	Gen     int    `json:"gen,omitempty"`
	Path    string `json:"path,omitempty"`
	Symbol  string `json:"symbol,omitempty"`
	Package string `json:"package,omitempty"`
	// Slots are the functions that a Load or a Patch replaced. Files are the changed
	// sources of a Patch. Grew is how much the program's memory grew, in bytes. Took is
	// how long the program took to open the plugin, check it and put it in force. Notes
	// are messages for the developer.
	Slots []string      `json:"slots,omitempty"`
	Files []string      `json:"files,omitempty"`
	Grew  uint64        `json:"grew_bytes,omitempty"`
	Took  time.Duration `json:"took_ns,omitempty"`
	Notes []string      `json:"notes,omitempty"`
	// Reason is why a Load was Refused. Own: the new code itself failed, so a restart
	// would not help.
	Reason string `json:"reason,omitempty"`
	Own    bool   `json:"own,omitempty"`
}

// maxLine limits a message, in bytes: far more than any message has, and little enough
// to keep of invalid input.
const maxLine = 1 << 20

// A Conn is one end of the socket. Send may be called on any goroutine, Receive on one
// goroutine at a time.
type Conn struct {
	in *bufio.Scanner

	mu  sync.Mutex
	out io.Writer
}

// NewConn returns a Conn that communicates over rw.
func NewConn(rw io.ReadWriter) *Conn {
	in := bufio.NewScanner(rw)
	in.Buffer(nil, maxLine)
	return &Conn{in: in, out: rw}
}

// Send sends a message. It may block until the other side reads.
func (c *Conn) Send(m Message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.out.Write(append(line, '\n'))
	return err
}

// Receive waits for a message. It returns io.EOF when the other side is gone, and
// another error for a line that is not a message; then no more can be received either.
func (c *Conn) Receive() (Message, error) {
	if !c.in.Scan() {
		err := c.in.Err()
		switch {
		case err == nil:
			err = io.EOF
		case errors.Is(err, bufio.ErrTooLong):
			err = fmt.Errorf("a message longer than %d bytes", maxLine)
		}
		return Message{}, err
	}
	var m Message
	if err := json.Unmarshal(c.in.Bytes(), &m); err != nil {
		return Message{}, fmt.Errorf("not a message: %.100q: %w", c.in.Bytes(), err)
	}
	return m, nil
}
