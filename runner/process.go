package runner

import (
	"os"
	"sync"
	"sync/atomic"
)

// A Process is one program under supervision, with all that it starts.
// Its methods may be called on any goroutine at any time.
type Process struct {
	pid   int
	lead  atomic.Int64 // the program, if it is not what was started; see Lead
	stop  sync.Once
	kill  sync.Once
	done  chan struct{}
	exit  Exit // written before done is closed
	host       // how this system reaches the tree
	gauge gauge
	input input
	// sockets are hotdev's ends of the program's, by variable.
	sockets map[string]*os.File
	// given are its Listeners, as what a descriptor of one links to.
	given map[string]bool
}

// Socket is the other end of the socket that a variable of Spec.Sockets named to
// the program, or nil. A read ends with io.EOF when no process holds the program's
// end any more; Close ends one too. The caller must close it.
func (p *Process) Socket(variable string) *os.File { return p.sockets[variable] }

// Pid is the process ID of the program itself.
func (p *Process) Pid() int {
	if lead := p.lead.Load(); lead > 0 {
		return int(lead)
	}
	return p.pid
}

// Lead says that the program is another process of the tree, which what was started is
// only there to watch: a debugger. From then on that is left alone by polite signals, and
// by [Process.Usage]; that it ends is still the end of the program. Windows has only one
// signal, which reaches both.
func (p *Process) Lead(pid int) {
	p.lead.Store(int64(pid))
	p.tellLead(pid)
}

// Stop asks the whole tree to end in the polite way, and has what is left
// killed after Spec.StopTimeout. It returns at once; only the first call counts.
func (p *Process) Stop() { p.stop.Do(func() { p.order(orderStop) }) }

// Kill ends the whole tree by force, also during a Stop. It returns at once.
func (p *Process) Kill() { p.kill.Do(func() { p.order(orderKill) }) }

// Done is closed when nothing of the tree is alive and all of its output has
// been emitted. A pipe that the tree handed to a stranger is waited for only
// for a moment.
func (p *Process) Done() <-chan struct{} { return p.done }

// Exit is how it ended. It is valid once Done is closed.
func (p *Process) Exit() Exit {
	select {
	case <-p.done:
		return p.exit
	default:
		return Exit{}
	}
}
