//go:build cgo && (linux || darwin || freebsd)

// Command barehost is the program that hotdev runs for a plugin that has no program of
// its own: it opens the plugin, looks up a function, checks its type and calls it, and
// does the same for each new generation.
//
// hotdev compiles this file inside the user's module, so that its flags and versions
// are those of the plugin. Therefore it imports only the standard library, and repeats
// the messages of internal/wire.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"plugin"
	"reflect"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type message struct {
	Type    string        `json:"type"`
	Version int           `json:"version,omitempty"`
	Able    bool          `json:"able,omitempty"`
	Gen     int           `json:"gen,omitempty"`
	Path    string        `json:"path,omitempty"`
	Symbol  string        `json:"symbol,omitempty"`
	Slots   []string      `json:"slots,omitempty"`
	Grew    uint64        `json:"grew_bytes,omitempty"`
	Took    time.Duration `json:"took_ns,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Own     bool          `json:"own,omitempty"`
}

// accepted are the types that the function may have.
var accepted = []any{(func())(nil), (func() error)(nil), (func(context.Context))(nil), (func(context.Context) error)(nil)}

func main() {
	fd, err := strconv.Atoi(os.Getenv("HOTDEV_CONTROL"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "this program is run by hotdev")
		os.Exit(2)
	}
	os.Unsetenv("HOTDEV_CONTROL")
	syscall.CloseOnExec(fd)
	socket := os.NewFile(uintptr(fd), "hotdev")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	h := host{ctx: ctx}
	go func() { // ends when hotdev does, and then ends the program
		h.serve(socket)
		stop()
	}()
	<-ctx.Done()
	h.end()
}

// A host calls the newest generation's function.
type host struct {
	ctx context.Context

	mu     sync.Mutex
	cancel context.CancelFunc // ends the call in progress
	calls  sync.WaitGroup
}

func (h *host) serve(socket io.ReadWriter) {
	out := json.NewEncoder(socket)
	if out.Encode(message{Type: "hello", Version: 1, Able: true}) != nil {
		return
	}
	for in := bufio.NewScanner(socket); in.Scan(); {
		var m message
		if json.Unmarshal(in.Bytes(), &m) != nil || m.Type != "load" {
			continue
		}
		if out.Encode(h.load(m)) != nil {
			return
		}
	}
}

// load opens a plugin and calls its function in place of the previous one.
func (h *host) load(m message) (answer message) {
	before, began := memory(), time.Now()
	refuse := func(own bool, format string, args ...any) message {
		return message{Type: "refused", Gen: m.Gen, Reason: fmt.Sprintf(format, args...), Own: own}
	}
	defer func() {
		if v := recover(); v != nil {
			answer = refuse(true, "panic while the plugin was initialised: %v\n%s", v, debug.Stack())
		}
	}()
	p, err := plugin.Open(m.Path)
	if err != nil {
		return refuse(false, "%v", err)
	}
	name := m.Symbol
	var f any
	if name != "" {
		f, err = p.Lookup(name)
	} else if f, err = p.Lookup("Hotdev"); err == nil {
		list, ok := f.(*map[string]any)
		if !ok || len(*list) != 1 {
			return refuse(false, "the plugin's list of functions is %T", f)
		}
		for name, f = range *list {
		}
	}
	if err != nil {
		return refuse(true, "%v", err)
	}
	call, ok := callable(f)
	if !ok {
		var want []string
		for _, a := range accepted {
			want = append(want, reflect.TypeOf(a).String())
		}
		return refuse(true, "%s is %T, want %s", name, f, strings.Join(want, ", "))
	}
	h.run(m.Gen, name, call)
	answer = message{Type: "loaded", Gen: m.Gen, Slots: []string{name}, Took: time.Since(began)}
	if after := memory(); after > before {
		answer.Grew = after - before
	}
	return answer
}

// callable converts a function, if it has one of the accepted types.
func callable(f any) (func(context.Context) error, bool) {
	v := reflect.ValueOf(f)
	for _, a := range accepted {
		if want := reflect.TypeOf(a); v.IsValid() && v.Type().ConvertibleTo(want) {
			switch f := v.Convert(want).Interface().(type) {
			case func():
				return func(context.Context) error { f(); return nil }, true
			case func() error:
				return func(context.Context) error { return f() }, true
			case func(context.Context):
				return func(ctx context.Context) error { f(ctx); return nil }, true
			case func(context.Context) error:
				return f, true
			}
		}
	}
	return nil, false
}

// run calls a function on its own goroutine, after cancelling the context of the
// previous call. That call need not have returned.
func (h *host) run(gen int, name string, call func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cancel != nil {
		h.cancel()
	}
	var ctx context.Context
	ctx, h.cancel = context.WithCancel(h.ctx)
	h.calls.Add(1)
	go func() {
		defer h.calls.Done()
		defer func() {
			if v := recover(); v != nil {
				fmt.Fprintf(os.Stderr, "panic: %v [contained: %s of generation %d]\n\n%s", v, name, gen, debug.Stack())
			}
		}()
		if err := call(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintf(os.Stderr, "%s of generation %d: %v\n", name, gen, err)
		}
	}()
}

// end lets the call in progress return, by its context. If it does not, hotdev ends the
// process.
func (h *host) end() {
	h.mu.Lock()
	if h.cancel != nil {
		h.cancel()
	}
	h.mu.Unlock()
	h.calls.Wait()
}

// memory returns the memory that the process takes of the system, in bytes; 0 if
// unknown.
func memory() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[1], 10, 64)
	return pages * uint64(os.Getpagesize())
}
