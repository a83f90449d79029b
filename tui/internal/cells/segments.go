package cells

import "slices"

// A Segment is one statement of the header. On a narrow terminal, those with the least
// weight are omitted first.
type Segment struct {
	Row    Row
	Weight int
	// Close: the next segment belongs to it.
	Close bool
}

// Segments joins as many segments as fit, and then right if that fits as well.
func (l Look) Segments(left []Segment, right Row, w int) string {
	total := func() int {
		n := 1
		for i, s := range left {
			n += l.RowWidth(s.Row)
			if i > 0 {
				n += left[i-1].gap()
			}
		}
		return n
	}
	for len(left) > 1 && total() > w-1 {
		least := 0
		for i, s := range left {
			if s.Weight < left[least].Weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := Row{Bare(" ")}
	for i, s := range left {
		if i > 0 {
			line = append(line, Bare(Spaces(left[i-1].gap())))
		}
		line = append(line, s.Row...)
	}
	if len(right) > 0 {
		right = append(slices.Clone(right), Bare(" "))
	}
	return l.PaintBetween(line, right, 3, w)
}

func (s Segment) gap() int {
	if s.Close {
		return 1
	}
	return 3
}

// Hints joins as many as fit, two cells apart.
func (l Look) Hints(left []Segment, w int) string {
	total := func() int {
		n := 1
		for _, s := range left {
			n += l.RowWidth(s.Row) + 2
		}
		return n - 2
	}
	for len(left) > 1 && total() > w {
		least := 0
		for i, s := range left {
			if s.Weight <= left[least].Weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := Row{Bare(" ")}
	for i, s := range left {
		if i > 0 {
			line = append(line, Bare("  "))
		}
		line = append(line, s.Row...)
	}
	return l.Paint(line, w)
}

// Both paints right in full, and as much of left as there is room for.
func (l Look) Both(left, right Row, w int) string {
	n := min(l.RowWidth(right), w)
	return l.Paint(left, w-n) + l.Paint(right, n)
}
