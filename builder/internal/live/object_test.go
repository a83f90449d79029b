package live

import (
	"math/rand/v2"
	"testing"

	"github.com/hotdev/hotdev/builder/internal/goobj"
)

// Relocated places say what they were relocated to, and nothing else of an
// instruction changes.
func TestArches(t *testing.T) {
	rel := func(kind relocKind, size int, add int64) reloc {
		b := make([]byte, goobj.RelocSize)
		b[4] = byte(size)
		le.PutUint16(b[5:], uint16(kind))
		le.PutUint64(b[7:], uint64(add))
		return b
	}
	words := func(ws ...uint32) (b []byte) {
		for _, w := range ws {
			b = le.AppendUint32(b, w)
		}
		return b
	}
	const at, base = 0x40_1004, 0x40_0000
	for _, c := range []struct {
		name  string
		a     arch
		code  []byte
		r     reloc
		to    uint64
		want  []byte
		fails bool
	}{
		{"call", amd64{}, words(0), rel(relCall, 4, 0), 0x40_0000, words(0xffff_eff8), false},
		{"lea", amd64{}, words(0), rel(relPCRel, 4, 8), 0x50_0000, words(0x50_0008 - at - 4), false},
		{"call too far", amd64{}, words(0), rel(relCall, 4, 0), 0x1_0000_0000, nil, true},
		{"address", amd64{}, words(0, 0), rel(relAddr, 8, 16), 0x50_0000, words(0x50_0010, 0), false},
		{"offset", amd64{}, words(0), rel(relAddrOff, 4, 0), 0x50_0000, words(0x10_0000), false},
		{"unknown", amd64{}, words(0), rel(55, 4, 0), 0x50_0000, nil, true},
		// BL #-4096-4; ADRP X0, 0x500000 and ADD X0, X0, #0x128; LDR X1, [X0, #0x128]
		{"bl", arm64{}, words(0x9400_0000), rel(relCallARM64, 4, 0), 0x40_0000, words(0x97ff_fbff), false},
		{"bl too far", arm64{}, words(0x9400_0000), rel(relCallARM64, 4, 0), 0x1000_0000, nil, true},
		{"adrp add", arm64{}, words(0x9000_0000, 0x9100_0000), rel(relAddrARM64, 8, 8), 0x50_0120, words(0xf000_07e0, 0x9104_a000), false},
		{"adrp back", arm64{}, words(0x9000_0000, 0x9100_0000), rel(relAddrARM64, 8, 0), 0x3f_f010, words(0xd0ff_ffe0, 0x9100_4000), false},
		{"adrp ldr", arm64{}, words(0x9000_0000, 0xf940_0001), rel(relLoadStore64, 8, 0), 0x50_0128, words(0xf000_07e0, 0xf940_9401), false},
		{"unaligned", arm64{}, words(0x9000_0000, 0xf940_0001), rel(relLoadStore64, 8, 0), 0x50_0124, nil, true},
		{"thread", arm64{}, words(0), rel(relTLSARM64, 4, 0), 0x10, nil, true},
	} {
		b := append([]byte{}, c.code...)
		o := c.a.put(b, c.r, at, c.to, base)
		if (o != nil) != c.fails {
			t.Errorf("%s: %v", c.name, o)
			continue
		}
		if o != nil {
			continue
		}
		if string(b) != string(c.want) {
			t.Errorf("%s: %x, want %x", c.name, b, c.want)
		}
		if to, ok := c.a.target(b, c.r, at, base); !ok || to != c.to {
			t.Errorf("%s: leads to %#x, %v; want %#x", c.name, to, ok, c.to)
		}
	}
	for _, a := range []arch{amd64{}, arm64{}} {
		if _, o := a.jump(0x40_0000, 0x1_4000_0000); o == nil {
			t.Errorf("%T jumps too far", a)
		}
	}
	if j, _ := (arm64{}).jump(0x40_0000, 0x3f_fffc); string(j) != string(words(0x17ff_ffff)) {
		t.Errorf("b: %x", j)
	}
}

