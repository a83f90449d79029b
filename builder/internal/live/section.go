package live

// A section is a part of an image, while it is built.
type section struct {
	addr uint64
	b    []byte
	prot uint64
}

// Protection, as for mmap.
const (
	protRead  = 1
	protWrite = 2
	protExec  = 4
)

const pageSize = 4096

// add appends b, aligned, and returns its address.
func (s *section) add(b []byte, align int) uint64 {
	for len(s.b)%align != 0 {
		s.b = append(s.b, 0)
	}
	at := s.addr + uint64(len(s.b))
	s.b = append(s.b, b...)
	return at
}

// end returns the address after the section.
func (s *section) end() uint64 { return s.addr + uint64(len(s.b)) }

// after returns the address of the next section.
func (s *section) after() uint64 { return alignUp(s.end()+1, pageSize) }

// padded returns a symbol's content, with zeros up to its size.
func padded(d def) []byte {
	b := make([]byte, max(len(d.data()), d.sym().size()))
	copy(b, d.data())
	return b
}
