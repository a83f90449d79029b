package live

import "bytes"

type amd64 struct{}

// jumpSize is the size of JMP rel32, in bytes.
const jumpSize = 5

func (amd64) pad() byte     { return 0xcc } // INT3
func (amd64) quantum() byte { return 1 }

func (amd64) target(b []byte, r reloc, at, base uint64) (uint64, bool) {
	switch r.kind() {
	case relAddr:
		if r.size() == 8 {
			v := le.Uint64(b)
			return v - uint64(r.add()), v != 0
		}
	case relCall, relPCRel:
		if r.size() == 4 {
			return at + 4 + uint64(int64(int32(le.Uint32(b)))) - uint64(r.add()), true
		}
	case relAddrOff, relMethodOff:
		return offset(b, r, base)
	}
	return 0, false
}

// offset returns the target of a 32-bit offset; 0 and -1 mean that there is none.
func offset(b []byte, r reloc, base uint64) (uint64, bool) {
	if r.size() != 4 {
		return 0, false
	}
	v := int32(le.Uint32(b))
	return base + uint64(int64(v)) - uint64(r.add()), v != 0 && v != -1
}

func (amd64) put(b []byte, r reloc, at, target, base uint64) *Obstacle {
	s := target + uint64(r.add())
	switch k := r.kind(); {
	case k == relAddr && r.size() == 8:
		le.PutUint64(b, s)
	case k == relAddr && r.size() == 4 && s < 1<<32:
		le.PutUint32(b, uint32(s))
	case (k == relCall || k == relPCRel) && r.size() == 4:
		d := int64(s - at - 4)
		if d != int64(int32(d)) {
			return refuse(Reach, "", "it is out of the reach of a call")
		}
		le.PutUint32(b, uint32(d))
	case k == relTLS && r.size() == 4:
		le.PutUint32(b, uint32(int32(-8+r.add()))) // runtime.tlsg, on Linux
	case k == relAddrOff || k == relMethodOff:
		return putOffset(b, r, s, base)
	default:
		return refuse(Symbol, "", "relocation %d of %d bytes is not known", r.raw(), r.size())
	}
	return nil
}

func putOffset(b []byte, r reloc, s, base uint64) *Obstacle {
	d := int64(s - base)
	if r.size() != 4 || d != int64(int32(d)) {
		return refuse(Reach, "", "it is out of the reach of an offset")
	}
	le.PutUint32(b, uint32(d))
	return nil
}

// The three forms of the stack check's first instructions. A jump over them takes five
// bytes: if the first instruction has four, the second one must be marked as a place
// where goroutines are not preempted.
var (
	checkSmall = []byte{0x49, 0x3b, 0x66, 0x10} // CMPQ SP, 16(R14)
	checkLarge = []byte{0x4c, 0x8d, 0x64, 0x24} // LEAQ -x(SP), R12; x is a byte
	checkHuge  = []byte{0x4c, 0x8d, 0xa4, 0x24} // and four bytes
	checkGuard = []byte{0x4d, 0x3b, 0x66, 0x10} // CMPQ R12, 16(R14)
)

func (amd64) entry(code []byte, unsafeAt func(int) bool) bool {
	switch {
	case len(code) < 16:
		return false
	case bytes.HasPrefix(code, checkSmall):
		return unsafeAt(4)
	case bytes.HasPrefix(code, checkLarge):
		return bytes.HasPrefix(code[5:], checkGuard)
	case bytes.HasPrefix(code, checkHuge):
		return bytes.HasPrefix(code[8:], checkGuard)
	}
	return false
}

func (amd64) jump(from, to uint64) ([]byte, *Obstacle) {
	d := int64(to - from - jumpSize)
	if d != int64(int32(d)) {
		return nil, refuse(Reach, "", "the new code is out of the reach of a jump")
	}
	return le.AppendUint32([]byte{0xe9}, uint32(d)), nil
}

// throughSlot turns LEAQ x(IP), R into MOVQ slot(IP), R.
func (amd64) throughSlot(b []byte, r reloc) bool {
	if r.kind() != relPCRel || r.add() != 0 || len(b) < 7 || b[len(b)-6] != 0x8d || b[len(b)-5]&0xc7 != 0x05 {
		return false
	}
	b[len(b)-6] = 0x8b
	return true
}
