package live

import (
	"bytes"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// A Package is a package of a program, as it was compiled.
type Package struct {
	Path    string // import path; "main" for the main package
	Archive string
	// Files are its Go sources as they were compiled; nil for a package that does not
	// change.
	Files []File
	// Leaks is what the compiler printed for it with -m, from which it is known which
	// parameters escape. A package with Files may lack it: then all escaping parameters
	// of its functions count as new.
	Leaks []byte
	// Compile compiles the package as it is now with additional files, for the initial
	// values of new variables, and returns the archive. If it is nil, patches that need
	// it are refused.
	Compile func(more []File) (archive string, err error)
	// Lang is the language version that it is compiled for, such as go1.26.
	Lang string

	export []byte // as in its archive
}

// A File is a source file and its content.
type File struct {
	Path string
	Text []byte
}

// Setup describes what a program was made of.
type Setup struct {
	Executable string
	Packages   []Package // all packages
	Toolchain  *Toolchain
	// Append prepares the Host for [Host.Append].
	Append bool
}

// A Host is a running program as this linker knows it. Only one goroutine may use it at
// a time.
type Host struct {
	*table
	tc   *Toolchain
	arch arch
	exe  *executable

	packages map[string]*Package // by path, as in the program
	archives []mapping
	mutable  map[string]bool    // packages that may change, by path in symbol names
	sites    map[symID][]*site  // references to the functions of those
	stray    map[symID]bool     // functions with references that are not in sites
	entries  map[symID][]uint64 // by function: where its earlier versions are
	first    map[symID]uint64   // by redirected function: the entry that all callers use
	newest   map[string]*object // by package that has changed: the object whose numbers other objects use
	code     map[string]*object // by the same packages: the object that the program's code is from
	writes   map[uint64][]byte  // what was written, by address
	segments []part             // of the generations
	sharing  map[uint64]int     // by address: how many functions share equal code that the linker keeps once
	bodies   map[symID]body     // of functions that patches added
	retired  []body             // of functions that were replaced
	gate     gate               // what is known of the sources
	waiting  map[string]bool    // packages that are not in the program yet, but will be with a patch

	pruned      map[string][]symID // by name of a method that the linker left out: the types that lack it
	bare        map[symID]bool     // those types
	holes       map[symID][]hole   // by the methods' functions: where the linker's method tables lack them
	exposed     map[symID]bool     // types whose values may be in interfaces
	usedMethods map[methodUse]bool
	usedNames   map[string]bool
	reflects    bool // methods are looked up by reflection, so all exported ones were kept

	base, next, limit uint64 // the address space that the agent has reserved
	gen               int
	uses              *uses // nil unless the program was opened for appending
}

// A hole is a word of an itab that has runtime.unreachableMethod in place of a method.
type hole struct {
	at uint64
	r  reloc
}

type methodUse struct {
	iface symID
	off   int64
}

// A mapping is an archive that was read.
type mapping struct {
	b       []byte
	mapped  bool
	of      *Package
	objects []*object
}

// Open reads all archives of a program once. It takes a few tenths of a second, and is
// best called in the background, after the program has started. [Host.Close] releases
// the files.
func Open(s Setup) (h *Host, o *Obstacle) {
	h = &Host{
		table: newTable(s.Toolchain.builtins), tc: s.Toolchain,
		packages: map[string]*Package{}, waiting: map[string]bool{}, mutable: map[string]bool{}, sites: map[symID][]*site{}, stray: map[symID]bool{}, bodies: map[symID]body{}, sharing: map[uint64]int{},
		entries: map[symID][]uint64{}, first: map[symID]uint64{}, newest: map[string]*object{}, code: map[string]*object{}, writes: map[uint64][]byte{},
		pruned: map[string][]symID{}, holes: map[symID][]hole{}, bare: map[symID]bool{}, exposed: map[symID]bool{}, usedMethods: map[methodUse]bool{}, usedNames: map[string]bool{},
	}
	defer func() {
		if o != nil {
			h.Close()
			h = nil
		}
	}()
	defer catch(&o)
	var err error
	if h.exe, err = openExecutable(s.Executable); err != nil {
		return h, refuse(Program, "", "%v", err)
	}
	if h.arch = archOf(h.exe.machine); h.arch == nil {
		return h, refuse(Program, "", "code for %v is not known", h.exe.machine)
	}
	for i := range s.Packages {
		p := s.Packages[i]
		if o := h.add(&p); o != nil {
			return h, o
		}
	}
	if o := h.odd(); o != nil {
		return h, o
	}
	h.locate()
	h.survey()
	h.strays()
	if s.Append {
		if o := h.openUses(s.Executable); o != nil {
			return h, o
		}
	}
	h.gate = newGate(h)
	if o := h.gate.imports.readable(h, "runtime"); o != nil {
		return h, o
	}
	h.exe.symbols = nil
	for _, objects := range h.objects {
		for _, o := range objects {
			o.ids = nil // a patch needs only a few
		}
	}
	return h, nil
}

// Rest does work that the next patch then need not do, and releases memory that is no
// longer needed: opening a program takes twice the memory of the result, and a patch
// reads parts of many archives. It takes some processor time, and is best called when
// no patch is expected at once.
func (h *Host) Rest() {
	for _, o := range h.code {
		h.index(o)
	}
	h.releaseOld()
	for _, m := range append(h.archives, mapping{b: h.exe.b, mapped: h.exe.mapped}) {
		if m.mapped {
			forgetPages(m.b)
		}
	}
	debug.FreeOSMemory()
}

// releaseOld releases the archives of earlier patches from which the program has
// nothing any more: the files are removed, but use the disk while they are mapped.
// Constants that only such a patch had are forgotten; a later patch that has them adds
// them again.
func (h *Host) releaseOld() {
	used, asked := map[*object]bool{}, map[*object]bool{}
	use := func(o *object) {
		if o == nil || used[o] {
			return
		}
		used[o] = true
		for _, pkg := range o.pkgs { // the packages that it refers to by number
			asked[o.newer[pkg]] = true
		}
	}
	for id, d := range h.defs {
		if d.ok() && !(d.o.newer != nil && h.constant(symID(id), d)) {
			use(d.o)
		}
	}
	for _, objects := range h.objects {
		for _, o := range objects {
			use(o)
		}
	}
	for _, m := range []map[string]*object{h.newest, h.code} {
		for _, o := range m {
			use(o)
		}
	}
	for id, d := range h.defs {
		if d.ok() && !used[d.o] {
			h.defs[id], h.addrs[id] = def{}, 0
		}
	}
	h.archives = slices.DeleteFunc(h.archives, func(m mapping) bool {
		if h.packages[m.of.Path] == m.of || slices.ContainsFunc(m.objects, func(o *object) bool { return used[o] || asked[o] }) {
			return false
		}
		if m.mapped {
			unmapFile(m.b)
		}
		return true
	})
}

// Close releases what Open has opened.
func (h *Host) Close() {
	for _, m := range h.archives {
		if m.mapped {
			unmapFile(m.b)
		}
	}
	h.archives = nil
	if h.uses != nil {
		h.uses.file.Close()
	}
	if h.exe != nil {
		h.exe.close()
	}
}

// add reads a package's archive.
func (h *Host) add(p *Package) *Obstacle {
	objects, err := h.read(p, func(b []byte) (*object, error) { return readObject(b, goobj.PathInNames(p.Path)) })
	if err != nil {
		return refuse(Program, p.Path, "package %s: %v", p.Path, err)
	}
	h.objects[goobj.PathInNames(p.Path)] = objects
	h.packages[p.Path] = p
	if p.Files != nil {
		h.mutable[goobj.PathInNames(p.Path)] = true
	}
	return nil
}

// include adds a package that is not in the program yet.
func (h *Host) include(p *Package) *Obstacle {
	name := goobj.PathInNames(p.Path)
	if h.objects[name] != nil && !h.waiting[name] {
		return refuse(Internal, p.Path, "package %s is in the program already", p.Path)
	}
	if h.waiting[name] {
		return nil // added by a patch that was refused
	}
	if o := h.add(p); o != nil {
		return o
	}
	h.waiting[name] = true
	h.foreign = nil
	return nil
}

// constant reports whether a symbol is known only by its content, so that the program
// may have the same content twice.
func (h *Host) constant(id symID, d def) bool {
	return (d.o.byContent(d.i) || h.names[id] == "") && d.kind().isRodata() && !d.sym().itab() && !strings.HasPrefix(h.names[id], "type:")
}

func (h *Host) read(p *Package, parse func([]byte) (*object, error)) (objects []*object, err error) {
	b, mapped, err := mapFile(p.Archive)
	if err != nil {
		return nil, err
	}
	defer func() { h.archives = append(h.archives, mapping{b, mapped, p, objects}) }()
	export, merr := members(b, func(m []byte) {
		o, e := parse(m)
		if e != nil {
			err = e
			return
		}
		objects = append(objects, o)
	})
	if err == nil {
		err = merr
	}
	p.export = export
	return objects, err
}

// Leaks sets what the compiler printed for a package, as the program has it.
func (h *Host) Leaks(path string, leaks []byte) {
	if p := h.packages[path]; p != nil {
		p.Leaks = leaks
	}
	if s := h.gate.known[path]; s != nil {
		s.leaks, s.flow = leaks, nil
	}
}

// instrumented are symbols that reveal a kind of build which live code does not
// support: new variables and functions would lack the instrumentation.
var instrumented = map[string]string{
	"runtime.racefuncenter":      "-race",
	"runtime.msanread":           "-msan",
	"runtime.asanread":           "-asan",
	"runtime.addmoduledata":      "-linkshared",
	"runtime.libfuzzerTraceCmp4": "-d=libfuzzer",
}

// odd returns an obstacle that is a property of the whole program.
func (h *Host) odd() *Obstacle {
	for name := range h.exe.symbols {
		what := instrumented[name]
		if strings.HasPrefix(name, "internal/coverage/cfile.") {
			what = "-cover"
		}
		if what != "" {
			return refuse(Program, name, "the program is built with %s", what)
		}
	}
	for pkg, objects := range h.objects {
		for _, o := range objects {
			if o.flags&flagShared != 0 {
				return refuse(Program, pkg, "the program is position-independent")
			}
		}
	}
	for _, name := range []string{"runtime.lastmoduledatap", "runtime.firstmoduledata", "runtime.modulesinit", "runtime.itabsinit", "runtime.stopTheWorldGC", "runtime.startTheWorldGC", "runtime.itabTable", "runtime.doInit1"} {
		if _, ok := h.exe.symbols[name]; !ok {
			return refuse(Program, name, "the program has no symbol %s", name)
		}
	}
	return nil
}

// mem returns n bytes of the running program's memory, as the linker and patches wrote
// it.
func (h *Host) mem(addr uint64, n int) []byte {
	var b []byte
	for _, s := range h.segments {
		if addr >= s.addr && addr+uint64(n) <= s.addr+uint64(len(s.b)) {
			b = bytes.Clone(s.b[addr-s.addr:][:n])
		}
	}
	if b == nil {
		b = bytes.Clone(h.exe.mem(addr, n))
	}
	if b == nil {
		return nil
	}
	// Words of at most eight bytes were written.
	for at := addr - 8; at < addr+uint64(n); at++ {
		for i, c := range h.writes[at] {
			if k := at + uint64(i); k >= addr && k < addr+uint64(n) {
				b[k-addr] = c
			}
		}
	}
	return b
}

// unreachable is the address that the linker uses for a method that it left out.
func (h *Host) unreachable() uint64 { return h.at("runtime.unreachableMethod") }

// current returns the object that a package's code in the program is from.
func (h *Host) current(pkg string) *object {
	if o := h.code[pkg]; o != nil {
		return o
	}
	if os := h.objects[pkg]; len(os) > 0 {
		return os[0]
	}
	return nil
}

// indexIn returns the index at which an object defines a symbol.
func (h *Host) indexIn(o *object, id symID) (int, bool) {
	h.index(o)
	i, ok := o.where[id]
	return i, ok
}

func (h *Host) index(o *object) {
	if o.where != nil {
		return
	}
	o.where = map[symID]int{}
	for i := range o.defs() {
		if x := h.id(o, i); x != noSymbol {
			o.where[x] = i
		}
	}
}

// Generation returns the number of patches that were applied.
func (h *Host) Generation() int { return h.gen }
