package live

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"syscall"
	"time"
)

// A Socket is hotdev's end of the agent's socket.
type Socket interface {
	io.ReadWriteCloser
	syscall.Conn
}

// A Conn talks to the agent of one process over a socket. After the first error it closes
// the socket and cannot be used any more: a late answer would be taken for that to another
// request. It also makes the agent end a profile that has begun.
type Conn struct {
	socket io.ReadWriteCloser
	// send sends a request, with a file unless that is nil.
	send func(request []byte, file *os.File) error
	// patience limits the time of an answer: a program that is stopped, or whose
	// goroutines cannot be stopped, never answers. Zero means no limit.
	patience time.Duration
	failed   error // the first error
}

// patience is how long a developer would wait.
const patience = 10 * time.Second

// Operations and answers, as in package agent.
const (
	opReserve = 1
	opLoad    = 2
	opFrames  = 3
	opBegin   = 4
	opEnd     = 5

	statusDone     = 0
	statusRefused  = 1
	statusItab     = 2
	statusPanicked = 3

	whyFile   = 1
	whyBytes  = 2
	whyTraced = 3
	whyType   = 4
	whyMemory = 5
	whyWrite  = 6
	whyTwice  = 7
	whyHole   = 8
)

// maxAnswer limits the text of an answer, in bytes.
const maxAnswer = 1 << 22

// ask sends a request to the agent, with a file that has the given content, and waits
// for the answer.
func (c *Conn) ask(op uint64, content []byte, a, b uint64) (answer [8]uint64, text []byte, err error) {
	if len(content) == 0 {
		return c.askWith(op, nil, 0, a, b)
	}
	file, err := memoryFile(content)
	if err != nil {
		return answer, nil, unanswered(err)
	}
	defer file.Close()
	return c.askWith(op, file, len(content), a, b)
}

// askWith is like ask, with a file of the given size.
func (c *Conn) askWith(op uint64, file *os.File, size int, a, b uint64) (answer [8]uint64, text []byte, err error) {
	if c.failed != nil {
		return answer, nil, c.failed
	}
	defer func() {
		if err != nil {
			c.failed = err
			_ = c.socket.Close()
		}
	}()
	request := make([]byte, 32)
	for i, w := range []uint64{op, uint64(size), a, b} {
		le.PutUint64(request[8*i:], w)
	}
	if d, ok := c.socket.(interface{ SetDeadline(time.Time) error }); ok && c.patience > 0 {
		_ = d.SetDeadline(time.Now().Add(c.patience)) // a socket without deadlines has no limit
	}
	if err := c.send(request, file); err != nil {
		return answer, nil, unanswered(err)
	}
	head := make([]byte, 64)
	if _, err := io.ReadFull(c.socket, head); err != nil {
		return answer, nil, unanswered(err)
	}
	for i := range answer {
		answer[i] = le.Uint64(head[8*i:])
	}
	if answer[7] > maxAnswer {
		return answer, nil, errors.New("the agent: a malformed answer")
	}
	text = make([]byte, answer[7])
	if _, err := io.ReadFull(c.socket, text); err != nil {
		return answer, nil, unanswered(err)
	}
	return answer, text, nil
}

// unanswered explains an error of the socket. If the other end is closed, the program
// has nearly always crashed, perhaps because of the request.
func unanswered(err error) error {
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, closed) {
			return fmt.Errorf("the program ended before it answered (%w)", err)
		}
	}
	return fmt.Errorf("the agent: %w", err)
}

// Connect makes the program's agent reserve memory for patches. It is called once for
// each process that runs the host's executable.
func (h *Host) Connect(c *Conn) error {
	// Within two gigabytes of the code in both directions, and above what the C library
	// may grow into.
	answer, _, err := c.ask(opReserve, nil, alignUp(h.exe.end()+1<<27, 1<<26), 0x78000000)
	if err != nil {
		return err
	}
	if answer[0] != statusDone {
		return refuse(Agent, "", "the program has no room for patches within the reach of its code")
	}
	h.base, h.next, h.limit = answer[1], answer[1], answer[1]+answer[2]
	return nil
}

// Applied is the result of applying a patch.
type Applied struct {
	Gen int // counts the patches of this process, from 1
	// Functions are the functions that were replaced, as Go names them.
	Functions []string
	// Symbols are the same functions as the linker names them.
	Symbols []string
	// Code names all code of the patch, as Symbols does, without type arguments.
	Code []string
	// Notes are the limits of the patch, each a sentence.
	Notes []string
	// Bytes is the memory that the patch takes in the program.
	Bytes int
	// Map is the time to map the image and to run new initialisers; Stopped is the time
	// for which the program's goroutines were stopped.
	Map, Stopped time.Duration
}

// Apply puts a patch into the program of c. After an obstacle the program and the Host
// are unchanged; an error means that the agent is gone, or that it is unknown what it
// did.
func (h *Host) Apply(c *Conn, p *Patch) (a Applied, o *Obstacle, err error) {
	defer catch(&o)
	if p.gen != h.gen {
		return a, refuse(Internal, "", "the patch is for another generation"), nil
	}
	if p.image.empty() {
		p.done(h)
		return Applied{Gen: h.gen, Notes: p.Notes}, nil, nil
	}
	for try := 0; ; try++ {
		answer, text, err := c.ask(opLoad, p.image.file(h), 0, 0)
		if err != nil {
			return a, nil, err
		}
		switch answer[0] {
		case statusDone:
			a = Applied{
				Functions: p.Functions, Symbols: p.Symbols, Code: p.code(), Notes: p.Notes, Bytes: p.Bytes,
				Map: time.Duration(answer[2]), Stopped: time.Duration(answer[3]),
			}
			p.done(h)
			a.Gen = h.gen
			return a, nil, nil
		case statusItab:
			// The program made an itab while it was running that the image has as well.
			// Use the program's.
			if try > 20 {
				return a, refuse(Agent, "", "the program keeps making method tables that the patch has as well"), nil
			}
			if o := p.relink(answer[1], answer[2]); o != nil {
				return a, o, nil
			}
		case statusPanicked:
			h.next = p.image.end()
			return a, refuse(Init, "", "%s", text), nil
		default:
			h.next = p.image.end() // the runtime may already know of the image
			o := refusal(answer)
			if answer[1] == whyTwice {
				o = p.p.twice(answer[2])
			}
			return a, o, nil
		}
	}
}

// done records that the program has the patch.
func (p *Patch) done(h *Host) {
	p.p.applied(p.image)
	maps.Copy(h.newest, p.index)
	for pkg, o := range p.objects {
		if was := h.code[pkg]; was != nil {
			was.where = nil // not needed any more
		}
		h.code[pkg] = o
	}
	for _, pkg := range p.fresh {
		delete(h.waiting, pkg)
	}
	h.accept(p)
}

// refusal explains why the agent refused an image.
func refusal(answer [8]uint64) *Obstacle {
	switch answer[1] {
	case whyBytes:
		return refuse(Agent, "", "the program's code at %#x is not what hotdev knows", answer[2])
	case whyTraced:
		return refuse(Program, "", "a debugger is attached to the program")
	case whyType:
		return refuse(Method, "", "a type has got a method that the program has looked for in vain already")
	case whyHole:
		return refuse(Method, "", "a table of methods that the program made itself lacks one that the linker left out")
	case whyWrite:
		return refuse(Agent, "", "the system does not let the program change its code")
	}
	return refuse(Agent, "", "the program cannot map the new code (%d, %d)", answer[1], answer[2])
}
