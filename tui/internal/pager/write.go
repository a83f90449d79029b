package pager

import (
	"bufio"
	"io"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/runner"
	"github.com/hotdev/hotdev/tui/internal/cells"
)

// WriteLog returns a function that writes all of a log as plain text.
func WriteLog(l cells.Look, log engine.Log) func(io.Writer) error {
	return func(to io.Writer) error {
		w := bufio.NewWriter(to)
		for i := range log.Len() {
			e := log.At(i)
			text := runner.Uncoloured(e.Text)
			if e.Mark != nil {
				text = l.Rule + l.Rule + " " + markWords(*e.Mark, l.Dot) + " " + l.Rule + l.Rule
			}
			w.WriteString(text)
			w.WriteByte('\n')
		}
		return w.Flush()
	}
}
