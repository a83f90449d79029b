package source

// Kept is a snapshot in a form that can be written to a file: the states of its files,
// without their text.
type Kept map[string]KeptSource

// KeptSource is one package of a Kept.
type KeptSource struct {
	Names, Around string
	Files, Beside map[string]KeptFile
}

// KeptFile is the state of a file.
type KeptFile struct {
	Hash   []byte
	Header Header
}

// Keep returns the snapshot in that form.
func (s Snapshot) Keep() Kept {
	files := func(from map[string]*File) map[string]KeptFile {
		to := make(map[string]KeptFile, len(from))
		for name, f := range from {
			to[name] = KeptFile{f.Hash[:], f.header}
		}
		return to
	}
	k := Kept{}
	for name, p := range s {
		k[name] = KeptSource{p.names, p.around, files(p.Files), files(p.beside)}
	}
	return k
}

// Restore returns the kept snapshot of a graph's packages. It reads the files that have
// not changed since.
func (k Kept) Restore(g Graph) Snapshot {
	now := Read(g, nil)
	files := func(from map[string]KeptFile, read map[string]*File) map[string]*File {
		to := make(map[string]*File, len(from))
		for name, f := range from {
			if same := read[name]; same != nil && string(same.Hash[:]) == string(f.Hash) {
				to[name] = same
				continue
			}
			to[name] = &File{header: f.Header}
			copy(to[name].Hash[:], f.Hash)
		}
		return to
	}
	s := Snapshot{}
	for name, p := range k {
		read := now[name]
		if read == nil {
			continue
		}
		s[name] = &Source{Pkg: read.Pkg, names: p.Names, around: p.Around, Files: files(p.Files, read.Files), beside: files(p.Beside, read.beside)}
	}
	return s
}
