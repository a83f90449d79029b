package live

import (
	"bytes"
	"cmp"
	"debug/elf"
	"io"
	"os"
	"slices"
)

// Write makes the executable: a copy of the one that the Host was opened for, with the
// changes.
func (a *Appended) Write(path string) (err error) {
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o777)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, to.Close()) }()
	from := a.h.uses.file
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil { // the kernel copies
		return err
	}
	if a.image == nil {
		return nil
	}
	return a.change(to, uint64(len(a.h.exe.b)))
}

// change writes the segments and the changes to a copy of the executable.
func (a *Appended) change(to *os.File, size uint64) error {
	var segments []*section
	for _, s := range []*section{a.image.text, a.image.ro, a.image.data} {
		if len(s.b) > 0 {
			segments = append(segments, s)
		}
	}
	shift := alignUp(size, pageSize) - segments[0].addr // from addresses to places in the file
	last := segments[len(segments)-1]
	head, table, o := a.h.exe.header(segments, shift, alignUp(last.end()+shift, 64))
	if o != nil {
		return o
	}
	writes := []write{{addr: 0, new: head}, {addr: alignUp(last.end()+shift, 64), new: table}}
	for _, s := range segments {
		writes = append(writes, write{addr: s.addr + shift, new: s.b})
	}
	for _, w := range a.writes {
		off, ok := a.h.exe.offset(w.addr, len(w.new))
		if !ok {
			return refuse(Internal, "", "the place %#x is not in the file", w.addr)
		}
		writes = append(writes, write{addr: off, new: w.new})
	}
	for _, w := range writes {
		if _, err := to.WriteAt(w.new, int64(w.addr)); err != nil {
			return err
		}
	}
	return nil
}

// header returns the beginning of the executable with more segments, and the table of
// its sections, which has to be at the end of the file to make room for them.
func (x *executable) header(segments []*section, shift, tableAt uint64) (head, table []byte, o *Obstacle) {
	const (
		phoff, shoff, phentsize, phnum, shentsize, shnum = 32, 40, 54, 56, 58, 60
		entry, sectionEntry                              = 56, 64
	)
	at, count := le.Uint64(x.b[phoff:]), int(le.Uint16(x.b[phnum:]))
	tableFrom, tableSize := le.Uint64(x.b[shoff:]), uint64(le.Uint16(x.b[shnum:]))*sectionEntry
	if le.Uint16(x.b[phentsize:]) != entry || le.Uint16(x.b[shentsize:]) != sectionEntry || tableFrom+tableSize > uint64(len(x.b)) || at > pageSize {
		return nil, nil, refuse(Program, "", "the header of the executable is not understood")
	}
	head = bytes.Clone(x.b[:pageSize])
	table = x.b[tableFrom : tableFrom+tableSize]
	if tableFrom < pageSize {
		clear(head[tableFrom:min(pageSize, tableFrom+tableSize)])
	}
	le.PutUint64(head[shoff:], tableAt)
	end := at + uint64(count*entry)
	more := uint64(len(segments) * entry)
	if end+more > pageSize || slices.ContainsFunc(head[end:end+more], func(c byte) bool { return c != 0 }) {
		return nil, nil, refuse(Program, "", "the executable has no room for another segment")
	}
	le.PutUint16(head[phnum:], uint16(count+len(segments)))
	if p := head[at:]; elf.ProgType(le.Uint32(p)) == elf.PT_PHDR {
		le.PutUint64(p[32:], uint64(count*entry)+more)
		le.PutUint64(p[40:], uint64(count*entry)+more)
	}
	flags := map[uint64]elf.ProgFlag{protRead: elf.PF_R, protRead | protExec: elf.PF_R | elf.PF_X, protRead | protWrite: elf.PF_R | elf.PF_W}
	for i, s := range segments {
		p := head[end+uint64(i*entry):]
		le.PutUint32(p, uint32(elf.PT_LOAD))
		le.PutUint32(p[4:], uint32(flags[s.prot]))
		for k, v := range []uint64{s.addr + shift, s.addr, s.addr, uint64(len(s.b)), uint64(len(s.b)), pageSize} {
			le.PutUint64(p[8+8*k:], v)
		}
	}
	return head, table, nil
}
