package live

import (
	"fmt"
	"sort"
	"strings"
)

// functionTables are the addresses of the tables of a patch's functions: the same
// tables that the linker writes for a program (cmd/link/internal/ld/pcln.go), from
// which the runtime finds a function, its lines and its stack maps by an address.
type functionTables struct {
	header, names, units, files, values, table, buckets uint64
	namesN, unitsN, filesN, valuesN, tableN, functions  int
	first                                               uint64 // address of the first function
	last                                                uint64 // address after the last one
	funcdata                                            uint64 // the address from which offsets of funcdata count
}

// Indices of per-function tables (internal/abi).
const (
	pcdataInline   = 2 // PCDATA_InlTreeIndex
	funcdataInline = 3 // FUNCDATA_InlTree
	bucketSize     = 4096
	subBucketSize  = 256
)

// A tableWriter builds the tables that functions share.
type tableWriter struct {
	p        *patch
	ro       *section
	funcdata uint64
	names    intern
	files    intern
	values   intern
	units    []byte
	unitOf   map[*object]uint32
}

// An intern stores each string once.
type intern struct {
	b  []byte
	at map[string]uint32
}

func newIntern(b []byte) intern { return intern{b, map[string]uint32{}} }

func (n *intern) add(s string) uint32 {
	if i, ok := n.at[s]; ok {
		return i
	}
	i := uint32(len(n.b))
	n.at[s] = i
	n.b = append(n.b, s...)
	return i
}

// functionTables writes the tables of functions. These must be sorted by address, and
// all of their symbols must have an address.
func (p *patch) functionTables(funcs []*placed, ro *section) (t functionTables) {
	t.funcdata = ro.addr
	if len(funcs) == 0 {
		return t
	}
	w := &tableWriter{
		p: p, ro: ro, funcdata: ro.addr, unitOf: map[*object]uint32{},
		names: newIntern([]byte{0}), files: newIntern(nil), values: newIntern([]byte{0}),
	}
	base := p.h.exe.text
	at := alignUp((2*len(funcs)+1)*4, 8)
	var index, body []byte
	for _, x := range funcs {
		body = append(body, make([]byte, alignUp(len(body), 8)-len(body))...)
		index = le.AppendUint32(index, uint32(x.addr-base))
		index = le.AppendUint32(index, uint32(at+len(body)))
		body = append(body, w.function(x, uint32(x.addr-base))...)
	}
	last := funcs[len(funcs)-1]
	t.first, t.last = funcs[0].addr, last.addr+uint64(len(padded(last.d)))
	index = le.AppendUint32(index, uint32(t.last-base))
	index = append(index, make([]byte, at-len(index))...)
	table := append(index, body...)

	header := make([]byte, 72)
	le.PutUint32(header, p.h.tc.magic)
	header[6], header[7] = p.h.arch.quantum(), 8
	le.PutUint64(header[8:], uint64(len(funcs)))
	le.PutUint64(header[16:], uint64(len(w.files.at)))
	t.functions = len(funcs)
	t.header = ro.add(header, 16)
	t.names, t.namesN = ro.add(w.names.b, 1), len(w.names.b)
	t.units, t.unitsN = ro.add(w.units, 4), len(w.units)/4
	t.files, t.filesN = ro.add(w.files.b, 1), len(w.files.b)
	t.values, t.valuesN = ro.add(w.values.b, 1), len(w.values.b)
	t.table, t.tableN = ro.add(table, 8), len(table)
	t.buckets = ro.add(buckets(funcs, t.first, t.last), 4)
	return t
}

// buckets returns the table from which the runtime finds a function's index by an
// address.
func buckets(funcs []*placed, first, last uint64) []byte {
	b := make([]byte, int(last-first+bucketSize-1)/bucketSize*20)
	index := func(pc uint64) int {
		return max(0, sort.Search(len(funcs), func(i int) bool { return funcs[i].addr > pc })-1)
	}
	for i := range len(b) / 20 {
		pc := first + uint64(i)*bucketSize
		base := index(pc)
		le.PutUint32(b[i*20:], uint32(base))
		for j := range bucketSize / subBucketSize {
			k := index(pc+uint64(j)*subBucketSize) - base
			if k > 255 {
				panic(refuse(Internal, "", "too many small functions"))
			}
			b[i*20+4+j] = byte(k)
		}
	}
	return b
}

