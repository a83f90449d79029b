package main

import (
	"context"
	"os"
)

// Windows has none of these.
var (
	stopSignal, goOnSignal os.Signal
	ends                   = map[string]ending{"SIGTERM": {name: "SIGTERM"}, "SIGHUP": {name: "SIGHUP"}}

	startInTerminal func(*arena, context.Context, string, options) (*loop, error)
)
