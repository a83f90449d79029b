package runner

import (
	"fmt"
	"time"
)

const (
	// settle lets a pipeline or a worker that ends by itself right after the
	// program do so, before it counts as left behind.
	settle = 20 * time.Millisecond
	// parting is what the rest of a tree gets once the program itself is gone:
	// enough to flush a file or remove a socket. A restart waits for it, so it is
	// far below the program's own StopTimeout.
	parting = 500 * time.Millisecond
	// The hunt for what does not die scans again after a pause that grows from
	// huntMin, which outpaces a process that flees by forking, to huntMax, which
	// costs little while a disk is waited for; and gives up after huntLimit.
	huntMin   = time.Millisecond
	huntMax   = 50 * time.Millisecond
	huntLimit = 10 * time.Second
)

// An order is what the owner of a tree asks for.
type order byte

const (
	orderStop order = 's'
	orderKill order = 'k'
	// orderLead and a process ID, in four bytes: that is the program.
	orderLead order = 'l'
	// orderSignal and a signal's number: send that to the program.
	orderSignal = 128
)

// A tree is a program with all that it started, as far as the system can tell.
// Both methods give the number of processes that they found alive.
type tree interface {
	// interrupt asks all of them to end, in the polite way.
	interrupt() int
	// kill ends those that it finds. Others may appear meanwhile.
	kill() int
}

// A stage is how far the end of a tree has come.
type stage int

const (
	running  stage = iota
	stopping       // asked to end; the program still lives
	settling       // the program ended by itself; the rest may follow
	leaving        // the program is gone, the rest was asked to end
	hunting        // killing until nothing is left
)

// supervise carries out the orders for one tree and returns when nothing of it
// is left. The end of the orders is an order to kill. ended delivers the
// program's own end once; gone is closed after that, when the tree is empty.
func supervise(t tree, orders <-chan order, ended <-chan Exit, gone <-chan struct{}, timeout time.Duration) Exit {
	var (
		now   = running
		exit  = Exit{Code: -1}
		timer = time.NewTimer(time.Hour)
		pause = huntMin
		limit time.Time
	)
	timer.Stop()
	defer timer.Stop()

	hunt := func() {
		now, pause, limit = hunting, huntMin, time.Now().Add(huntLimit)
		timer.Reset(0)
	}
	end := func(e Exit) {
		e.Stopped, e.Killed, e.Overdue = exit.Stopped, exit.Killed, exit.Overdue
		exit, ended = e, nil // from here on the program itself is dead
	}
	for {
		select {
		case o, open := <-orders:
			switch {
			case !open || o == orderKill:
				if !open {
					orders = nil
				}
				if ended != nil {
					exit.Stopped, exit.Killed = true, true
				}
				if now != hunting {
					hunt()
				}
			case o == orderStop && now == running:
				now, exit.Stopped = stopping, true
				t.interrupt()
				timer.Reset(timeout)
			}
		case e := <-ended:
			end(e)
			switch now {
			case running:
				now = settling
				timer.Reset(settle)
			case stopping:
				now = leaving
				timer.Reset(parting)
			}
		case <-gone:
			if ended != nil {
				end(<-ended)
			}
			return exit
		case <-timer.C:
			switch now {
			case settling:
				now = leaving
				exit.Left = t.interrupt()
				timer.Reset(parting)
			case stopping:
				exit.Killed, exit.Overdue = true, timeout
				hunt()
			case leaving:
				hunt()
			case hunting:
				n := t.kill()
				if ended == nil && exit.Left == 0 && !exit.Killed {
					exit.Left = n
				}
				if time.Now().After(limit) {
					exit.Err = fmt.Sprintf("%d processes survive SIGKILL", n)
					return exit
				}
				timer.Reset(pause)
				pause = min(2*pause, huntMax)
			}
		}
	}
}
