package live

// A moduleData is what the runtime must know of a patch. Offsets of types, names and
// functions count from the program's own bases, so that they can lead from the patch
// into the program and back.
type moduleData struct {
	tc                   *Toolchain
	im                   *image
	tables               functionTables
	itabs                [2]uint64 // start and end
	dataSize             int       // of variables with pointers, in bytes
	mask                 uint64
	types, itabList      uint64
	typeCount, itabCount int
	name                 uint64
	nameSize             int
	zero                 uint64
	plain, plainEnd      uint64 // variables without pointers
}

// build returns a runtime.moduledata, in the layout of the toolchain.
func (m *moduleData) build(x *executable) []byte {
	l := m.tc.modules
	b := make([]byte, l.size)
	word := func(field string, values ...uint64) {
		off, ok := l.offsets[field]
		if !ok {
			return // the field belongs to another version
		}
		for i, v := range values {
			le.PutUint64(b[off+8*i:], v)
		}
	}
	slice := func(field string, addr uint64, n int) { word(field, addr, uint64(n), uint64(n)) }
	t := m.tables
	dataEnd := m.im.data.addr + uint64(m.dataSize)
	roEnd := m.im.ro.end()

	word("pcHeader", t.header)
	slice("funcnametab", t.names, t.namesN)
	slice("cutab", t.units, t.unitsN)
	slice("filetab", t.files, t.filesN)
	slice("pctab", t.values, t.valuesN)
	slice("pclntable", t.table, t.tableN)
	if t.functions > 0 {
		slice("ftab", t.table, t.functions+1)
	}
	word("findfunctab", t.buckets)
	word("minpc", t.first)
	word("maxpc", t.last)
	word("text", x.text)
	word("etext", t.last)
	word("noptrdata", m.plain)
	word("enoptrdata", m.plainEnd)
	word("data", m.im.data.addr)
	word("edata", dataEnd)
	word("bss", dataEnd)
	word("ebss", dataEnd)
	word("noptrbss", m.plainEnd)
	word("enoptrbss", m.plainEnd)
	word("end", m.plainEnd+pageSize)
	word("gcdata", m.zero)
	word("gcbss", m.zero)
	word("types", x.types)
	word("etypes", roEnd)
	word("itaboffset", m.itabs[0]-x.types)
	word("itabsize", m.itabs[1]-m.itabs[0])
	word("rodata", x.rodata)
	word("gofunc", t.funcdata)
	word("epclntab", roEnd)
	slice("typelinks", m.types, m.typeCount)
	slice("itablinks", m.itabList, m.itabCount)
	word("modulename", m.name, uint64(m.nameSize))
	// The masks are not nil, so that the runtime does not make them from gcdata.
	word("gcdatamask", uint64(m.dataSize/8), m.mask)
	word("gcbssmask", 1, m.zero)
	return b
}
