package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hotdev/hotdev/internal/editors"
)

// save writes a file the way an editor does: save HOW FILE SOURCE.
func save(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: save HOW FILE SOURCE")
	}
	text, err := os.ReadFile(ts.MkAbs(args[2]))
	ts.Check(err)
	ts.Check(editors.Save(args[0], ts.MkAbs(args[1]), text))
}
