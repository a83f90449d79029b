package control

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/internal/words"
	"github.com/hotdev/hotdev/runner"
)

const (
	// maxTail bounds what an answer has of a log, maxLogBytes its text, and
	// maxLineBytes that of a line: more than anybody reads, and no burden for who
	// has to take it in one piece.
	maxTail      = 10_000
	maxLogBytes  = 1 << 20
	maxLineBytes = 16 << 10
)

// logs adds the part of the log to r that q asks for, as text too.
func logs(ctx context.Context, q Request, r Program, s engine.State) (Program, string, error) {
	match, err := regexp.Compile(q.Grep)
	if err != nil {
		return r, "", err
	}
	tail := min(q.Tail, maxTail)
	if tail == 0 {
		tail = DefaultTail
	}
	log := s.Log
	first, gone := since(log, q.Since), log.Dropped()
	var found []int // the last of those that match
	matching := 0
	for i := first; i < log.Len(); i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return r, "", ctx.Err()
		}
		e := log.At(i)
		if e.Mark != nil || q.Grep != "" && !match.MatchString(runner.Uncoloured(e.Text)) {
			continue
		}
		matching++
		if found = append(found, i); len(found) >= 2*tail {
			found = append(found[:0], found[len(found)-tail:]...)
		}
	}
	found = found[max(0, len(found)-tail):]
	bytes := 0
	for i := len(found) - 1; i >= 0; i-- {
		if bytes += min(maxLineBytes, len(log.At(found[i]).Text)); bytes > maxLogBytes {
			found = found[i+1:]
			break
		}
	}
	r.Omitted = matching - len(found)

	var b strings.Builder
	switch {
	case matching == 0 && q.Grep != "":
		b.WriteString("no line matches\n")
	case matching == 0:
		b.WriteString("no output\n")
	case r.Omitted > 0:
		fmt.Fprintf(&b, "(%s before these; tail takes more of them)\n", words.Count(r.Omitted, "more line"))
	case first == 0 && gone > 0:
		fmt.Fprintf(&b, "(the %s before these are no longer kept)\n", words.Count(gone, "line"))
	}
	from := first
	if len(found) > 0 && r.Omitted > 0 {
		from = found[0]
	}
	mark := func(i int) {
		if m := log.At(i).Mark; m != nil && q.Grep == "" {
			b.WriteString(markText(q.Dir, *m))
		}
	}
	for _, i := range found {
		for ; from < i; from++ {
			mark(from)
		}
		from = i + 1
		e := log.At(i)
		text := cut(runner.Uncoloured(e.Text), maxLineBytes)
		r.Log = append(r.Log, Line{Gen: e.Gen, Stream: e.Stream, Text: text})
		b.WriteString(text + "\n")
	}
	for ; from < log.Len(); from++ {
		mark(from)
	}
	return r, b.String(), nil
}

// since is the first line of what generation gen or a later one printed.
func since(log engine.Log, gen int) int {
	if gen == 0 {
		return 0
	}
	for i := range log.Len() {
		if m := log.At(i).Mark; m != nil && m.Gen >= gen {
			return i
		} else if e := log.At(i); m == nil && e.Gen >= gen {
			return i // its mark is no longer kept
		}
	}
	return log.Len()
}

// markText is what a mark in the log says.
func markText(dir string, m engine.Mark) string {
	how := "started"
	switch {
	case m.Reloaded:
		how = "reloaded"
	case m.Patched:
		how = "patched"
	case m.Again:
		how = "started again"
	}
	return fmt.Sprintf("--- generation %d %s: %s\n", m.Gen, how, words.Cause(dir, m.Cause))
}

// cut shortens a text, and says so.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + fmt.Sprintf(" … (%d bytes more)", len(text)-most)
}
