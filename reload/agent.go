//go:build hotdev && cgo && (linux || darwin || freebsd)

package reload

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"plugin"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unsafe"

	"github.com/hotdev/hotdev/internal/wire"
)

// patience is how long the OnLoad hooks of a generation may take together: as
// long as a developer waits before looking for a fault.
const patience = 5 * time.Second

// An agent is what lives in the program on hotdev's behalf.
type agent struct {
	conn *wire.Conn // nil if the program is not running under hotdev

	mu      sync.Mutex
	slots   []*slot
	kept    map[string]kept  // by package and key
	lives   map[string]*life // by package: the generation in force
	opening *generation      // what is being loaded, nil if nothing is
	plugins []func(string, string)
	files   map[string]string // by package: the newest plugin that hotdev told of
	telling sync.Mutex        // held while plugins are called
}

// A slot is what the agent knows of a Slot.
type slot struct {
	index int // in the table of functions
	name  string
	typ   reflect.Type
	// fixed: it cannot be replaced; or it belongs to a generation, which is
	// replaced as a whole.
	fixed bool
}

// A life is a package's generation while it is in force.
type life struct {
	gen    int
	ctx    context.Context
	end    context.CancelFunc
	unload []func()
}

type kept struct{ value reflect.Value }

// A generation is what its packages' initialisation asked for. It takes effect
// only when the whole of it is accepted.
type generation struct {
	gen   int
	hooks []hook
	lives map[string]*life
	kept  map[string]kept
	notes []string
}

type hook struct {
	pkg string
	f   func(context.Context) error
}

// self is the agent of this program. Packages that import this one find it
// ready: it is a variable, not an init function, for Func's sake.
var self = newAgent(connect())

func newAgent(conn *wire.Conn) *agent {
	a := &agent{conn: conn, kept: map[string]kept{}, lives: map[string]*life{}, files: map[string]string{}}
	functions.CompareAndSwap(nil, new([]unsafe.Pointer))
	if conn != nil {
		a.tell(wire.Message{Type: wire.Hello, Version: wire.Version, Able: true})
		go a.serve() // lives as long as hotdev, or the program
	}
	return a
}

// tell sends a message. An error means that hotdev is gone, and is ignored.
func (a *agent) tell(m wire.Message) {
	if a.conn != nil {
		_ = a.conn.Send(m)
	}
}

// announce sends hotdev a message, and reports whether that worked.
func announce(m wire.Message) bool { return self.conn != nil && self.conn.Send(m) == nil }

func (a *agent) serve() {
	for {
		m, err := a.conn.Receive()
		if err != nil {
			return
		}
		switch m.Type {
		case wire.Load:
			a.tell(a.load(m))
		case wire.Patch:
			patches.tell(m)
		case wire.Plugin:
			a.mu.Lock()
			a.files[m.Package] = m.Path
			fs := slices.Clone(a.plugins)
			a.mu.Unlock()
			a.telling.Lock()
			for _, f := range fs {
				f(m.Package, m.Path)
			}
			a.telling.Unlock()
		}
	}
}

// register adds a slot and returns its index.
func (a *agent) register(name string, typ reflect.Type, f unsafe.Pointer) int {
	pkg, rest := splitName(name)
	o := originOf(pkg)
	why := unfit(o.pkg, rest)
	s := &slot{name: o.pkg + "." + rest, typ: typ, fixed: why != "" || o.gen > 0}
	a.mu.Lock()
	table := append(slices.Clone(*functions.Load()), f)
	s.index = len(table) - 1
	a.slots = append(a.slots, s)
	functions.Store(&table)
	a.mu.Unlock()
	if o.gen == 0 {
		a.tell(wire.Message{Type: wire.Slot, Name: s.name, Signature: typ.String(), Why: why})
	}
	return s.index
}

// isOpening reports whether o is of the generation that is being loaded, and so
// has no effect yet. a.mu is held.
func (a *agent) isOpening(o origin) bool {
	return a.opening != nil && o.gen == a.opening.gen && o.gen > 0
}

func (a *agent) onPlugin(f func(string, string)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plugins = append(a.plugins, f)
	if len(a.files) == 0 {
		return
	}
	files := maps.Clone(a.files)
	go func() { // ends with f
		a.telling.Lock()
		defer a.telling.Unlock()
		for _, pkg := range slices.Sorted(maps.Keys(files)) {
			f(pkg, files[pkg])
		}
	}()
}

// life is that of a package's generation, made if need be. a.mu is held.
func lifeOf(m map[string]*life, o origin) *life {
	l := m[o.pkg]
	if l == nil {
		l = &life{gen: o.gen}
		l.ctx, l.end = context.WithCancel(context.Background())
		m[o.pkg] = l
	}
	return l
}

func (a *agent) onLoad(o origin, f func(context.Context) error) {
	a.mu.Lock()
	if a.isOpening(o) {
		a.opening.hooks = append(a.opening.hooks, hook{o.pkg, f})
		a.mu.Unlock()
		return
	}
	ctx := lifeOf(a.lives, o).ctx
	a.mu.Unlock()
	if err := f(ctx); err != nil {
		panic(fmt.Errorf("reload.OnLoad: %w", err))
	}
}

func (a *agent) onUnload(o origin, f func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	lives := a.lives
	if a.isOpening(o) {
		lives = a.opening.lives
	}
	l := lifeOf(lives, o)
	l.unload = append(l.unload, f)
}

// A refusal is why a generation was not taken: a panic or an error.
type refusal struct {
	reason string
	own    bool // it is the new code's own fault
}

func (r refusal) Error() string { return r.reason }

