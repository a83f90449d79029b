package profiler

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// read sets Total, Unit and Rows from the content of a profile.
func (p *Profile) read(data []byte) error {
	parsed, err := profile.ParseData(data)
	if err != nil {
		return err
	}
	index, err := parsed.SampleIndexByName("") // the default, which go tool pprof shows
	if err != nil {
		return err
	}
	p.Unit = parsed.SampleType[index].Unit
	p.Total, p.Rows = rows(parsed, index, p.Kind.waits)
	return nil
}

// A frame is a call in a stack.
type frame struct {
	function, file string
	line           int
}

// rows adds up the samples by function. An inlined function counts as one, too.
func rows(p *profile.Profile, index int, waits bool) (total int64, all []Row) {
	lib := standard(p)
	type sums struct {
		Row
		flat, cum map[frame]int64 // by place
	}
	byName := map[string]*sums{}
	of := func(f frame) *sums {
		s := byName[f.function]
		if s == nil {
			s = &sums{Row: Row{Function: f.function, File: f.file, Library: lib.has(f) || strings.Contains(f.file, "@v")}, flat: map[frame]int64{}, cum: map[frame]int64{}}
			byName[f.function] = s
		}
		return s
	}
	for _, sample := range p.Sample {
		v, stack := sample.Value[index], frames(sample)
		total += v
		if v == 0 || len(stack) == 0 {
			continue
		}
		own := stack[0]
		if waits {
			if i := slices.IndexFunc(stack, func(f frame) bool { return !lib.has(f) }); i >= 0 {
				own = stack[i]
			}
		}
		s := of(own)
		s.Flat += v
		s.flat[own] += v
		seen := map[string]bool{} // a recursive function counts once per stack
		for _, f := range stack {
			if !seen[f.function] {
				seen[f.function] = true
				s := of(f)
				s.Cum += v
				s.cum[f] += v
			}
		}
	}
	for _, s := range byName {
		at := heaviest(s.flat)
		if s.Flat == 0 {
			at = heaviest(s.cum)
		}
		s.File, s.Line = at.file, at.line
		all = append(all, s.Row)
	}
	slices.SortFunc(all, func(a, b Row) int {
		return cmp.Or(cmp.Compare(b.Flat, a.Flat), cmp.Compare(b.Cum, a.Cum), cmp.Compare(a.Function, b.Function))
	})
	return total, all
}

// heaviest returns the place with the largest sum; of several the first.
func heaviest(sums map[frame]int64) (at frame) {
	most := int64(0)
	for f, v := range sums {
		if v > most || v == most && (f.file < at.file || f.file == at.file && f.line < at.line) {
			at, most = f, v
		}
	}
	return at
}

// frames returns the calls of a sample's stack, the innermost first.
func frames(s *profile.Sample) (all []frame) {
	for _, at := range s.Location {
		for _, line := range at.Line {
			if line.Function != nil {
				all = append(all, frame{line.Function.Name, line.Function.Filename, int(line.Line)})
			}
		}
	}
	return all
}

// library is the prefix of the paths of the standard library's sources.
type library string

// standard finds the prefix from packages of which at least one is in nearly every
// profile, the runtime first. Under -trimpath the prefix is empty, and paths begin with
// the package's.
func standard(p *profile.Profile) library {
	for _, pkg := range []string{"runtime", "sync", "syscall", "time", "os", "io", "net", "net/http", "bytes", "strings", "strconv", "fmt", "sort", "slices", "reflect", "encoding/json"} {
		for _, f := range p.Function {
			if !strings.HasPrefix(f.Name, pkg+".") {
				continue
			}
			if in, ok := strings.CutSuffix(path.Dir(f.Filename), pkg); ok && (in == "" || strings.HasSuffix(in, "/")) {
				return library(in)
			}
		}
	}
	return "/no library"
}

// has reports whether a frame belongs to the standard library.
func (l library) has(f frame) bool {
	if l != "" {
		return strings.HasPrefix(f.file, string(l))
	}
	first, _, inFolder := strings.Cut(f.file, "/")
	return inFolder && first != "" && !strings.Contains(first, ".")
}
