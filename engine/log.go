package engine

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/hotdev/hotdev/runner"
)

// Entry is one line of the log with its run's generation.
type Entry struct {
	runner.Line
	Gen int
	// Mark is set where the line is not the program's, but separates the output of
	// one generation from the next one's. It has no Text.
	Mark *Mark
}

// Mark separates the output of one generation from that of the next, and says why
// there is another.
type Mark struct {
	// Gen is the generation of the code that runs from here on. After a reload it
	// is newer than the Gen of the entries, which is the process's own.
	Gen   int
	Cause Cause
	// Again: it is the same binary as before. Reloaded: it is the same process, with a
	// plugin. Patched: it is the same process, with new functions.
	Again, Reloaded, Patched bool
	// Took is the time from the cause to the mark; 0 while the program is starting.
	Took time.Duration
}

const (
	// A chunk is full at chunkBytes of text or chunkLines lines: small enough
	// that throwing the oldest one away is not noticed, big enough that the
	// chunks of a full log are some thousand objects, none of them with pointers.
	chunkBytes = 64 << 10
	chunkLines = 4096
	// dropChunks are thrown away at once, about a hundredth of a full log.
	dropChunks = 16
	// logLines and logBytes bound all logs together. A million lines is what a test
	// under load prints while one looks away; 80 bytes is a line of a log of
	// requests, and with it both bounds meet. Beside the text a line costs eight
	// bytes, so that full logs take 90 MB and the whole of hotdev stays below 150.
	logLines = 1_000_000
	logBytes = 80_000_000
)

// A Budget bounds a Log. The zero Budget is the one for all logs together.
type Budget struct{ Lines, Bytes int }

// Share is the budget of each of n programs' logs. Where there are several, it leaves
// the budget of [Merged].
func Share(n int) Budget {
	if n > 1 {
		n += (n + 2) / 3
	}
	return Budget{Lines: logLines / n, Bytes: logBytes / n}
}

// Merged is the budget of one log with the output of several programs.
func Merged() Budget { return Budget{Lines: logLines / 4, Bytes: logBytes / 4} }

// NewLog is an empty log.
func NewLog(b Budget) Log { return Log{budget: b} }

// Log is the program's output, bounded, oldest lines first. For its readers it is an
// immutable value: Append returns a new Log that shares the old one's storage, and never
// writes to what an older Log can see. Only one goroutine may append at a time. Appending
// to the newest Log is cheap; appending to an older one copies a chunk.
type Log struct {
	budget Budget
	full   []*chunk
	tail   chunk
	arena  *arena // nil while the tail is empty
	// partial are the lines without their end yet, by stream.
	partial [2]*Entry
	marks   []placed
	bytes   int // of text, and dropped the lines that were thrown away
	dropped int
}

// A chunk is some lines. Its slices are never written to within their lengths.
type chunk struct {
	first int // the number of its first line since the beginning
	text  string
	lines []slot
}

// A slot says where a line ends in its chunk's text, and what it is.
type slot struct {
	end uint32
	tag uint32 // the generation, the stream and whether it is a mark
}

const (
	tagStderr = 1 << iota
	tagStdin
	tagMark
	tagBits = iota
)

// An arena is where the tail's text grows.
type arena struct {
	// text does not move within its capacity: what Logs hold of it stays as it is.
	text strings.Builder
	// taken is how many lines it holds for the newest Log, which alone may go on
	// with it; -1 once the chunk is full.
	taken int
}

// A placed mark is line number at since the beginning.
type placed struct {
	at   int
	mark Mark
}

// Len is the number of lines, unfinished ones included.
func (l Log) Len() int {
	n := l.finished() - l.dropped
	for _, p := range l.partial {
		if p != nil {
			n++
		}
	}
	return n
}

// Finished is the number of complete lines. They come first, and are the same in every
// later Log. At most two lines are not complete.
func (l Log) Finished() int { return l.finished() - l.dropped }

// Run is the number since the beginning of the newest run's mark, or of the
// oldest line if that mark is gone.
func (l Log) Run() int {
	for i := len(l.marks) - 1; i >= 0; i-- {
		if !l.marks[i].mark.Reloaded {
			return l.marks[i].at
		}
	}
	return l.dropped
}

// Marks is how many of the lines from number n since the beginning are marks.
func (l Log) Marks(n int) int {
	return len(l.marks) - sort.Search(len(l.marks), func(i int) bool { return l.marks[i].at >= n })
}

// finished is how many finished lines there have been since the beginning.
func (l Log) finished() int { return l.tail.first + len(l.tail.lines) }

// Dropped is the number of lines that were thrown away at the front to stay within the
// budget, so that Dropped()+i is the same line in every Log that still holds it.
func (l Log) Dropped() int { return l.dropped }

// At is the i-th line, 0 ≤ i < Len. Its text shares the log's storage.
func (l Log) At(i int) Entry {
	n := l.dropped + i
	if i < 0 {
		panic("engine: Log.At out of range")
	}
	if n >= l.finished() {
		n -= l.finished()
		for _, p := range l.partial {
			if p == nil {
				continue
			}
			if n == 0 {
				return *p
			}
			n--
		}
		panic("engine: Log.At out of range")
	}
	c := &l.tail
	if n < c.first {
		c = l.full[sort.Search(len(l.full), func(k int) bool { return l.full[k].first > n })-1]
	}
	return l.entry(c, n)
}

