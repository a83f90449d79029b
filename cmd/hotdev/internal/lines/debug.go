package lines

import (
	"log/slog"
	"os"

	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
	"github.com/hotdev/hotdev/tester"
)

// OpenLog opens a debug log for appending; without a file it discards everything. The
// caller calls done when nothing writes to it any more.
func OpenLog(file string) (log *slog.Logger, done func(), err error) {
	if file == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	h := slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})
	return slog.New(h), func() { f.Close() }, nil
}

// A Log is a view that writes every event to a debug log.
type Log struct{ *slog.Logger }

// Show writes an event.
func (v Log) Show(all session.State, program int, e engine.Event) {
	log, s := v.Logger, all.Programs[program].State
	if len(all.Programs) > 1 {
		log = log.With("program", all.Programs[program].Name)
	}
	if w, ok := e.(engine.Wrote); ok {
		log.Debug("event", "kind", w.Name(), "gen", w.Gen, "lines", len(w.Lines))
		return
	}
	log.Debug("event", "kind", e.Name(), "what", e, "build", s.Build.Phase, "process", s.Process.Phase)
}

// ShowTests writes an event of the tests.
func (v Log) ShowTests(all session.State, e tester.Event) {
	v.Debug("event", "kind", e.Name(), "what", e, "tests", all.Tests.Phase())
}