// load takes in a plugin, or leaves everything as it was.
func (a *agent) load(m wire.Message) wire.Message {
	before, began := memory(), time.Now()
	slots, notes, err := a.loadPlugin(m)
	took := time.Since(began)
	if err != nil {
		var r refusal
		if !errors.As(err, &r) {
			r.reason = err.Error()
		}
		return wire.Message{Type: wire.Refused, Gen: m.Gen, Reason: r.reason, Own: r.own}
	}
	answer := wire.Message{Type: wire.Loaded, Gen: m.Gen, Slots: slots, Took: took, Notes: notes}
	if after := memory(); after > before {
		answer.Grew = after - before
	}
	return answer
}

func (a *agent) loadPlugin(m wire.Message) (slots, notes []string, err error) {
	g := &generation{gen: m.Gen, lives: map[string]*life{}, kept: map[string]kept{}}
	a.mu.Lock()
	a.opening = g
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		a.opening = nil
		a.mu.Unlock()
		if err != nil {
			for _, l := range g.lives {
				l.end()
			}
		}
	}()
	funcs, packages, err := open(m.Path)
	if err != nil {
		return nil, nil, err
	}
	table, slots, err := a.fill(funcs)
	if err != nil {
		return nil, nil, err
	}
	if err := a.runHooks(g); err != nil {
		return nil, nil, err
	}
	a.commit(g, packages, table)
	return slots, g.notes, nil
}

// open loads the file, which runs its packages' initialisation, and finds what
// hotdev's plugins carry.
func open(path string) (funcs map[string]any, packages []string, err error) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case refusal:
			err = v
		default:
			err = refusal{fmt.Sprintf("panic while the package was initialised: %v\n%s", v, debug.Stack()), true}
		}
	}()
	p, err := plugin.Open(path)
	if err != nil {
		return nil, nil, openError(err)
	}
	f, err := p.Lookup("Hotdev")
	if err != nil {
		return nil, nil, err
	}
	q, err := p.Lookup("HotdevPackages")
	if err != nil {
		return nil, nil, err
	}
	fs, ok := f.(*map[string]any)
	ps, ok2 := q.(*[]string)
	if !ok || !ok2 {
		return nil, nil, fmt.Errorf("%s is not a plugin of hotdev's: Hotdev is %T, HotdevPackages is %T", path, f, q)
	}
	return *fs, *ps, nil
}

// openError says in the user's terms what the runtime refused.
func openError(err error) error {
	const words = "plugin was built with a different version of package "
	if _, pkg, ok := strings.Cut(err.Error(), words); ok {
		return fmt.Errorf("package %s is not the one in the program (%s%s)", original(pkg), words, pkg)
	}
	return err
}

// fill makes the table of functions that is to come into force: the old one,
// with those of the plugin in their slots.
func (a *agent) fill(funcs map[string]any) (table []unsafe.Pointer, filled []string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	table = slices.Clone(*functions.Load())
	for _, s := range a.slots {
		f, ok := funcs[s.name]
		if !ok || s.fixed {
			continue
		}
		v := reflect.ValueOf(f)
		if !v.IsValid() || !sameType(v.Type(), s.typ) {
			return nil, nil, fmt.Errorf("%s is %s, the slot is %s", s.name, original(fmt.Sprintf("%T", f)), s.typ)
		}
		p := reflect.New(s.typ)
		p.Elem().Set(cast(v, s.typ))
		table[s.index] = p.UnsafePointer()
		if !slices.Contains(filled, s.name) {
			filled = append(filled, s.name)
		}
	}
	return table, filled, nil
}

// runHooks calls a generation's OnLoad hooks, one after the other.
func (a *agent) runHooks(g *generation) error {
	done := make(chan error, 1)
	go func() { // outlives the wait only if a hook never returns
		for _, h := range g.hooks {
			if err := a.runHook(g, h); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return refusal{fmt.Sprintf("OnLoad has not returned after %v", patience), true}
	}
}

func (a *agent) runHook(g *generation, h hook) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = refusal{fmt.Sprintf("OnLoad of package %s: panic: %v\n%s", h.pkg, v, debug.Stack()), true}
		}
	}()
	a.mu.Lock()
	ctx := lifeOf(g.lives, origin{h.pkg, g.gen}).ctx
	a.mu.Unlock()
	if err := h.f(ctx); err != nil {
		return refusal{fmt.Sprintf("OnLoad of package %s: %v", h.pkg, err), true}
	}
	return nil
}

// commit puts a generation into force, and ends those that it replaces.
func (a *agent) commit(g *generation, packages []string, table []unsafe.Pointer) {
	a.mu.Lock()
	for key, k := range g.kept {
		a.kept[key] = k
	}
	// Slots may have been made since the table was filled.
	table = append(table, (*functions.Load())[len(table):]...)
	functions.Store(&table)
	var ended []*life
	for _, pkg := range packages {
		if old := a.lives[pkg]; old != nil {
			ended = append(ended, old)
			delete(a.lives, pkg)
		}
	}
	for pkg, l := range g.lives {
		a.lives[pkg] = l
	}
	a.opening = nil
	a.mu.Unlock()
	for _, l := range ended {
		l.end()
		for _, f := range l.unload {
			if text := contained(f); text != "" {
				g.notes = append(g.notes, text)
			}
		}
	}
}

// contained calls f and says if it panicked.
func contained(f func()) (text string) {
	defer func() {
		if v := recover(); v != nil {
			text = fmt.Sprintf("OnUnload: panic: %v", v)
		}
	}()
	f()
	return ""
}
