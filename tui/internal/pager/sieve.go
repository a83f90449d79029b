package pager

import (
	"slices"
	"sort"

	tea "charm.land/bubbletea/v2"

	"github.com/hotdev/hotdev/engine"
)

// A sieve knows which complete lines of the log pass a test. It does not test a million
// lines at once: commands test blocks, beginning near the visible lines, and until then
// the known part is used. It is a value.
type sieve struct {
	// id is the number of the question; an answer to another question is stale.
	id     int
	of     int                     // the number of the log, of several
	test   func(engine.Entry) bool // must be safe on any goroutine; nil: no question
	base   int                     // the number of blocks[0]
	blocks []tested
	busy   bool
	// stride is how many blocks the next command tests: few at first, so that the first
	// answer comes at once.
	stride int
	// slow: testing a line takes microseconds. Then a command tests fewer blocks,
	// because a stale one cannot be cancelled.
	slow bool
}

const (
	blockLines = 4096
	mostBlocks = 32 // a hundred thousand lines: some tens of milliseconds
	slowBlocks = 2  // if the test is slow
)

// A tested is a block: the lines with numbers [b·blockLines, (b+1)·blockLines), of
// which those before known have been tested.
type tested struct {
	hits  []uint16 // ascending
	known int
}

// Sifted is the result of a command.
type Sifted struct {
	id     int
	of     int  // the number of its log: see Output.For
	search bool // for which of the two sieves it is
	found  map[int]tested
}

// ask starts again with another test; nil ends the sieve.
func (s sieve) ask(test func(engine.Entry) bool) sieve {
	return sieve{id: s.id + 1, of: s.of, test: test, stride: 1}
}

// todo returns at most n blocks of the log that are not fully tested, those nearest to
// line near first.
func (s sieve) todo(log engine.Log, near, n int) (blocks []int) {
	end := log.Dropped() + log.Finished()
	if s.test == nil || end == log.Dropped() {
		return nil
	}
	lo, hi := log.Dropped()/blockLines, (end-1)/blockLines
	near = max(lo, min(near/blockLines, hi))
	for d := 0; (near-d >= lo || near+d <= hi) && len(blocks) < n; d++ {
		for _, b := range []int{near + d, near - d} {
			if b >= lo && b <= hi && s.known(b) < min(end-b*blockLines, blockLines) && !slices.Contains(blocks, b) {
				blocks = append(blocks, b)
			}
		}
	}
	return blocks
}

func (s sieve) block(b int) tested {
	if b -= s.base; b >= 0 && b < len(s.blocks) {
		return s.blocks[b]
	}
	return tested{}
}

func (s sieve) known(b int) int { return s.block(b).known }

// complete reports whether every line of the log has been tested.
func (s sieve) complete(log engine.Log) bool { return len(s.todo(log, 0, 1)) == 0 }

// sift returns the command for the next blocks; nil if there is nothing to test or a
// command is running.
func (s sieve) sift(log engine.Log, near int, search bool) (sieve, tea.Cmd) {
	if s.busy {
		return s, nil
	}
	todo := s.todo(log, near, s.stride)
	if len(todo) == 0 {
		return s, nil
	}
	have := make([]tested, len(todo))
	for i, b := range todo {
		have[i] = s.block(b)
	}
	id, of, test := s.id, s.of, s.test
	most := mostBlocks
	if s.slow {
		most = slowBlocks
	}
	s.busy, s.stride = true, min(2*s.stride, most)
	return s, func() tea.Msg {
		m := Sifted{id: id, of: of, search: search, found: map[int]tested{}}
		for i, b := range todo {
			m.found[b] = have[i].extend(log, b, test)
		}
		return m
	}
}

// extend tests the lines of block b that have not been tested yet.
func (k tested) extend(log engine.Log, b int, test func(engine.Entry) bool) tested {
	first := b * blockLines
	end := min(log.Dropped()+log.Finished(), first+blockLines)
	k.hits = slices.Clip(k.hits)
	for n := max(first+k.known, log.Dropped()); n < end; n++ {
		if test(log.At(n - log.Dropped())) {
			k.hits = append(k.hits, uint16(n-first))
		}
	}
	k.known = end - first
	return k
}

// take adds the results of a command, and forgets lines that the log has dropped.
func (s sieve) take(m Sifted, log engine.Log) sieve {
	if m.id != s.id || m.of != s.of {
		return s
	}
	s.busy = false
	lo, hi := log.Dropped()/blockLines, end(log)/blockLines
	blocks := make([]tested, hi-lo+1)
	for b := range blocks {
		blocks[b] = s.block(lo + b)
		if found, ok := m.found[lo+b]; ok {
			blocks[b] = found
		}
	}
	s.base, s.blocks = lo, blocks
	return s
}

// next returns the first line from n on that passed; ok is false if none is known.
func (s sieve) next(n int) (line int, ok bool) {
	for b := max(n/blockLines, s.base); b-s.base < len(s.blocks); b++ {
		first := b * blockLines
		hits := s.block(b).hits
		if i := sort.Search(len(hits), func(i int) bool { return first+int(hits[i]) >= n }); i < len(hits) {
			return first + int(hits[i]), true
		}
	}
	return 0, false
}

// prev returns the last line before n that passed; ok is false if none is known.
func (s sieve) prev(n int) (line int, ok bool) {
	for b := min(n/blockLines, s.base+len(s.blocks)-1); b >= s.base; b-- {
		first := b * blockLines
		hits := s.block(b).hits
		if i := sort.Search(len(hits), func(i int) bool { return first+int(hits[i]) >= n }); i > 0 {
			return first + int(hits[i-1]), true
		}
	}
	return 0, false
}

// Count returns how many lines from lo to before hi are known to have passed.
func (s sieve) Count(lo, hi int) (n int) {
	for i, k := range s.blocks {
		first := (s.base + i) * blockLines
		below := func(n int) int {
			return sort.Search(len(k.hits), func(i int) bool { return first+int(k.hits[i]) >= n })
		}
		switch {
		case first >= hi || first+blockLines <= lo:
		case first >= lo && first+blockLines <= hi:
			n += len(k.hits)
		default:
			n += max(0, below(hi)-below(lo))
		}
	}
	return n
}
