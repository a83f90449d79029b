package profiler

import (
	"bytes"
	"math"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// Stacks are a profile as the runtime has it.
type Stacks struct {
	// Rate is that of a heap profile: a sample for so many bytes on average.
	Rate   int64
	List   []Stack
	Frames []Frame
}

// A Stack is one with its counts: of goroutines, or of the objects and bytes that were
// allocated and those of them that are in use.
type Stack struct {
	Count                 int64
	Bytes, InUse, InBytes int64
	// Frames are places in [Stacks.Frames], the innermost first.
	Frames []int
}

// A Frame is a call.
type Frame struct {
	Function, File string
	Line           int
}

// encode makes a file of go tool pprof, of a heap or of goroutines.
func (s Stacks) encode(heap bool) ([]byte, error) {
	p := &profile.Profile{SampleType: []*profile.ValueType{{Type: "goroutine", Unit: "count"}}, PeriodType: &profile.ValueType{Type: "goroutine", Unit: "count"}, Period: 1}
	if heap {
		p.SampleType = []*profile.ValueType{
			{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
			{Type: "inuse_objects", Unit: "count"}, {Type: "inuse_space", Unit: "bytes"},
		}
		p.DefaultSampleType = "inuse_space"
		p.PeriodType, p.Period = &profile.ValueType{Type: "space", Unit: "bytes"}, s.Rate
	}
	functions := map[string]*profile.Function{}
	for i, f := range s.Frames {
		fn := functions[f.Function+"\x00"+f.File]
		if fn == nil {
			fn = &profile.Function{ID: uint64(len(p.Function) + 1), Name: f.Function, SystemName: f.Function, Filename: f.File}
			functions[f.Function+"\x00"+f.File] = fn
			p.Function = append(p.Function, fn)
		}
		p.Location = append(p.Location, &profile.Location{ID: uint64(i + 1), Line: []profile.Line{{Function: fn, Line: int64(f.Line)}}})
	}
	for _, stack := range s.List {
		sample := &profile.Sample{Value: []int64{stack.Count}}
		if heap {
			objects, size := scale(stack.Count, stack.Bytes, s.Rate)
			used, held := scale(stack.InUse, stack.InBytes, s.Rate)
			sample.Value = []int64{objects, size, used, held}
			// The allocator is not what is looked for, as in runtime/pprof.
			if i := slices.IndexFunc(stack.Frames, func(f int) bool { return !strings.HasPrefix(s.Frames[f].Function, "runtime.") }); i > 0 {
				stack.Frames = stack.Frames[i:]
			}
		}
		for _, f := range stack.Frames {
			sample.Location = append(sample.Location, p.Location[f])
		}
		p.Sample = append(p.Sample, sample)
	}
	if err := p.CheckValid(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err := p.Write(&out)
	return out.Bytes(), err
}

// scale estimates what there was from what was sampled: an allocation of a size is
// sampled with a probability of 1-exp(-size/rate).
func scale(count, size, rate int64) (int64, int64) {
	if count == 0 || size == 0 {
		return 0, 0
	}
	if rate <= 1 {
		return count, size
	}
	by := 1 / (1 - math.Exp(-float64(size)/float64(count)/float64(rate)))
	return int64(float64(count) * by), int64(float64(size) * by)
}
