// Package wire is the language in which hotdev and a program that it runs
// speak over the socket that it inherits: one JSON object a line, both ways.
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

// Version is that of the language. A program that says hello with another one
// is not spoken to.
const Version = 1

// Variable names the descriptor of the socket in the program's environment.
const Variable = "HOTDEV_CONTROL"

// The types of messages. From the program: Hello first, then a Slot for each
// function that it can replace, and Assets for each folder whose files it reads whenever
// it is asked for them; Loaded or Refused for each Load. From hotdev:
// Load, Plugin for a program that loads its plugins itself, and Patch for one that
// was patched.
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

// A Message is one line. Which fields count depends on Type.
type Message struct {
	Type string `json:"type"`
	// Version and Able are Hello's: whether the program can load anything, and if
	// not, Why.
	Version int  `json:"version,omitempty"`
	Able    bool `json:"able,omitempty"`
	// Name is the full name of a Slot's function, Signature its type; Why says
	// why it cannot be replaced, if it cannot.
	Name      string `json:"name,omitempty"`
	Signature string `json:"signature,omitempty"`
	Why       string `json:"why,omitempty"`
	// Gen is the generation of a Load, and of what became of it. Path is the
	// plugin's file, or the folder of Assets; Symbol the function to look up in it, empty for the list that
	// hotdev's plugins carry; Package the import path of a Plugin.
	Gen     int    `json:"gen,omitempty"`
	Path    string `json:"path,omitempty"`
	Symbol  string `json:"symbol,omitempty"`
	Package string `json:"package,omitempty"`
	// Slots are the functions that a Load or a Patch replaced, Files the sources of
	// a Patch that changed, Grew the bytes that the
	// program's memory grew by, Took how long the program took to open the plugin,
	// check it and put it in force, Notes what its developer should know.
	Slots []string      `json:"slots,omitempty"`
	Files []string      `json:"files,omitempty"`
	Grew  uint64        `json:"grew_bytes,omitempty"`
	Took  time.Duration `json:"took_ns,omitempty"`
	Notes []string      `json:"notes,omitempty"`
	// Reason is why a Load was Refused. Own: the new code itself failed, so that
	// a restart would not help.
	Reason string `json:"reason,omitempty"`
	Own    bool   `json:"own,omitempty"`
}

// maxLine bounds a message: far above any that is sent, and little enough to
// keep of one that is nonsense.
const maxLine = 1 << 20

// A Conn is one end of the socket. Send may be called on any goroutine, Receive
// on one at a time.
type Conn struct {
	in *bufio.Scanner

	mu  sync.Mutex
	out io.Writer
}

// NewConn speaks over rw.
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

// Receive waits for a message. It returns io.EOF when the other side is gone,
// and other errors for a line that is no message, after which the conversation
// is over as well.
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
