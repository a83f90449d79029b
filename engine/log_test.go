package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hotdev/hotdev/runner"
)

func TestLogBounds(t *testing.T) {
	var l Log
	for i := range logLines + 5*chunkLines {
		l = l.Append(1, runner.Line{Text: fmt.Sprint(i)})
	}
	if l.Len() > logLines+chunkLines {
		t.Errorf("%d lines kept", l.Len())
	}
	for _, i := range []int{0, 1, chunkLines, l.Len() - 1} {
		if got, want := l.At(i).Text, fmt.Sprint(l.Dropped()+i); got != want {
			t.Errorf("line %d is %q, want %q", i, got, want)
		}
	}
	big := strings.Repeat("x", 16<<10)
	for range 3 * logBytes / len(big) {
		l = l.Append(1, runner.Line{Text: big})
	}
	if l.bytes > logBytes+chunkLines*len(big) {
		t.Errorf("%d bytes kept", l.bytes)
	}
}

func TestLogPartial(t *testing.T) {
	var l Log
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name", Partial: true})
	l = l.Append(1, runner.Line{Stream: runner.Stderr, Text: "err"})
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name: ", Partial: true})
	old := l
	l = l.Append(1, runner.Line{Stream: runner.Stdout, Text: "name: x"})
	text := func(l Log) string {
		var s []string
		for i := range l.Len() {
			s = append(s, l.At(i).Text)
		}
		return strings.Join(s, "|")
	}
	if got := text(l); got != "err|name: x" {
		t.Errorf("got %q", got)
	}
	if got := text(old); got != "err|name: " {
		t.Errorf("the older log changed: %q", got)
	}
	if got := text(old.settle()); got != "err|name: " || old.settle().At(1).Partial {
		t.Errorf("settled: %q", got)
	}
}