// Entries are redirected only where no goroutine can stand behind the first byte.
func TestEntry(t *testing.T) {
	tail := make([]byte, 16)
	for _, c := range []struct {
		name   string
		code   []byte
		unsafe bool
		want   bool
	}{
		{"small", checkSmall, true, true},
		{"small, and preempted behind it", checkSmall, false, false},
		{"large", append([]byte{0x4c, 0x8d, 0x64, 0x24, 0x80}, checkGuard...), false, true},
		{"huge", append([]byte{0x4c, 0x8d, 0xa4, 0x24, 0, 0xf0, 0xff, 0xff}, checkGuard...), false, true},
		{"leaf", []byte{0x48, 0xff, 0xc0, 0xc3}, true, false},
		{"cut", nil, true, false},
	} {
		code := append(append([]byte{}, c.code...), tail...)
		if c.code == nil {
			code = nil
		}
		if got := (amd64{}).entry(code, func(off int) bool { return c.unsafe && off == 4 }); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ name, declared, readable, pkg string }{
		{"example.com/app/store.(*Store).List", "example.com/app/store.Store.List", "(*Store).List", "example.com/app/store"},
		{"example.com/app/store.(*Store).List.func1.2", "example.com/app/store.Store.List", "(*Store).List.func1.2", "example.com/app/store"},
		{"main.route", "main.route", "main.route", "main"},
		{"main.main.func1.gowrap2", "main.main", "main.main.func1.gowrap2", "main"},
		{"gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml%2ev3.Marshal", "yaml.v3.Marshal", "gopkg.in/yaml%2ev3"},
		{"main.Sorted[go.shape.struct { example.com/x.A int }]", "main.Sorted", "main.Sorted", "main"},
		{"main.(*T[go.shape.int]).Do-fm", "main.T.Do", "(*T).Do-fm", "main"},
		{"main.T.String", "main.T.String", "T.String", "main"},
	} {
		if got := declared(c.name); got != c.declared {
			t.Errorf("%s is declared as %s, want %s", c.name, got, c.declared)
		}
		if got := readable(c.name); got != c.readable {
			t.Errorf("%s reads %s, want %s", c.name, got, c.readable)
		}
		if got := packageOf(c.name); got != c.pkg {
			t.Errorf("%s is of %s, want %s", c.name, got, c.pkg)
		}
	}
}

// A broken object is an obstacle, whatever is broken.
func TestBrokenObject(t *testing.T) {
	good := smallObject()
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		b := append([]byte{}, good...)
		for range 1 + r.IntN(4) {
			b[r.IntN(len(b))] = byte(r.Uint32())
		}
		b = b[:len(b)-r.IntN(2)*r.IntN(len(b))]
		func() {
			var o *Obstacle
			defer catch(&o)
			x, err := readObject(b, "p")
			if err != nil {
				return
			}
			h := &Host{table: newTable(nil)}
			x.newer = map[string]*object{}
			p := h.newPatch([]*object{x}, &verdict{})
			for _, d := range p.news {
				p.equal(d, d)
			}
		}()
	}
}

// smallObject is an object with a function that refers to another one.
func smallObject() []byte {
	strings := "p.fp.g"
	head := 8 + 8 + 4 + 4*goobj.BlockCount
	var body []byte
	var offsets [goobj.BlockCount]uint32
	add := func(block int, b []byte) {
		offsets[block] = uint32(head + len(strings) + len(body))
		body = append(body, b...)
	}
	sym := func(name int, size uint32) (b []byte) {
		b = le.AppendUint32(b, 3)
		b = le.AppendUint32(b, uint32(head+name))
		b = le.AppendUint16(b, 1)
		b = append(b, byte(kindText), 0, 0)
		b = le.AppendUint32(b, size)
		return le.AppendUint32(b, 16)
	}
	index := func(ns ...uint32) (b []byte) {
		for _, n := range ns {
			b = le.AppendUint32(b, n)
		}
		return b
	}
	rel := make([]byte, goobj.RelocSize)
	rel[0], rel[4], rel[5] = 1, 4, byte(relCall)
	le.PutUint32(rel[15:], goobj.InSelf)
	le.PutUint32(rel[19:], 1)
	for block, b := range [][]byte{nil, nil, nil, append(sym(0, 8), sym(3, 8)...), nil, nil, nil, nil, nil, nil, nil, index(0, 1, 1), index(0, 0, 0), index(0, 8, 16), rel, nil, make([]byte, 16), nil} {
		add(block, b)
	}
	offsets[goobj.BlockEnd] = uint32(head + len(strings) + len(body))
	b := append([]byte(goobj.Magic), make([]byte, 12)...)
	for _, o := range offsets {
		b = le.AppendUint32(b, o)
	}
	return append(append(b, strings...), body...)
}
