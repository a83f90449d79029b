// Package gocmd runs the go command.
//
// It knows how to run a command as a tree of processes that dies as one, what
// the go command says of its settings, how it reads flags, and what hotdev has to
// tell it by the environment. It refuses to know what a build is.
//
// # Theory of operation
//
// A [Command] is run to its end, on a thread of its own, and its output arrives
// line by line. When its context ends, the whole tree is killed, and has gone
// when Run returns. [Settings] ask "go env" once for each folder and environment;
// an answer counts until the file of "go env -w" changes, or until it is forgotten.
package gocmd

import "strings"

// IsPackage reports whether a line of text can be nothing but the name of a
// package, as -v prints it.
func IsPackage(s string) bool {
	return s != "" && !strings.ContainsAny(s, " \t:\"'`(){}<>|,;=*?[]\\")
}
