package debugger

import (
	"context"
	"errors"
	"net"
	"net/rpc"
	"net/rpc/jsonrpc"
	"time"
)

// delve is the other language that Delve speaks at its address: that of its own client.
// It says what the protocol of editors does not: the program's process, where it stands,
// and how it ended.
type delve struct{ *rpc.Client }

// position is where a program stands, or how it ended.
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

// place is the line of the user's code that the program stands at.
func (p position) place() place {
	switch {
	case p.CurrentGoroutine != nil && p.CurrentGoroutine.UserCurrentLoc.File != "":
		return p.CurrentGoroutine.UserCurrentLoc
	case p.CurrentThread != nil:
		return p.CurrentThread.place
	}
	return place{}
}

// dial connects to the Delve at addr, which may be coming up still.
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

// command has the program go on ("continue", which answers when it stands again) or
// stand ("halt").
func (d delve) command(name string) (position, error) {
	var out struct{ State position }
	err := d.Call("RPCServer.Command", map[string]any{"name": name}, &out)
	return out.State, err
}

// state is where a program stands that does not run.
func (d delve) state() (position, error) {
	var out struct{ State position }
	err := d.Call("RPCServer.State", map[string]any{"NonBlocking": true}, &out)
	return out.State, err
}

// clear removes what stops the program: breakpoints, but for Delve's own, and the
// step under way.
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

// end has Delve end, and the program with it, if there still is one.
func (d delve) end() {
	d.Go("RPCServer.Detach", map[string]any{"Kill": true}, &struct{}{}, make(chan *rpc.Call, 1))
}
