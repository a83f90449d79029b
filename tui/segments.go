package tui

import "slices"

// A segment is one statement of the header; those of the least weight are the
// first to go when the terminal is narrow.
type segment struct {
	row    row
	weight int
	// close: the next one belongs to it.
	close bool
}

// segments joins as many of them as fit, and then right if that fits as well.
func (l Look) segments(left []segment, right row, w int) string {
	total := func() int {
		n := 1
		for i, s := range left {
			n += l.rowWidth(s.row)
			if i > 0 {
				n += left[i-1].gap()
			}
		}
		return n
	}
	for len(left) > 1 && total() > w-1 {
		least := 0
		for i, s := range left {
			if s.weight < left[least].weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := row{bare(" ")}
	for i, s := range left {
		if i > 0 {
			line = append(line, bare(spaces(left[i-1].gap())))
		}
		line = append(line, s.row...)
	}
	if len(right) > 0 {
		right = append(slices.Clone(right), bare(" "))
	}
	return l.paintBetween(line, right, 3, w)
}

func (s segment) gap() int {
	if s.close {
		return 1
	}
	return 3
}

// hints joins what fits, two cells apart.
func (l Look) hints(left []segment, w int) string {
	total := func() int {
		n := 1
		for _, s := range left {
			n += l.rowWidth(s.row) + 2
		}
		return n - 2
	}
	for len(left) > 1 && total() > w {
		least := 0
		for i, s := range left {
			if s.weight <= left[least].weight {
				least = i
			}
		}
		left = slices.Delete(left, least, least+1)
	}
	line := row{bare(" ")}
	for i, s := range left {
		if i > 0 {
			line = append(line, bare("  "))
		}
		line = append(line, s.row...)
	}
	return l.paint(line, w)
}

// both paints right in full, and of left what there is room for.
func (l Look) both(left, right row, w int) string {
	n := min(l.rowWidth(right), w)
	return l.paint(left, w-n) + l.paint(right, n)
}
