package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var seed = flag.Uint64("torture.seed", 0, "replay the trials of this seed (0: a new one)")

// TestShort runs every trial in its short form.
func TestShort(t *testing.T) {
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	// The go commands that hotdev runs here have little memory, and would collect it
	// for a fifth of their time. A run of torture itself leaves that as it is.
	if os.Getenv("GOGC") == "" {
		t.Setenv("GOGC", "400")
	}
	hotdev := filepath.Join(t.TempDir(), "hotdev")
	if text, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", hotdev, "github.com/hotdev/hotdev/cmd/hotdev").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, trial := range trials {
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := run(t.Context(), &out, hotdev, *seed, true, time.Hour, []string{trial.name})
			t.Log(out.String())
			if err != nil {
				t.Error(err)
			}
		})
	}
}
