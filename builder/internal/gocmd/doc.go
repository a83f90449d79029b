// Package gocmd runs the go command.
//
// It knows how to run a command as a tree of processes that dies as one, the settings
// of the go command, how the go command reads flags, and the environment that it needs.
// It does not know what a build is.
//
// # Theory of operation
//
// A [Command] runs to its end, with its own thread, and its output arrives line by
// line. When its context ends, the whole tree is killed, and is gone when Run returns.
// [Settings] run "go env" once for each folder and environment; an answer is valid
// until the file of "go env -w" changes, or until it is forgotten.
package gocmd

import "strings"

// IsPackage reports whether a line of text can only be the name of a package, as -v
// prints it.
func IsPackage(s string) bool {
	return s != "" && !strings.ContainsAny(s, " \t:\"'`(){}<>|,;=*?[]\\")
}
