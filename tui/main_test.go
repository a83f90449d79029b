package tui

import (
	"os"
	"testing"

	"github.com/hotdev/hotdev/runner"
)

// printVariable has the test binary print a file and end: it is the program of
// tests that want a real one.
const printVariable = "HOTDEV_TEST_PRINT"

func TestMain(m *testing.M) {
	runner.Main()
	if file := os.Getenv(printVariable); file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			os.Exit(1)
		}
		os.Stdout.Write(data)
		os.Exit(0)
	}
	os.Exit(m.Run())
}
