package live

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A body is the address range of a version of a function.
type body struct {
	from, to uint64
	name     string
}

// retire records that a version of a function has been replaced.
func (h *Host) retire(id symID) {
	b, ok := h.bodies[id]
	if !ok {
		d := h.defs[id]
		if !d.isText() || h.addrs[id] == 0 {
			return
		}
		b = body{h.addrs[id], h.addrs[id] + uint64(d.sym().size()), h.names[id]}
	}
	if !slices.Contains(h.retired, b) {
		h.retired = append(h.retired, b)
	}
}

// Lingering is a function whose old code still runs: a call that was running when the
// function was replaced runs to its end, with the code that was inlined into it.
type Lingering struct {
	Function string
	// Count is the number of goroutines; Goroutines are their IDs, as far as they are
	// known.
	Count      int
	Goroutines []int
}

// String returns it as a sentence.
func (l Lingering) String() string {
	switch {
	case len(l.Goroutines) == 1:
		return fmt.Sprintf("%s still runs the old code in goroutine %d: R restarts", l.Function, l.Goroutines[0])
	case l.Count == 1:
		return fmt.Sprintf("%s still runs the old code in a goroutine: R restarts", l.Function)
	case len(l.Goroutines) > 1 && len(l.Goroutines) <= 4:
		list := fmt.Sprint(l.Goroutines)
		return fmt.Sprintf("%s still runs the old code in goroutines %s: R restarts", l.Function, strings.ReplaceAll(strings.Trim(list, "[]"), " ", ", "))
	}
	return fmt.Sprintf("%s still runs the old code in %d goroutines: R restarts", l.Function, l.Count)
}

// Linger asks the program which goroutines are in code that was replaced, by this patch
// or an earlier one. It is best called a moment after a patch. It stops the program for
// as long as a goroutine profile does.
func (h *Host) Linger(c *Conn) ([]Lingering, error) {
	if len(h.retired) == 0 {
		return nil, nil
	}
	var ranges []byte
	for _, b := range h.retired {
		ranges = le.AppendUint64(ranges, b.from)
		ranges = le.AppendUint64(ranges, b.to)
	}
	answer, text, err := c.ask(opFrames, ranges, 0, 0)
	if err != nil {
		return nil, err
	}
	n := len(h.retired)
	if answer[0] != statusDone || len(text) < 8*n {
		return nil, nil
	}
	counts := map[string]int{}
	for i, b := range h.retired {
		counts[b.name] += int(le.Uint64(text[8*i:]))
	}
	running := goroutinesIn(text[8*n:])
	var list []Lingering
	for name, count := range counts {
		if count == 0 {
			continue
		}
		l := Lingering{Function: readable(name), Count: count}
		if ids := running[withoutTypeArgs(strings.ReplaceAll(name, "%2e", "."))]; len(ids) == count {
			l.Goroutines = ids
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b Lingering) int { return cmp.Compare(a.Function, b.Function) })
	return list, nil
}

// goroutinesIn parses the stacks that the runtime prints, and returns the IDs of the
// goroutines by the functions that they are in.
func goroutinesIn(stacks []byte) map[string][]int {
	in := map[string][]int{}
	id := 0
	for line := range bytes.Lines(stacks) {
		s := strings.TrimSuffix(string(line), "\n")
		if rest, ok := strings.CutPrefix(s, "goroutine "); ok {
			number, _, _ := strings.Cut(rest, " ")
			id, _ = strconv.Atoi(number)
			continue
		}
		i := strings.LastIndexByte(s, '(')
		if i <= 0 || s[0] == '\t' || strings.HasPrefix(s, "created by ") {
			continue
		}
		name := withoutTypeArgs(s[:i])
		if ids := in[name]; len(ids) == 0 || ids[len(ids)-1] != id {
			in[name] = append(ids, id)
		}
	}
	return in
}