func (l Log) entry(c *chunk, n int) Entry {
	k := n - c.first
	from := uint32(0)
	if k > 0 {
		from = c.lines[k-1].end
	}
	s := c.lines[k]
	e := Entry{Gen: int(s.tag >> tagBits), Line: runner.Line{Stream: runner.Stdout, Text: c.text[from:s.end]}}
	if s.tag&tagStderr != 0 {
		e.Stream = runner.Stderr
	}
	if s.tag&tagStdin != 0 {
		e.Stream = runner.Stdin
	}
	if s.tag&tagMark != 0 {
		at, _ := slices.BinarySearchFunc(l.marks, n, func(p placed, n int) int { return p.at - n })
		e.Mark = &l.marks[at].mark
	}
	return e
}

// Append returns the log with more lines of generation gen.
func (l Log) Append(gen int, lines ...runner.Line) Log {
	for _, line := range lines {
		if line.Stream == runner.Stdin { // the prompt that it answers is unfinished still
			l.add("", line.Text, tagOf(gen, line.Stream))
			continue
		}
		stream := 0
		if line.Stream == runner.Stderr {
			stream = 1
		}
		if line.Partial {
			if l.partial[stream] = nil; line.Text != "" { // an empty one takes back the last
				l.partial[stream] = &Entry{Line: line, Gen: gen}
			}
			continue
		}
		l.partial[stream] = nil
		l.add("", line.Text, tagOf(gen, line.Stream))
	}
	return l
}

// AppendAfter returns the log with the complete ones of more lines, each after front.
func (l Log) AppendAfter(front string, gen int, lines ...runner.Line) Log {
	for _, line := range lines {
		if !line.Partial {
			l.add(front, line.Text, tagOf(gen, line.Stream))
		}
	}
	return l
}

// tagOf is the tag of a line that generation gen wrote to a stream.
func tagOf(gen int, s runner.Stream) uint32 {
	tag := uint32(gen) << tagBits
	switch s {
	case runner.Stdin:
		tag |= tagStdin
	case runner.Stderr:
		tag |= tagStderr
	}
	return tag
}

// Mark returns the log with m at its end, as an entry of process gen.
func (l Log) Mark(gen int, m Mark) Log {
	l = l.settle()
	// Cloned: there are few of them, and arrived changes the last.
	l.marks = append(slices.Clone(l.marks), placed{l.finished(), m})
	l.add("", "", uint32(gen)<<tagBits|tagMark)
	return l
}

// arrived says how long it took until the program of the last mark was there.
func (l Log) arrived(took time.Duration) Log {
	if n := len(l.marks); n > 0 {
		l.marks = slices.Clone(l.marks)
		l.marks[n-1].mark.Took = took
	}
	return l
}

// add appends the line front+text.
func (l *Log) add(front, text string, tag uint32) {
	size := len(front) + len(text)
	if l.arena != nil && l.arena.taken != len(l.tail.lines) {
		l.fork()
	}
	if len(l.tail.lines) == chunkLines || l.arena != nil && len(l.tail.text)+size > l.arena.text.Cap() {
		l.seal()
	}
	if l.arena == nil {
		l.arena = new(arena)
		l.arena.text.Grow(max(chunkBytes, size))
	}
	l.arena.text.WriteString(front)
	l.arena.text.WriteString(text)
	l.arena.taken++
	l.tail.text = l.arena.text.String()
	l.tail.lines = append(l.tail.lines, slot{uint32(len(l.tail.text)), tag})
	l.bytes += size
}

// fork leaves the storage to the Log that went on with it.
func (l *Log) fork() {
	l.full = slices.Clip(l.full)
	l.tail.lines = slices.Clip(l.tail.lines)
	a := &arena{taken: len(l.tail.lines)}
	a.text.Grow(max(chunkBytes, len(l.tail.text)))
	a.text.WriteString(l.tail.text)
	l.arena = a
}

// seal ends the tail, and drops what is now too much.
func (l *Log) seal() {
	l.arena.taken = -1
	c := l.tail
	c.lines = append(make([]slot, 0, len(c.lines)), c.lines...)
	l.full = append(l.full, &c)
	l.tail, l.arena = chunk{first: c.first + len(c.lines)}, nil
	most := l.budget
	if most == (Budget{}) {
		most = Share(1)
	}
	if l.bytes <= most.Bytes && l.finished()-l.dropped <= most.Lines {
		return
	}
	// The rest is copied, or the array would keep what is dropped alive.
	n := min(dropChunks, len(l.full))
	for _, c := range l.full[:n] {
		l.bytes -= len(c.text)
		l.dropped += len(c.lines)
	}
	l.full = append(make([]*chunk, 0, len(l.full)+dropChunks), l.full[n:]...)
	gone := sort.Search(len(l.marks), func(i int) bool { return l.marks[i].at >= l.dropped })
	l.marks = l.marks[gone:]
}

// settle ends the unfinished lines of a program that is gone.
func (l Log) settle() Log {
	for i, p := range l.partial {
		if p == nil {
			continue
		}
		l.partial[i] = nil
		line := p.Line
		line.Partial = false
		l = l.Append(p.Gen, line)
	}
	return l
}