// function returns a _func and what follows it.
func (w *tableWriter) function(x *placed, entry uint32) []byte {
	p, h, d := w.p, w.p.h, x.d
	var info funcInfo
	var funcdata []symID
	var pcdata []def
	var sp, file, line, inline def
	for a := range d.auxs().all {
		switch t := h.auxDef(d.o, a.sym()); a.kind() {
		case auxFuncInfo:
			info = readFuncInfo(t)
		case auxFuncdata:
			funcdata = append(funcdata, h.ref(d.o, a.sym()))
		case auxPcsp:
			sp = t
		case auxPcfile:
			file = t
		case auxPcline:
			line = t
		case auxPcinline:
			inline = t
		case auxPcdata:
			pcdata = append(pcdata, t)
		}
	}
	npc, nfd := len(pcdata), len(funcdata)
	if len(info.inlined) > 0 {
		npc, nfd = max(npc, pcdataInline+1), max(nfd, funcdataInline+1)
	}
	var b []byte
	put := func(v uint32) { b = le.AppendUint32(b, v) }
	put(entry)
	put(w.name(h.names[x.id]))
	put(info.args)
	put(w.deferReturn(d))
	put(w.value(sp))
	put(w.value(file))
	put(w.value(line))
	put(uint32(npc))
	put(w.unit(d.o))
	put(info.startLine)
	b = append(b, info.id, info.flag, 0, byte(nfd))
	for i := range npc {
		switch {
		case i == pcdataInline && len(info.inlined) > 0:
			put(w.value(inline))
		case i < len(pcdata):
			put(w.value(pcdata[i]))
		default:
			put(0)
		}
	}
	tree := ^uint32(0)
	if len(info.inlined) > 0 {
		tree = w.inlineTree(d, info)
	}
	for i := range nfd {
		switch {
		case i == funcdataInline && len(info.inlined) > 0:
			put(tree)
		case i < len(funcdata) && funcdata[i] != noSymbol:
			y := p.placed[funcdata[i]]
			if y == nil {
				panic(refuse(Internal, h.names[x.id], "a table of %s is missing", readable(h.names[x.id])))
			}
			put(uint32(y.addr - w.funcdata))
		default:
			put(^uint32(0))
		}
	}
	return b
}

func (w *tableWriter) name(s string) uint32 { return w.names.add(s + "\x00") }

func (w *tableWriter) value(d def) uint32 {
	if !d.ok() || len(d.data()) == 0 {
		return 0
	}
	return w.values.add(string(d.data()))
}

// unit returns the offset of a compilation unit's list of files.
func (w *tableWriter) unit(o *object) uint32 {
	if i, ok := w.unitOf[o]; ok {
		return i
	}
	i := uint32(len(w.units) / 4)
	w.unitOf[o] = i
	for _, f := range o.files {
		f = strings.TrimPrefix(f, "gofile..")
		if rest, ok := strings.CutPrefix(f, "$GOROOT/"); ok {
			f = w.p.h.tc.Root + "/" + rest
		}
		w.units = le.AppendUint32(w.units, w.files.add(f+"\x00"))
	}
	return i
}

// deferReturn returns the offset at which a function calls runtime.deferreturn.
func (w *tableWriter) deferReturn(d def) uint32 {
	h := w.p.h
	for r := range d.relocs().all {
		if k := r.kind(); (k == relCall || k == relCallARM64) && h.names[h.ref(d.o, r.sym())] == "runtime.deferreturn" {
			if h.arch.quantum() == 1 {
				return uint32(r.off()) - 1 // the relocation is at the call's operand
			}
			return uint32(r.off())
		}
	}
	return 0
}

// inlineTree writes the table of the calls that were inlined into a function.
func (w *tableWriter) inlineTree(d def, info funcInfo) uint32 {
	h := w.p.h
	var b []byte
	for _, n := range info.inlined {
		t := h.ref(d.o, n.fn)
		var callee funcInfo
		if td := w.p.def(t, d); td.ok() {
			for a := range td.auxs().all {
				if a.kind() == auxFuncInfo {
					callee = readFuncInfo(h.auxDef(td.o, a.sym()))
				}
			}
		}
		b = append(b, callee.id, 0, 0, 0)
		b = le.AppendUint32(b, w.name(h.names[t]))
		b = le.AppendUint32(b, n.parentPC)
		b = le.AppendUint32(b, callee.startLine)
	}
	return uint32(w.ro.add(b, 4) - w.funcdata)
}

// A funcInfo is the compiler's description of a function (cmd/internal/goobj.FuncInfo).
type funcInfo struct {
	args, startLine uint32
	id, flag        byte
	inlined         []inlinedCall
}

type inlinedCall struct {
	fn       symRef
	parentPC uint32
}

func readFuncInfo(d def) (f funcInfo) {
	if !d.ok() {
		return f
	}
	b := d.data()
	f.args, f.id, f.flag, f.startLine = le.Uint32(b), b[8], b[9], le.Uint32(b[12:])
	at := 20 + 4*int(le.Uint32(b[16:])) // after the list of files
	n := int(le.Uint32(b[at:]))
	at += 4
	const size = 24 // parent, file, line, function, pc of the call
	if at+n*size > len(b) {
		panic(fmt.Errorf("function information is cut short: %w", errObject))
	}
	for i := range n {
		e := b[at+i*size:]
		f.inlined = append(f.inlined, inlinedCall{symRef{le.Uint32(e[12:]), le.Uint32(e[16:])}, le.Uint32(e[20:])})
	}
	return f
}

// pcValue returns the value of a table at an address, relative to the function's entry.
func pcValue(table []byte, pc int, quantum int) int32 {
	value, at := int32(-1), 0
	number := func() (v uint32) {
		for shift := 0; len(table) > 0; shift += 7 {
			c := table[0]
			table = table[1:]
			v |= uint32(c&0x7f) << shift
			if c&0x80 == 0 {
				break
			}
		}
		return v
	}
	for first := true; len(table) > 0; first = false {
		u := number()
		if u == 0 && !first {
			break
		}
		if u&1 != 0 {
			value += int32(^(u >> 1))
		} else {
			value += int32(u >> 1)
		}
		at += int(number()) * quantum
		if pc < at {
			return value
		}
	}
	return -1
}
