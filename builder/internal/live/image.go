package live

// The header of an image, as package agent reads it.
const imageMagic = 0x33304556494c4448 // "HDLIVE03"

// agentNeeds are the symbols whose addresses the agent needs.
var agentNeeds = []string{"runtime.lastmoduledatap", "runtime.modulesinit", "runtime.itabsinit", "runtime.stopTheWorldGC", "runtime.startTheWorldGC", "runtime.itabTable"}

// file returns the image as the agent reads it: words, then the sections, each on a
// page of its own.
func (im *image) file(h *Host) []byte {
	words := []uint64{imageMagic}
	add := func(w ...uint64) { words = append(words, w...) }
	count := func(n int) { add(uint64(n)) }
	for _, name := range agentNeeds {
		add(h.at(name))
	}
	add(h.unreachable(), h.limit)
	checks := im.checks(h)
	count(len(checks))
	for _, c := range checks {
		add(c[0], c[1])
	}
	var sections []*section
	for _, s := range []*section{im.text, im.ro, im.data} {
		if len(s.b) > 0 {
			sections = append(sections, s)
		}
	}
	count(len(sections))
	first := len(words)
	add(make([]uint64, 5*len(sections))...)
	add(im.module, uint64(h.tc.modules.offsets["next"]))
	count(len(im.itabs))
	add(im.itabs...)
	count(len(im.calls))
	for _, c := range im.calls {
		add(c[:]...)
	}
	count(len(im.writes))
	for _, w := range im.writes {
		add(w.addr, uint64(len(w.old)), wordOf(w.old), wordOf(w.new))
	}
	count(len(im.words))
	for _, w := range im.words {
		add(w[:]...)
	}
	count(len(im.composed))
	for _, c := range im.composed {
		add(c[:]...)
	}
	count(len(im.grown))
	add(im.grown...)
	count(len(im.filled))
	add(im.filled...)

	file := make([]byte, alignUp(8*len(words), pageSize))
	for i, s := range sections {
		size := alignUp(len(s.b), pageSize)
		copy(words[first+5*i:], []uint64{s.addr, uint64(size), uint64(len(file)), uint64(len(s.b)), s.prot})
		file = append(file, s.b...)
		file = append(file, make([]byte, size-len(s.b))...)
	}
	for i, w := range words {
		le.PutUint64(file[8*i:], w)
	}
	return file
}

// checks returns words of the program, by which the agent checks that the image was
// made for it: the beginnings of the functions that it will call.
func (im *image) checks(h *Host) (checks [][2]uint64) {
	for _, name := range append(agentNeeds[1:5:5], "runtime.doInit1") {
		addr := h.at(name)
		if b := h.exe.mem(addr, 8); b != nil {
			checks = append(checks, [2]uint64{addr, le.Uint64(b)})
		}
	}
	return checks
}

// wordOf returns up to eight bytes as a word.
func wordOf(b []byte) uint64 {
	var w [8]byte
	copy(w[:], b)
	return le.Uint64(w[:])
}
