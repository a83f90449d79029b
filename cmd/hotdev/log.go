package main

import (
	"fmt"
	"log/slog"
	"os"

	"github.com/hotdev/hotdev/cmd/hotdev/internal/project"
	"github.com/hotdev/hotdev/engine"
	"github.com/hotdev/hotdev/session"
)

// debugLog opens the log that --debug-log names; without one it goes nowhere.
func debugLog(file string) (*slog.Logger, func(), error) {
	if file == "" {
		return slog.New(slog.DiscardHandler), func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, project.Usage(fmt.Errorf("--debug-log: %w", err))
	}
	h := slog.NewTextHandler(f, &slog.HandlerOptions{Level: slog.LevelDebug})
	return slog.New(h), func() { f.Close() }, nil
}

// logView writes every event to the debug log.
type logView struct{ log *slog.Logger }

func (v logView) Show(all session.State, program int, e engine.Event) {
	log, s := v.log, all.Programs[program].State
	if len(all.Programs) > 1 {
		log = log.With("program", all.Programs[program].Name)
	}
	if w, ok := e.(engine.Wrote); ok {
		log.Debug("event", "kind", w.Name(), "gen", w.Gen, "lines", len(w.Lines))
		return
	}
	log.Debug("event", "kind", e.Name(), "what", e, "build", s.Build.Phase, "process", s.Process.Phase)
}
