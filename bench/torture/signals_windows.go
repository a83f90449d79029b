package main

import (
	"context"
	"os"
)

// Windows has none of these signals.
var (
	stopSignal, goOnSignal os.Signal
	endings                []ending

	startInTerminal func(*arena, context.Context, string, options) (*loop, error)
)
