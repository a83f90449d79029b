package live

// arm64 is written after the architecture's manual and checked by tests over
// cross-compiled objects; it has not run yet. Every instruction has four bytes, and a
// branch is one instruction, so any function can be redirected at its entry.
type arm64 struct{}

func (arm64) pad() byte     { return 0 } // UDF
func (arm64) quantum() byte { return 4 }

func (arm64) target(b []byte, r reloc, at, base uint64) (uint64, bool) {
	switch r.kind() {
	case relAddr:
		if r.size() == 8 {
			v := le.Uint64(b)
			return v - uint64(r.add()), v != 0
		}
	case relCallARM64:
		if r.size() == 4 {
			return at + uint64(branchOffset(le.Uint32(b))) - uint64(r.add()), true
		}
	case relAddrARM64, relLoadStore8, relLoadStore16, relLoadStore32, relLoadStore64:
		if r.size() == 8 {
			page := at&^0xfff + uint64(pageOffset(le.Uint32(b))<<12)
			low := uint64(le.Uint32(b[4:])>>10&0xfff) << loadShift(r.kind())
			return page + low - uint64(r.add()), true
		}
	case relAddrOff, relMethodOff:
		return offset(b, r, base)
	}
	return 0, false
}

// branchOffset returns the distance of a B or BL, in bytes.
func branchOffset(w uint32) int64 { return int64(int32(w<<6)) >> 4 }

// pageOffset returns the distance of an ADRP, in pages.
func pageOffset(w uint32) int64 {
	return int64(int32((w>>5&0x7ffff)<<13))>>11 | int64(w>>29&3)
}

// loadShift returns the number of bits by which an access's size scales its offset.
func loadShift(k relocKind) uint {
	switch k {
	case relLoadStore16:
		return 1
	case relLoadStore32:
		return 2
	case relLoadStore64:
		return 3
	}
	return 0
}

func (arm64) put(b []byte, r reloc, at, target, base uint64) *Obstacle {
	s := target + uint64(r.add())
	switch k := r.kind(); {
	case k == relAddr && r.size() == 8:
		le.PutUint64(b, s)
	case k == relCallARM64 && r.size() == 4:
		d := int64(s - at)
		if d&3 != 0 || d != d<<36>>36 {
			return refuse(Reach, "", "it is out of the reach of a call")
		}
		le.PutUint32(b, le.Uint32(b)&^0x3ffffff|uint32(d>>2)&0x3ffffff)
	case (k == relAddrARM64 || k >= relLoadStore8 && k <= relLoadStore64) && r.size() == 8:
		pages := int64(s&^0xfff-at&^0xfff) >> 12
		shift := loadShift(k)
		if pages != pages<<43>>43 || s&(1<<shift-1) != 0 {
			return refuse(Reach, "", "it is out of the reach of an address")
		}
		le.PutUint32(b, le.Uint32(b)&^(3<<29|0x7ffff<<5)|uint32(pages&3)<<29|uint32(pages>>2&0x7ffff)<<5)
		le.PutUint32(b[4:], le.Uint32(b[4:])&^(0xfff<<10)|uint32(s&0xfff>>shift)<<10)
	case k == relAddrOff || k == relMethodOff:
		return putOffset(b, r, s, base)
	default: // including thread-local storage
		return refuse(Symbol, "", "relocation %d of %d bytes is not known", r.raw(), r.size())
	}
	return nil
}

func (arm64) entry(code []byte, _ func(int) bool) bool { return len(code) >= 4 }

func (arm64) jump(from, to uint64) ([]byte, *Obstacle) {
	d := int64(to - from)
	if d&3 != 0 || d != d<<36>>36 {
		return nil, refuse(Reach, "", "the new code is out of the reach of a branch")
	}
	return le.AppendUint32(nil, 0x14000000|uint32(d>>2)&0x3ffffff), nil
}

func (arm64) throughSlot([]byte, reloc) bool { return false }
