package main

import (
	"bytes"
	"flag"
	"testing"
	"time"
)

var seed = flag.Uint64("torture.seed", 0, "replay the trials of this seed (0: a new one)")

// TestShort runs every trial in its short form.
func TestShort(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	for _, trial := range trials {
		t.Run(trial.name, func(t *testing.T) {
			var out bytes.Buffer
			err := run(t.Context(), &out, "", *seed, true, []string{trial.name})
			t.Log(out.String())
			if err != nil {
				t.Error(err)
			}
		})
	}
}
