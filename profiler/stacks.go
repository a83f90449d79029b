package profiler

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Direct is what live code gives: stacks, or a file.
type Direct struct {
	Stacks
	// File is in the format of go tool pprof or go tool trace; nil if there are stacks.
	File []byte
}

// Stacks are a profile as the runtime has it.
type Stacks struct {
	// Rate is a sample of a heap for so many bytes on average, or so many samples of the
	// processor in a second.
	Rate   int64
	List   []Stack
	Frames []Frame
}

// A Stack is one with its counts: of goroutines, or of samples of the processor; of
// waits and the nanoseconds that they took; or of objects and bytes that were allocated,
// and of those that are in use.
type Stack struct {
	Counts [4]int64
	// Frames are places in [Stacks.Frames], the innermost first.
	Frames []int
}

// A Frame is a call.
type Frame struct {
	Function, File string
	Line           int
}

// begin returns a profile of a kind without samples.
func (s Stacks) begin(k Kind) *profile.Profile {
	typed := func(typ, unit string) *profile.ValueType { return &profile.ValueType{Type: typ, Unit: unit} }
	p := &profile.Profile{TimeNanos: time.Now().UnixNano(), DurationNanos: k.Takes.Nanoseconds(), Period: 1}
	switch k.Name {
	case "heap":
		p.SampleType = []*profile.ValueType{typed("alloc_objects", "count"), typed("alloc_space", "bytes"), typed("inuse_objects", "count"), typed("inuse_space", "bytes")}
		p.DefaultSampleType = "inuse_space"
		p.PeriodType, p.Period = typed("space", "bytes"), s.Rate
	case "cpu":
		p.SampleType = []*profile.ValueType{typed("samples", "count"), typed("cpu", "nanoseconds")}
		p.PeriodType, p.Period = typed("cpu", "nanoseconds"), int64(time.Second)/max(1, s.Rate)
	case "block", "mutex":
		p.SampleType = []*profile.ValueType{typed("contentions", "count"), typed("delay", "nanoseconds")}
		p.PeriodType = typed("contentions", "count")
	default:
		p.SampleType = []*profile.ValueType{typed("goroutine", "count")}
		p.PeriodType = typed("goroutine", "count")
	}
	return p
}

// encode makes a file of go tool pprof.
func (s Stacks) encode(k Kind) ([]byte, error) {
	p := s.begin(k)
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
		c := stack.Counts
		sample := &profile.Sample{Value: c[:len(p.SampleType)]}
		switch k.Name {
		case "cpu":
			sample.Value = []int64{c[0], c[0] * p.Period}
		case "heap":
			objects, size := scale(c[0], c[1], s.Rate)
			used, held := scale(c[2], c[3], s.Rate)
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
