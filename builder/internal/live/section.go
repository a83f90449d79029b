package live

// A section is a part of an image that grows.
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

// end is the address behind the section.
func (s *section) end() uint64 { return s.addr + uint64(len(s.b)) }

// after is the address of a section that follows this one.
func (s *section) after() uint64 { return alignUp(s.end()+1, pageSize) }

// padded is a symbol's content with the zeros that it lacks.
func padded(d def) []byte {
	b := make([]byte, max(len(d.data()), d.sym().size()))
	copy(b, d.data())
	return b
}
