package engine

import "github.com/hotdev/hotdev/runner"

// Entry is one line of the program's output with its run's generation.
type Entry struct {
	runner.Line
	Gen int
}

const (
	chunkLines = 1024
	// logLines and logBytes bound the log: enough to scroll back through a
	// morning's output, small beside the compiler that runs next door.
	logLines = 200_000
	logBytes = 32 << 20
)

// Log is the program's output, bounded, oldest lines first. It is an immutable
// value for its readers: Append gives a new Log that shares the old one's
// storage, and never writes to what an older Log can see.
type Log struct {
	full    [][]Entry // each chunkLines long
	tail    []Entry   // shorter than chunkLines
	partial [2]*Entry // by stream: a line without its end yet
	bytes   int
	dropped int
}

// Len is the number of lines, unfinished ones included.
func (l Log) Len() int {
	n := len(l.full)*chunkLines + len(l.tail)
	for _, p := range l.partial {
		if p != nil {
			n++
		}
	}
	return n
}

// Dropped is how many lines were thrown away at the front to stay bounded, so
// that Dropped()+i is the same line in every Log that still holds it.
func (l Log) Dropped() int { return l.dropped }

// At is the i-th line, 0 ≤ i < Len.
func (l Log) At(i int) Entry {
	if i < len(l.full)*chunkLines {
		return l.full[i/chunkLines][i%chunkLines]
	}
	if i -= len(l.full) * chunkLines; i < len(l.tail) {
		return l.tail[i]
	}
	i -= len(l.tail)
	for _, p := range l.partial {
		if p == nil {
			continue
		}
		if i == 0 {
			return *p
		}
		i--
	}
	panic("engine: Log.At out of range")
}

// Append gives the log with one more line of generation gen.
func (l Log) Append(gen int, line runner.Line) Log {
	e := Entry{Line: line, Gen: gen}
	stream := 0
	if line.Stream == runner.Stderr {
		stream = 1
	}
	if line.Partial {
		l.partial[stream] = &e
		return l
	}
	l.partial[stream] = nil
	if l.tail == nil {
		l.tail = make([]Entry, 0, chunkLines)
	}
	l.tail = append(l.tail, e)
	l.bytes += len(line.Text)
	if len(l.tail) == chunkLines {
		l.full = append(l.full, l.tail)
		l.tail = nil
	}
	for len(l.full) > 0 && (l.bytes > logBytes || len(l.full)*chunkLines > logLines) {
		for _, e := range l.full[0] {
			l.bytes -= len(e.Text)
		}
		l.full = l.full[1:]
		l.dropped += chunkLines
	}
	return l
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
