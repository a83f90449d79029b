package debugger

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/rpc"
	"net/rpc/jsonrpc"
	"strings"
	"time"
)

// delve is a connection to Delve in its own protocol, JSON-RPC. It has what the editors'
// protocol lacks: the process ID of the program, where it is halted, and how it ended.
type delve struct{ *rpc.Client }

// A position is where a program is halted, or how it ended.
type position struct {
	Running       bool
	Exited        bool `json:"exited"`
	ExitStatus    int  `json:"exitStatus"`
	CurrentThread *struct {
		place
	} `json:"currentThread"`
	CurrentGoroutine *struct {
		UserCurrentLoc place `json:"userCurrentLoc"`
	} `json:"currentGoroutine"`
}

type place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

// place returns the line of the user's code where the program is halted.
func (p position) place() place {
	switch {
	case p.CurrentGoroutine != nil && p.CurrentGoroutine.UserCurrentLoc.File != "":
		return p.CurrentGoroutine.UserCurrentLoc
	case p.CurrentThread != nil:
		return p.CurrentThread.place
	}
	return place{}
}

// dial connects to the Delve at addr, which may still be starting.
func dial(ctx context.Context, addr string) (delve, error) {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return delve{jsonrpc.NewClient(conn)}, nil
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
			return delve{}, errors.New("dlv ended, see the output")
		}
	}
}

func (d delve) pid() (int, error) {
	var out struct{ Pid int }
	err := d.Call("RPCServer.ProcessPid", struct{}{}, &out)
	return out.Pid, err
}

// command lets the program run ("continue"; it returns when the program is halted or has
// ended) or halts it ("halt").
func (d delve) command(name string) (position, error) {
	var out struct{ State position }
	err := d.Call("RPCServer.Command", map[string]any{"name": name}, &out)
	return out.State, err
}

// state returns where the program is halted. It must not be running.
func (d delve) state() (position, error) {
	var out struct{ State position }
	err := d.Call("RPCServer.State", map[string]any{"NonBlocking": true}, &out)
	return out.State, err
}

// breakAt sets a breakpoint at a line, unless there is one. The program must be halted.
func (d delve) breakAt(file string, line int) error {
	at := map[string]any{"Breakpoint": map[string]any{"file": file, "line": line}}
	err := d.Call("RPCServer.CreateBreakpoint", at, &struct{}{})
	if err != nil && !strings.HasPrefix(err.Error(), "Breakpoint exists") {
		return fmt.Errorf("no breakpoint at %s:%d: %w", file, line, err)
	}
	return nil
}

// clear removes all breakpoints but Delve's own, and cancels a step. The program must be
// halted.
func (d delve) clear() error {
	var all struct {
		Breakpoints []struct {
			ID int `json:"id"`
		}
	}
	if err := d.Call("RPCServer.CancelNext", struct{}{}, &struct{}{}); err != nil {
		return err
	}
	if err := d.Call("RPCServer.ListBreakpoints", map[string]any{"All": false}, &all); err != nil {
		return err
	}
	for _, b := range all.Breakpoints {
		if b.ID > 0 {
			if err := d.Call("RPCServer.ClearBreakpoint", map[string]any{"Id": b.ID}, &struct{}{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// end makes Delve end, and kills the program if it still exists. It does not wait.
func (d delve) end() {
	d.Go("RPCServer.Detach", map[string]any{"Kill": true}, &struct{}{}, make(chan *rpc.Call, 1))
}
