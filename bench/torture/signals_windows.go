package main

import (
	"context"
	"os"
)

// Windows has none of these.
var (
	stopSignal, goOnSignal os.Signal
	endings                []ending

	startInTerminal func(*arena, context.Context, string, options) (*loop, error)
)
