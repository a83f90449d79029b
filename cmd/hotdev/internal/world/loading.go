package world

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/wire"
	"github.com/hotdev/hotdev/runner"
)

// loadPatience is how long a program may take to answer a load: twice the limit of its
// hooks, so that hotdev does not give up before they do.
const loadPatience = 10 * time.Second

// A link is hotdev's end of a running program's control socket.
type link struct {
	host int // the generation of the program
	conn *wire.Conn
	gone chan struct{} // closed when nothing more comes from the program

	mu      sync.Mutex
	answers map[int]chan wire.Message // of the loads in progress, by generation
}

func newLink(gen int, socket io.ReadWriter) *link {
	return &link{host: gen, conn: wire.NewConn(socket), gone: make(chan struct{}), answers: map[int]chan wire.Message{}}
}

// listen handles the program's messages until it is gone. They are as trustworthy as
// the program itself; an invalid message ends the conversation.
func (l *link) listen(emit func(engine.Event)) {
	defer close(l.gone)
	offer := engine.Offered{Gen: l.host}
	for {
		m, err := l.conn.Receive()
		if err != nil {
			return
		}
		switch m.Type {
		case wire.Hello:
			offer.Able, offer.Why = m.Able, m.Why
			if m.Version != wire.Version {
				offer.Able, offer.Why = false, fmt.Sprintf("the program's package reload speaks version %d, this hotdev version %d", m.Version, wire.Version)
			}
			emit(offer)
		case wire.Slot:
			offer.Slots = append(offer.Slots[:len(offer.Slots):len(offer.Slots)], engine.Slot{Name: m.Name, Type: m.Signature, Why: m.Why})
			emit(offer)
		case wire.Assets:
			emit(engine.Announced{Gen: l.host, Folder: m.Path})
		case wire.Loaded, wire.Refused:
			l.mu.Lock()
			c := l.answers[m.Gen]
			delete(l.answers, m.Gen)
			l.mu.Unlock()
			if c != nil {
				c <- m
			}
		}
	}
}

// load makes the program load a plugin; ok is false if the program is gone.
func (l *link) load(ctx context.Context, m wire.Message) (answer wire.Message, ok bool) {
	c := make(chan wire.Message, 1)
	l.mu.Lock()
	l.answers[m.Gen] = c
	l.mu.Unlock()
	if err := l.conn.Send(m); err != nil {
		return wire.Message{}, false
	}
	late := time.NewTimer(loadPatience)
	defer late.Stop()
	select {
	case answer = <-c:
		return answer, true
	case <-late.C:
		return wire.Message{Type: wire.Refused, Reason: fmt.Sprintf("the program did not answer within %v", loadPatience)}, true
	case <-l.gone:
	case <-ctx.Done():
	}
	return wire.Message{}, false
}

// load sends a plugin to the program. Afterwards the file is not needed: the program
// keeps what it has loaded.
func (w *World) load(ctx context.Context, e engine.Load, emit func(engine.Event)) {
	defer os.Remove(e.Plugin) // "" is no file
	l, ok := w.place.running(e.Host)
	if !ok {
		return // the program is gone, which is reported separately
	}
	if len(e.Plugins) > 0 {
		if err := w.notify(e, l); err != nil {
			emit(engine.Refused{Gen: e.Gen, Host: e.Host, Reason: err.Error(), Own: true})
			return
		}
	}
	if e.Plugin == "" {
		w.texts.load(e.Gen)
		emit(engine.Reloaded{Gen: e.Gen, Host: e.Host})
		return
	}
	if l == nil {
		return
	}
	m, ok := l.load(ctx, wire.Message{Type: wire.Load, Gen: e.Gen, Path: e.Plugin, Symbol: e.Symbol})
	switch {
	case !ok:
	case m.Type == wire.Loaded:
		w.texts.load(e.Gen)
		emit(engine.Reloaded{Gen: e.Gen, Host: e.Host, Slots: m.Slots, Grew: m.Grew, Took: m.Took, Notes: m.Notes})
	default:
		emit(engine.Refused{Gen: e.Gen, Host: e.Host, Reason: m.Reason, Own: m.Own})
	}
}

// notify announces new plugins to a program that opens them itself: by the messages
// that it registered for with package reload, by the file that it watches, and by a
// signal, which is sent after the file is written. Plugins stay until hotdev ends,
// because a program may open them late.
func (w *World) notify(e engine.Load, l *link) error {
	if e.NotifyFile != "" {
		w.mu.Lock()
		for _, p := range e.Plugins {
			w.plugins[p.Package] = p.File
		}
		var text strings.Builder
		for _, pkg := range slices.Sorted(maps.Keys(w.plugins)) {
			fmt.Fprintf(&text, "%s %s\n", pkg, w.plugins[pkg])
		}
		w.mu.Unlock()
		temp := e.NotifyFile + ".hotdev"
		err := os.WriteFile(temp, []byte(text.String()), 0o600)
		if err == nil {
			err = os.Rename(temp, e.NotifyFile)
		}
		if err != nil {
			return fmt.Errorf("plugin.notify_file: %w", err)
		}
	}
	if l != nil {
		for _, p := range e.Plugins {
			// It is no error if the program does not listen.
			_ = l.conn.Send(wire.Message{Type: wire.Plugin, Gen: e.Gen, Package: p.Package, Path: p.File})
		}
	}
	var err error
	if e.NotifySignal != "" {
		w.place.order(e.Host, func(p *runner.Process) { err = p.Signal(e.NotifySignal) })
	}
	if err != nil {
		return fmt.Errorf("plugin.notify_signal: %w", err)
	}
	return nil
}
